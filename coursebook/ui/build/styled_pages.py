"""Loads Emotion and Radix for the pages of extensions that need them, and for no other.

Reflex would load Radix's style sheet and its theme with every page as soon as one has a component
of it. Our own pages would be 82 KB heavier.
"""

import re
from typing import TYPE_CHECKING, Any

from coursebook.extensions.loader import PACKAGE
from coursebook.ui.components.styled_pages import RADIX_STYLES
from coursebook.ui.reflex_compat.component_tree import (
    RADIX_THEMES_STYLESHEET,
    RadixThemesPlugin,
    page_file,
)

if TYPE_CHECKING:
    from coursebook.ui.page import Site

STYLES = f"""\
@layer theme, base, components, utilities;
@import "{RADIX_THEMES_STYLESHEET}" layer(components);
.radix-themes {{
  --default-font-family: var(--font-text);
}}
.radix-themes[data-accent-color="gray"] {{
  --accent-3: var(--accent-soft);
  --accent-a3: var(--accent-soft);
  --accent-9: var(--accent);
  --accent-10: var(--accent-strong);
  --accent-11: var(--accent);
  --accent-a11: var(--accent);
  --accent-12: var(--ink);
  --accent-contrast: var(--on-accent);
  color: var(--ink);
}}
"""
"""Radix in the order of Tailwind's layers, with the school's font and accent."""


class StyledPages(RadixThemesPlugin):
    """Takes the place of Reflex's plugin, which works for the whole application."""

    def __init__(self) -> None:
        """Disable the plugin that this one is made of."""
        super().__init__(theme=None, enabled=False)

    def enter_component(self, *_arguments: Any, **_more: Any) -> None:
        """Leave the application as it is, whatever a page has."""

    def compile_page(self, page_ctx: Any, /, **_more: Any) -> None:
        """Remove what stands around this page already (`Drawing.placed`) from all others."""
        from coursebook.ui.pages import SITE  # noqa: PLC0415 - rxconfig.py is read first

        for page in SITE.pages:
            if page.drawing and page_file(page.route) == page_file(page_ctx.route):
                for key in page.drawing.wraps:
                    page_ctx.app_wrap_components.pop(key, None)

    def pre_compile(self, **context: Any) -> None:
        """Write the style sheet of the pages with Radix."""
        context["add_save_task"](lambda: (RADIX_STYLES.removeprefix("$/"), STYLES))


def styled_files(site: "Site") -> str:
    """Return a regular expression for the modules of styled pages; "" if there are none.

    These are the file that Reflex makes of each, the parts that it makes of pages of the same
    extension, and npm packages.
    """
    styled = [page for page in site.pages if page.drawing and page.drawing.styled]
    if not styled:
        return ""
    files = [rf"routes[\\/]{re.escape(page_file(page.route))}" for page in styled]
    parts = {rf"app_components[\\/]{_folder(page.build.__module__)}[\\/.]" for page in styled}
    return "|".join(["node_modules", *files, *sorted(parts)])


def _folder(module: str) -> str:
    """Return the folder of an extension's parts, as a regular expression."""
    names = module.split(".")
    return r"[\\/]".join(names[: 2 if names[0] == PACKAGE else 1])
