"""What the build needs so that its pages can be drawn on a server, with another state each time.

Three changes to what Reflex generates. The server's copy of the pages takes its state from the
request; the browser's copy begins with the state that came with the page, so that both draw the
same; and the server's copy is one file that needs no npm packages beside it.
"""

from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base import constants
from reflex_base.environment import environment

from coursebook.ui.build.same_origin import replace_once

ENTRY = "app/entry.server.jsx"
CONTEXT = "utils/context.jsx"
VITE = "vite.config.js"
HERE = Path(__file__).parents[1] / "ssr"

SERVER_ANCHOR = "const serverStateStore = {\n"
SERVER_STATE = """\
function stateOfRequest(name) {
  const request = globalThis.__coursebookStates?.getStore();
  if (!request || !Object.hasOwn(request.state, name)) return initialState[name];
  if (!request.merged.has(name)) {
    request.merged.set(name, { ...initialState[name], ...request.state[name] });
  }
  return request.merged.get(name);
}

const serverStateStore = {
"""
SNAPSHOT_ANCHOR = "  getSnapshot: (substateName) => initialState[substateName],\n"
SNAPSHOT = "  getSnapshot: stateOfRequest,\n"
BROWSER_ANCHOR = "export const initialStateHashes"
BROWSER_STATE = """\
if (typeof document !== "undefined") {
  const told = document.getElementById("coursebook-state");
  for (const [name, value] of Object.entries(told ? JSON.parse(told.textContent) : {})) {
    if (initialState[name]) initialState[name] = { ...initialState[name], ...value };
  }
}
export const initialStateHashes"""
VITE_ANCHOR = "  build: {\n"
ONE_FILE = "  ssr: { noExternal: true },\n  build: {\n"


class ServerRendering(rx.plugins.Plugin):
    """Makes the build fit for `server.mjs`. Reflex's own development mode stays as it is."""

    def pre_compile(self, **context: Any) -> None:
        """Bring our entry, and change the two generated files."""
        if environment.REFLEX_ENV_MODE.get() == constants.Env.DEV:
            return
        context["add_save_task"](lambda: (ENTRY, (HERE / "entry.server.jsx").read_text()))
        context["add_modify_task"](CONTEXT, with_state_of_request)
        context["add_modify_task"](VITE, as_one_file)


def with_state_of_request(text: str) -> str:
    """Return `context.jsx` with the state of the request, or of the page that came with it."""
    text = replace_once(text, SNAPSHOT_ANCHOR, SNAPSHOT)
    text = replace_once(text, SERVER_ANCHOR, SERVER_STATE)
    return replace_once(text, BROWSER_ANCHOR, BROWSER_STATE)


def as_one_file(text: str) -> str:
    """Return Vite's settings with every package bundled into the server's copy."""
    return replace_once(text, VITE_ANCHOR, ONE_FILE)
