"""Reduces the JavaScript of the first visit.

Reflex renders every element through Emotion, which turns a `css` property into a class at run
time. The kit has classes already, so a stub of a few lines replaces it: 21 KB of JavaScript less,
and no `<style>` in the body. Pages of extensions that need Emotion keep it. Two features that no
page uses are dropped: scripts sent by the server, and the switch of colour mode. One hash stands
for the hashes of all states.
"""

from pathlib import Path
from typing import Any

import reflex as rx

from coursebook.ui.build.console import console_icons
from coursebook.ui.build.styled_pages import styled_files
from coursebook.ui.reflex_compat import bundle, initial_hashes
from coursebook.ui.reflex_compat.text_patches import (
    CONTEXT_JSX,
    DOCUMENT_JS,
    ROOT_JSX,
    VITE_CONFIG,
    apply_all,
    is_development,
)

ELEMENT = "utils/light/element.js"
SOURCE = Path(__file__).parents[1] / "bundle_stubs" / "element.js"
EVERYWHERE = (
    r"node_modules[\\/]react(-(dom|router|helmet|side-effect|fast-compare|error-boundary))?[\\/]",
    r"node_modules[\\/](scheduler|@?socket\.io|engine\.io|lucide{console_icons}|mergician|cookie)",
    r"identity[\\/]shell[\\/](?!clerk_room|token_form|token_download)",
    r"^(?!.*node_modules).*[\\/]utils[\\/](?!helpers[\\/]dataeditor)",
    r"env\.json",
)
"""The modules of every page. Code that is loaded later, such as Clerk's form, stays separate."""
ELSEWHERE = r"(?!.*[\\/]icons[\\/](?:{names})\.)"
"""Leaves the icons out that only the console shows."""


class LightPages(rx.plugins.Plugin):
    """Makes the bundle smaller. Reflex's own development mode is not changed."""

    def pre_compile(self, **context: Any) -> None:
        """Write the stub of Emotion and configure Vite to use it."""
        if is_development():
            return
        context["add_save_task"](lambda: (ELEMENT, SOURCE.read_text(encoding="utf-8")))
        context["add_modify_task"](VITE_CONFIG, lighter_for_the_site)
        context["add_modify_task"](CONTEXT_JSX, initial_hashes.folded)
        context["add_modify_task"](ROOT_JSX, bundle.WITHOUT_WHOLE_MODULES.apply)
        context["add_modify_task"](DOCUMENT_JS, bundle.WITHOUT_COLOUR_SCRIPT.apply)


def lighter(text: str, with_emotion: str = "", console_icons: frozenset[str] = frozenset()) -> str:
    """Return Vite's config without Emotion, and with all shared modules in one file.

    `with_emotion` is a regular expression for the modules that need it, `console_icons` are names
    of icons that are not shared. Five files with the same packages are 4 KB larger and need five
    requests.
    """
    emotion = (
        bundle.alias_except(with_emotion, bundle.EMOTION, ELEMENT)
        if with_emotion
        else bundle.alias(bundle.EMOTION, ELEMENT)
    )
    apart = ELSEWHERE.format(names="|".join(sorted(console_icons))) if console_icons else ""
    modules = "|".join(EVERYWHERE).replace("{console_icons}", apart)
    return apply_all((emotion, bundle.chunk("base", modules)), text)


def lighter_for_the_site(text: str) -> str:
    """Return the `lighter` config for the pages of this program."""
    from coursebook.ui.pages import SITE  # noqa: PLC0415 - rxconfig.py is read first

    return lighter(text, styled_files(SITE), console_icons(SITE))
