"""Keeps what only the console needs out of the first load of every other page.

Tailwind makes one style sheet of all classes, and every icon goes into the file of all pages. Here
the main sheet leaves the pages of the console out. They have a second one with the classes of all
pages, so that the order within it is that of Tailwind; the module with their texts imports it. The
icons that only they show stay in their own files, and so do the initial values of their states. The
list of routes with those of the console comes with its pages only.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reflex as rx

from coursebook.ui.i18n.page_texts import MANAGE_PATH
from coursebook.ui.reflex_compat import late_states, route_manifest
from coursebook.ui.reflex_compat.bundle import TAILWIND_CSS, TAILWIND_SOURCES
from coursebook.ui.reflex_compat.component_tree import imports_of, page_file
from coursebook.ui.reflex_compat.text_patches import CONTEXT_JSX, apply_all, is_development

if TYPE_CHECKING:
    from coursebook.ui.page import Page, Site

SHEET = "manage/console.css"
"""The style sheet of the console; `manage/words.js` imports it."""
STATES = "manage/states.js"
"""The initial values of the states of the console; `manage/words.js` imports it."""
STATES_PACKAGE = "coursebook.ui.states.manage"
COMPONENTS = "../app_components/coursebook/ui/pages/manage"
_SHEET = """\
@layer theme, base, components, utilities;
@import "tailwindcss/theme.css" layer(theme);
@import "tailwindcss/utilities.css" layer(utilities);
@config "../tailwind.config.js";
"""
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", re.DOTALL)
_ICON = re.compile(r"/icons/([\w-]+)\.mjs$")


imports_by_route: dict[str, dict[str, list[str]]] = {}
"""The JavaScript modules of each page, once they are read."""


class ConsoleApart(rx.plugins.Plugin):
    """Writes the files of the console. Reflex's own development mode has one for all pages."""

    def pre_compile(self, **context: Any) -> None:
        """Write sheet and states of the console, and leave them out of the files of all pages."""
        context["add_save_task"](lambda: (SHEET, dark_rule() if is_development() else sheet()))
        context["add_save_task"](lambda: (STATES, "" if is_development() else _states()))
        if not is_development():
            context["add_save_task"](
                lambda: (late_states.SCRIPT, late_states.script(STATES_PACKAGE))
            )
            context["add_modify_task"](TAILWIND_CSS, without_console)
            context["add_modify_task"](CONTEXT_JSX, without_states)

    def post_build(self, **context: Any) -> None:
        """Keep the routes of the console out of the list that every page loads."""
        route_manifest.keep_console_apart(context["static_dir"])


def sheet() -> str:
    """Return the style sheet of the console, before Tailwind."""
    return _SHEET + dark_rule()


def dark_rule() -> str:
    """Return the dark tokens of our theme for a part that is dark on any device (a preview)."""
    match = _DARK.search(Path("assets", "theme.css").read_text(encoding="utf-8"))
    assert match is not None, "our theme has dark colours"
    return f'[data-scheme="dark"] {{ color-scheme: dark;{match[1]}}}\n'


def without_states(text: str) -> str:
    """Return Reflex's context without the states of the console. Raises BrokenSeamError."""
    text = late_states.without_states(text, STATES_PACKAGE)
    return apply_all(late_states.CONTEXT_PATCHES, text)


def _states() -> str:
    from coursebook.ui.pages import SITE  # noqa: PLC0415 - rxconfig.py is read first

    assert SITE.states, "all states are defined"
    return late_states.module(STATES_PACKAGE)


def without_console(text: str) -> str:
    """Return Tailwind's entry without the pages of the console. Raises BrokenSeamError."""
    from coursebook.ui.pages import SITE  # noqa: PLC0415 - rxconfig.py is read first

    files = [f"../app/routes/{_pattern(page)}" for page in console_pages(SITE)]
    lines = [f'@source not "{path}";\n' for path in (*files, COMPONENTS)]
    return TAILWIND_SOURCES.apply(text) + "".join(lines)


def _pattern(page: "Page") -> str:
    """Return a pattern for the file of a page. Tailwind matches no brackets, only stars.

    It matches the files of other pages below the same address too: all of them are the console's.
    """
    return re.sub(r"[\[\].$]+", "*", page_file(page.route).removesuffix(".jsx")) + ".jsx"


def console_pages(site: "Site") -> "list[Page]":
    """Return the pages with the frame of the console, which are those that load its texts."""
    return [page for page in _ours(site) if MANAGE_PATH in _imports(page)]


def console_icons(site: "Site") -> frozenset[str]:
    """Return the names of the icons that no page of students shows."""
    console = {page.route for page in console_pages(site)}
    shown = [_icons(page) for page in _ours(site) if page.route not in console]
    return frozenset().union(*map(_icons, console_pages(site))).difference(*shown)


def _ours(site: "Site") -> "list[Page]":
    return [page for page in site.pages if page.drawing is None]


def _icons(page: "Page") -> frozenset[str]:
    paths = [path for paths in _imports(page).values() for path in paths]
    return frozenset(match[1] for path in paths if (match := _ICON.search(path)))


def _imports(page: "Page") -> dict[str, list[str]]:
    if page.route not in imports_by_route:
        imports_by_route[page.route] = imports_of(page.build())
    return imports_by_route[page.route]
