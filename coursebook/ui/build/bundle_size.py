"""Reduces the JavaScript of the first visit.

Reflex renders every element through Emotion, which turns a `css` property into a class at run
time. The kit has classes already, so a stub of a few lines replaces it: 21 KB of JavaScript less,
and no `<style>` in the body. Two features that these pages do not use are dropped: scripts sent by
the server, and the switch of colour mode.
"""

from pathlib import Path
from typing import Any

import reflex as rx

from coursebook.ui.reflex_compat import bundle
from coursebook.ui.reflex_compat.text_patches import (
    DOCUMENT_JS,
    ROOT_JSX,
    VITE_CONFIG,
    apply_all,
    is_development,
)

ELEMENT = "utils/light/element.js"
SOURCE = Path(__file__).parents[1] / "bundle_stubs" / "element.js"
EVERYWHERE = (
    r"node_modules[\\/](react|scheduler|@?socket\.io|engine\.io|lucide|mergician|cookie)",
    r"identity[\\/]shell[\\/](?!clerk_room)",
    r"[\\/]utils[\\/]",
    r"env\.json",
)
"""The modules of every page. Code that is loaded later, such as Clerk's form, stays separate."""
LIGHTER = (bundle.alias(bundle.EMOTION, ELEMENT), bundle.chunk("base", "|".join(EVERYWHERE)))


class LightPages(rx.plugins.Plugin):
    """Makes the bundle smaller. Reflex's own development mode is not changed."""

    def pre_compile(self, **context: Any) -> None:
        """Write the stub of Emotion and configure Vite to use it."""
        if is_development():
            return
        context["add_save_task"](lambda: (ELEMENT, SOURCE.read_text(encoding="utf-8")))
        context["add_modify_task"](VITE_CONFIG, lighter)
        context["add_modify_task"](ROOT_JSX, bundle.WITHOUT_WHOLE_MODULES.apply)
        context["add_modify_task"](DOCUMENT_JS, bundle.WITHOUT_COLOUR_SCRIPT.apply)


def lighter(text: str) -> str:
    """Return Vite's config without Emotion, and with all shared modules in one file.

    Five files with the same packages are 4 KB larger and need five requests.
    """
    return apply_all(LIGHTER, text)
