"""What the build leaves out, so that a first visit is lighter.

Reflex draws every element through Emotion, which turns a `css` property into a class at run
time. The kit has classes already, so a few lines take its place: 21 KB of JavaScript less, no
`<style>` in the middle of a page, and an element costs what React itself takes for it. Other parts
are for what these pages do not do: scripts that the server sends, a switch for the colours.
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
"""The modules that every page has. What comes later, such as Clerk's form, stays by itself."""
LIGHTER = (bundle.alias(bundle.EMOTION, ELEMENT), bundle.chunk("base", "|".join(EVERYWHERE)))


class LightPages(rx.plugins.Plugin):
    """Makes the build lighter. Reflex's own development mode stays as it is."""

    def pre_compile(self, **context: Any) -> None:
        """Bring what stands in for Emotion, and tell Vite of it."""
        if is_development():
            return
        context["add_save_task"](lambda: (ELEMENT, SOURCE.read_text(encoding="utf-8")))
        context["add_modify_task"](VITE_CONFIG, lighter)
        context["add_modify_task"](ROOT_JSX, bundle.WITHOUT_WHOLE_MODULES.apply)
        context["add_modify_task"](DOCUMENT_JS, bundle.WITHOUT_COLOUR_SCRIPT.apply)


def lighter(text: str) -> str:
    """Return Vite's settings without Emotion, and with all that pages share in one file.

    Five files of the same packages are 4 KB more, and five requests.
    """
    return apply_all(LIGHTER, text)
