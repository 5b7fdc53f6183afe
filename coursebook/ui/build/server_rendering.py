"""What the build needs so that its pages can be drawn on a server, with another state each time.

The server's copy of the pages takes its state from the request; the browser's copy begins with the
state that came with the page, so that both draw the same; and the server's copy is one file that
needs no npm packages beside it.
"""

from pathlib import Path
from typing import Any

import reflex as rx

from coursebook.ui.reflex_compat.server_rendering import ONE_FILE, STATE_PATCHES
from coursebook.ui.reflex_compat.text_patches import (
    CONTEXT_JSX,
    ENTRY_SERVER,
    VITE_CONFIG,
    apply_all,
    is_development,
)

ENTRY = Path(__file__).parents[1] / "ssr" / "entry.server.jsx"


class ServerRendering(rx.plugins.Plugin):
    """Makes the build fit for `server.mjs`. Reflex's own development mode stays as it is."""

    def pre_compile(self, **context: Any) -> None:
        """Bring our entry, and change the two generated files."""
        if is_development():
            return
        context["add_save_task"](lambda: (ENTRY_SERVER, ENTRY.read_text(encoding="utf-8")))
        context["add_modify_task"](CONTEXT_JSX, with_state_of_request)
        context["add_modify_task"](VITE_CONFIG, ONE_FILE.apply)


def with_state_of_request(text: str) -> str:
    """Return `context.jsx` with the state of the request, or of the page that came with it."""
    return apply_all(STATE_PATCHES, text)
