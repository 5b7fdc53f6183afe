"""What is in the component of a page, and where each part of it was written."""

# ruff: noqa: SLF001 - Reflex offers no public way to look through components

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import reflex as rx
from reflex.compiler.utils import get_page_path
from reflex_base.components.component import BaseComponent, Component
from reflex_base.utils.format import format_route
from reflex_components_core.base.bare import Bare
from reflex_components_core.core.upload import Upload
from reflex_components_radix.plugin import RADIX_THEMES_STYLESHEET, RadixThemesPlugin
from reflex_components_radix.themes.base import RadixThemesComponent
from reflex_components_sonner.toast import Toaster, toast_ref

from coursebook.ui.reflex_compat.seams import Seam, has_all, require

__all__ = [
    "RADIX_THEMES_STYLESHEET",
    "RadixThemesPlugin",
    "changes_colours",
    "every_component",
    "has_styles",
    "imports_of",
    "is_evaluated",
    "is_radix",
    "library_of",
    "page_file",
    "recording_places",
    "takes_files",
    "with_toaster",
    "wraps_of",
]

PROVIDERS = ("StateProvider", "EventLoopProvider")
"""The wraps of every page with a state, which stay around the whole application."""
_EVALUATE = "evalReactComponent"
_INNER = ("reflex", "coursebook.", "functools", "contextlib")
Places = dict[int, tuple[str, int]]
"""File and line where a component was made, by its id."""


@contextmanager
def recording_places() -> Iterator[Places]:
    """Record, for each component created during the block, the extension line that created it."""
    places: Places = {}
    initialize = Component._post_init

    def recording(self: Component, *args: Any, **props: Any) -> None:
        places[id(self)] = _place()
        initialize(self, *args, **props)

    Component._post_init = recording  # type: ignore[method-assign]
    try:
        yield places
    finally:
        Component._post_init = initialize  # type: ignore[method-assign]


def _place() -> tuple[str, int]:
    frame: FrameType | None = sys._getframe(2)  # unlike `inspect`, this reads no sources
    while frame and str(frame.f_globals.get("__name__", "")).startswith(_INNER):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)


def every_component(root: BaseComponent) -> Iterator[Component]:
    """Yield a component and all below it, also those in its props and in the body of a memo."""
    pending, seen = [root], set[int]()
    while pending:
        component = pending.pop()
        if id(component) in seen:
            continue
        seen.add(id(component))
        if isinstance(component, Component):
            yield component
            pending += [*_more(component), *component._get_components_in_props()]
        pending += component.children


def _more(component: Component) -> list[BaseComponent]:
    if isinstance(component, Bare) and isinstance(component.contents, rx.Var):
        data = component.contents._get_all_var_data()
        return list(data.components) if data else []
    memo = getattr(component, "_memo_definition", None)
    return [memo.component] if memo is not None else []


def has_styles(component: Component) -> bool:
    """Tell whether a component has a style that becomes a class in the browser only."""
    return bool(component.style) or bool(component._add_style())


def is_radix(component: Component) -> bool:
    """Tell whether a component is one of Radix Themes."""
    return isinstance(component, RadixThemesComponent)


def takes_files(component: Component) -> bool:
    """Tell whether a component sends files through Reflex's own address for them."""
    return isinstance(component, Upload)


def is_evaluated(component: Component) -> bool:
    """Tell whether a component comes from the server as text, to be evaluated in the browser."""
    return any(
        _EVALUATE in str(variable.tag)
        for variables in component._get_imports().values()
        for variable in variables
    )


def changes_colours(component: Component) -> bool:
    """Tell whether a component switches between light and dark."""
    return any("ColorMode" in str(trigger) for trigger in component.event_triggers.values())


def with_toaster(root: Component) -> Component:
    """Return a page with the place that shows toasts, if a click on it shows one.

    Unchanged if the page has that place already.
    """
    components = list(every_component(root))
    if any(isinstance(component, Toaster) for component in components):
        return root
    triggers = [trigger for one in components for trigger in one.event_triggers.values()]
    has_toast = any(str(toast_ref) in str(trigger) for trigger in triggers)
    return rx.fragment(root, Toaster.create()) if has_toast else root


def library_of(component: Component) -> str:
    """Return the npm package of a component without its version, "" for one of Reflex."""
    library = component.library or ""
    if library.startswith(("$/", "/")):
        return ""
    name, at, _version = library.rpartition("@")
    return name if at and name else library


def wraps_of(root: Component) -> dict[tuple[int, str], Component]:
    """Return the components that Reflex would put around the application for this one."""
    wraps = root._get_all_app_wrap_components()
    return {key: wrap for key, wrap in wraps.items() if key[1] not in PROVIDERS}


def page_file(route: str) -> str:
    """Return the name of the JavaScript file that Reflex makes of a page."""
    return Path(get_page_path(format_route(route))).name


def imports_of(component: rx.Component) -> dict[str, list[str]]:
    """Return the JavaScript modules that a component imports, each with its paths within it."""
    return {
        module: [variable.package_path for variable in variables]
        for module, variables in component._get_all_imports().items()
    }


SEAMS = (
    Seam(
        "the initialization of a component",
        "a component that cannot work is named with its line",
        lambda: has_all(Component, "_post_init"),
    ),
    Seam(
        "the parts of a component",
        "pages with styles of their own are recognized",
        lambda: has_all(
            Component, *("_get_components_in_props", "_add_style", "_get_all_app_wrap_components")
        ),
    ),
    Seam(
        "the place that shows toasts",
        "a page with a toast gets it",
        lambda: bool(str(toast_ref)) and issubclass(Toaster, Component),
    ),
    Seam(
        "the plugin of Radix Themes",
        "Radix is loaded by the pages that use it and by no other",
        lambda: has_all(
            RadixThemesPlugin, *("enter_component", "compile_page", "get_stylesheet_paths")
        ),
    ),
)
require(SEAMS)
