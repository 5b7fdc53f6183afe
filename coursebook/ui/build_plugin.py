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
    """Makes the browser talk to the address it got the page from.

    Reflex bakes host and port into the build (reflex issue 5551), so a build would serve one
    address only. Reflex's own development mode keeps two ports and is left as it is.
    """

    def pre_compile(self, **context: Any) -> None:
        """Write the patched copy of Reflex's own `state.js` over the one in the web folder."""
        if environment.REFLEX_ENV_MODE.get() != constants.Env.DEV:
            context["add_save_task"](lambda: (STATE_JS, patched_state_js()))


def patched_state_js() -> str:
    """Return Reflex's `state.js` with the same-origin rule. Raises when the anchor has moved."""
    template = Path(constants.Templates.Dirs.WEB_TEMPLATE) / STATE_JS
    return replace_once(template.read_text(), ANCHOR, SAME_ORIGIN)


def replace_once(text: str, anchor: str, replacement: str) -> str:
    """Replace `anchor`, which must occur exactly once."""
    if text.count(anchor) != 1:
        raise RuntimeError(f"This Reflex version no longer has the line we patch: {anchor!r}")
    return text.replace(anchor, replacement)
