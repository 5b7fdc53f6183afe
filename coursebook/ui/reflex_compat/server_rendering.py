"""The changes to a build that allow rendering on a server with the state of each request.

The server's bundle takes its state from the request. The browser's bundle starts with the state in
the page, so that both render the same. `react_router.mjs` is the counterpart in Node.
"""

import json
from pathlib import Path

from coursebook.ui.reflex_compat.text_patches import CONTEXT_JSX, VITE_CONFIG, TextPatch

HERE = Path(__file__).parent
ROUTES = "utils/routes.js"
ROUTES_SOURCE = HERE / "routes.js"
"""Access of the pages to the routes of their build."""
STATES = "__coursebookStates"
"""The global that holds the state of the request in Node."""
CATALOGS = "__coursebookCatalogs"
"""The global in Node that holds the texts of the pages, when a school has other ones."""
STATE_ELEMENT = "coursebook-state"
"""The element of a rendered page with the state that it was rendered from."""
VERIFIED = {"react-router": "8.4.", "react": "19.3.", "socket.io-client": "4.8."}
"""Versions of npm packages whose internals we rely on; check our use again for another one."""

_SERVER_STORE = "const serverStateStore = {\n"
_STATE_OF_REQUEST = f"""\
function stateOfRequest(name) {{
  const request = globalThis.{STATES}?.getStore();
  if (!request || !Object.hasOwn(request.state, name)) return initialState[name];
  if (!request.merged.has(name)) {{
    request.merged.set(name, {{ ...initialState[name], ...request.state[name] }});
  }}
  return request.merged.get(name);
}}

{_SERVER_STORE}"""
_HASHES = "export const initialStateHashes"
_STATE_OF_PAGE = f"""\
if (typeof document !== "undefined") {{
  const element = document.getElementById("{STATE_ELEMENT}");
  for (const [name, value] of Object.entries(element ? JSON.parse(element.textContent) : {{}})) {{
    if (initialState[name]) initialState[name] = {{ ...initialState[name], ...value }};
  }}
}}
{_HASHES}"""
_BUILD = "  build: {\n"

STATE_PATCHES = (
    TextPatch(
        CONTEXT_JSX,
        "the server renders a page with the state of the request",
        "  getSnapshot: (substateName) => initialState[substateName],\n",
        "  getSnapshot: stateOfRequest,\n",
    ),
    TextPatch(
        CONTEXT_JSX,
        "the server renders a page with the state of the request",
        _SERVER_STORE,
        _STATE_OF_REQUEST,
    ),
    TextPatch(
        CONTEXT_JSX,
        "the browser starts with the state that its page was rendered from",
        _HASHES,
        _STATE_OF_PAGE,
    ),
)
ONE_FILE = TextPatch(
    VITE_CONFIG,
    "the server's bundle is one file without npm packages",
    _BUILD,
    f"  ssr: {{ noExternal: true }},\n{_BUILD}",
)
PATCHES = (*STATE_PATCHES, ONE_FILE)


def package_problems(lock: Path) -> list[str]:
    """Return a line for each npm package whose pinned version is not verified."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    pinned = {name: packages[f"node_modules/{name}"]["version"] for name in VERIFIED}
    return [
        f"{name} {pinned[name]} is pinned in {lock.parent.name}, verified is {version}x"
        for name, version in VERIFIED.items()
        if not pinned[name].startswith(version)
    ]
