"""Changes to the JavaScript that Reflex generates, each checked against the text it expects.

An upgrade of Reflex that moves an anchor stops the build with a sentence, rather than shipping
pages that cannot find their server.
"""

from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base import constants
from reflex_base.environment import environment

STATE_JS = "utils/state.js"
UI = Path(__file__).parents[1]
OURS = {
    "utils/place.js": UI / "current_page" / "place.js",
    "utils/line.js": UI / "connection_status" / "line.js",
}
"""Modules of ours that stand beside Reflex's script, which imports them."""
IMPORT_ANCHOR = 'import { uploadFiles } from "$/utils/helpers/upload";\n'
IMPORT = (
    IMPORT_ANCHOR
    + 'import { belongs, madeHere } from "$/utils/place.js";\n'
    + 'import { noteSent, sendAgain, watchLine } from "$/utils/line.js";\n'
)
MADE_ANCHOR = "  const normalized = normalizeEvents(events);\n"
MADE = "  const normalized = normalizeEvents(events).map(madeHere);\n"
APPLY_ANCHOR = "  // Handle special events\n"
APPLY = "  if (!belongs(event)) return; // coursebook: made on, or meant for, another page\n"
SOCKET_ANCHOR = "  socket.current.auth = bootAuth(true);\n"
SEND_ANCHOR = '    socket.emit("event", encodeFormDataArgs(routed_event));\n'
AGAIN_ANCHOR = "    // Drain any initial events from the queue.\n"
ANCHOR = "  const endpoint = new URL(url_str);\n"
SAME_ORIGIN = """\
  const endpoint = new URL(url_str);
  if (typeof window !== "undefined") {
    // coursebook: pages, API and socket share one address, whatever was known at build time
    const same = new URL(endpoint.pathname + endpoint.search, window.location.origin);
    if (endpoint.protocol.startsWith("ws")) {
      same.protocol = same.protocol === "https:" ? "wss:" : "ws:";
    }
    return same;
  }
"""


class SameOrigin(rx.plugins.Plugin):
    """Makes the browser talk to the address it got the page from, and keeps its events in order.

    Reflex bakes host and port into the build (reflex issue 5551), so a build would serve one
    address only. Reflex's own development mode keeps two ports and is left as it is.
    """

    def pre_compile(self, **context: Any) -> None:
        """Write the patched copy of Reflex's own `state.js` over the one in the web folder."""
        for name, source in OURS.items():
            context["add_save_task"](_copied, name, source)
        if environment.REFLEX_ENV_MODE.get() != constants.Env.DEV:
            context["add_save_task"](lambda: (STATE_JS, patched_state_js()))


def patched_state_js() -> str:
    """Return Reflex's `state.js` with our rules. Raises when an anchor has moved."""
    text = (Path(constants.Templates.Dirs.WEB_TEMPLATE) / STATE_JS).read_text()
    text = replace_once(text, ANCHOR, SAME_ORIGIN)
    text = replace_once(text, IMPORT_ANCHOR, IMPORT)
    text = replace_once(text, MADE_ANCHOR, MADE)
    text = replace_once(text, APPLY_ANCHOR, APPLY)
    text = replace_once(text, SOCKET_ANCHOR, SOCKET_ANCHOR + "  watchLine(socket.current);\n")
    text = replace_once(text, SEND_ANCHOR, "    noteSent(event);\n" + SEND_ANCHOR)
    return replace_once(
        text, AGAIN_ANCHOR, "    event_queue.push(...sendAgain());\n" + AGAIN_ANCHOR
    )


def _copied(name: str, source: Path) -> tuple[str, str]:
    return name, source.read_text(encoding="utf-8")


def replace_once(text: str, anchor: str, replacement: str) -> str:
    """Replace `anchor`, which must occur exactly once."""
    if text.count(anchor) != 1:
        raise RuntimeError(f"This Reflex version no longer has the line we patch: {anchor!r}")
    return text.replace(anchor, replacement)
