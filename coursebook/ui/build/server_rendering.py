"""Prepares the build for server rendering.

The server's bundle takes its state from the request. The browser's bundle starts from the state in
the page, so that both render the same. The server's bundle is one file without npm packages.
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
    """Prepares the build for `server.mjs`. Reflex's own development mode is not changed."""

    def pre_compile(self, **context: Any) -> None:
        """Write our server entry and patch the two generated files."""
        if is_development():
            return
        context["add_save_task"](lambda: (ENTRY_SERVER, ENTRY.read_text(encoding="utf-8")))
        context["add_modify_task"](CONTEXT_JSX, with_state_of_request)
        context["add_modify_task"](VITE_CONFIG, ONE_FILE.apply)


def with_state_of_request(text: str) -> str:
    """Return `context.jsx` with the state of the request, or in the browser that of the page."""
    return apply_all(STATE_PATCHES, text)
