"""Ordinary Reflex on the pages of extensions: what such a page needs beyond ours.

Our own pages have classes only. Components of Radix and other packages, and inline styles, need
Emotion and style elements. Here a page is looked through when it is built, and is given what it
needs: it alone.
"""

import importlib
import traceback
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import reflex as rx

from coursebook.ui.reflex_compat import component_tree
from coursebook.ui.reflex_compat.component_tree import Places

GRID = "@glideapps/glide-data-grid"
RADIX_STYLES = "$/styles/radix.css"
COLOURS_FIRST = (
    "document.documentElement.classList.add("
    'matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light")'
)
"""Chooses Radix's colours before the first paint. Its hash is in the policy, as of every script."""
PLAIN_LIBRARIES = ("", "react", "react-router", "lucide-react", "react-helmet")
"""The packages of our own pages. None of them makes styles in the browser."""
NO_FILES = ("the product takes no files from a browser", "link to a place that does instead")
NO_SWITCH = ("pages have the colours that a visitor's system is set to", "leave it out")
"""Why something cannot work, and the way out."""
FROM_ELSEWHERE = ("no script of another site may run", "name its npm package instead")
EVALUATED = (
    "the policy forbids scripts to evaluate text",
    "choose between components with rx.cond or rx.match",
)


class CannotWorkError(Exception):
    """A page cannot be built. The message is one sentence with file, line and the way out."""


@dataclass(frozen=True)
class Drawing:
    """The component of a page, and what is in it.

    `styled` names the components that need more than our own pages, `libraries` the npm packages.
    """

    component: rx.Component
    styled: tuple[str, ...]
    libraries: frozenset[str]
    has_radix: bool

    @cached_property
    def wraps(self) -> dict[tuple[int, str], rx.Component]:
        """The components that belong around this page, and not around the application."""
        return component_tree.wraps_of(self.component)

    @cached_property
    def placed(self) -> rx.Component:
        """The component with what it needs around it."""
        whole = self.component
        if self.has_radix:
            whole = rx.theme(whole, has_background=False, accent_color="gray")
        for (priority, _name), wrap in sorted(self.wraps.items(), key=lambda item: item[0]):
            if priority < 0:  # an empty element that others draw into
                whole = rx.fragment(whole, wrap)
            else:
                outer = copy(wrap)
                outer.children = [*wrap.children, whole]
                whole = outer
        if GRID in self.libraries:
            whole = rx.fragment(GridPackages.create(), whole)
        if self.has_radix:
            whole = rx.fragment(RadixStyles.create(), rx.el.script(COLOURS_FIRST), whole)
        return whole


class RadixStyles(rx.Fragment):
    """Loads the style sheet of Radix Themes with the page that has this component."""

    def add_imports(self) -> dict[str, str]:
        """Return the import of the style sheet."""
        return {"": RADIX_STYLES}


class GridPackages(rx.Fragment):
    """Installs what the data grid imports and Reflex does not name; npm skips such peers."""

    lib_dependencies: list[str] = ["marked@4.3.0"]


def is_ours(build: Callable[[], rx.Component]) -> bool:
    """Tell whether a page is one of the product's own."""
    return build.__module__.partition(".")[0] == "coursebook"


def draw(build: Callable[[], rx.Component], route: str) -> Drawing:
    """Build the page of an extension. Raises CannotWorkError."""
    with component_tree.recording_places() as places:
        try:
            component = build()
        except Exception as error:
            text = str(error).strip().rstrip(".") or type(error).__name__
            line = " ".join(text.split()).partition(". ")[0]
            raise CannotWorkError(
                f"{_place_of_error(error, build)}: the page {route} cannot be built: {line}."
            ) from error
    if not isinstance(component, rx.Component):
        raise CannotWorkError(
            f"{_shown(*_start_of(build))}: the page {route} must return one component, and returns "
            f"{type(component).__name__}; put several into rx.fragment(…)."
        )
    styled: set[str] = set()
    component = component_tree.with_toaster(component)
    parts = list(component_tree.every_component(component))
    for part in parts:
        _refuse(part, places, route, build)
        if component_tree.is_radix(part) or component_tree.library_of(part) not in PLAIN_LIBRARIES:
            styled.add(type(part).__name__)
        elif component_tree.has_styles(part):
            styled.add(f"{_tag(part)} with {_properties(part)}")
    return Drawing(
        component,
        styled=tuple(sorted(styled)),
        libraries=frozenset(component_tree.library_of(part) for part in parts),
        has_radix=any(component_tree.is_radix(part) for part in parts),
    )


def _refuse(
    part: rx.Component, places: Places, route: str, build: Callable[[], rx.Component]
) -> None:
    """Raise CannotWorkError for a component that no page can show."""
    reason = _reason_against(part)
    if reason:
        place = _shown(*places.get(id(part)) or _start_of(build))
        why, way_out = reason
        raise CannotWorkError(
            f"{place}: {_name(part)} cannot work on the page {route}, since {why}; {way_out}."
        )


def _reason_against(part: rx.Component) -> tuple[str, str] | None:
    if component_tree.takes_files(part):
        return NO_FILES
    if component_tree.changes_colours(part):
        return NO_SWITCH
    if component_tree.library_of(part).startswith(("http:", "https:")):
        return FROM_ELSEWHERE
    return EVALUATED if component_tree.is_evaluated(part) else None


def _name(part: rx.Component) -> str:
    name = type(part).__name__
    return "a component in a state" if name == "Bare" else name


def _tag(part: rx.Component) -> str:
    return str(part.tag or type(part).__name__).strip('"')


def _properties(part: rx.Component) -> str:
    return ", ".join(sorted(str(name) for name in part.style)) or "styles"


def _place_of_error(error: Exception, build: Callable[[], rx.Component]) -> str:
    """Return the last line of the extension that led to an error."""
    folder = Path(_start_of(build)[0]).parent
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    return _shown(own[-1].filename, own[-1].lineno or 0) if own else _shown(*_start_of(build))


def _start_of(build: Callable[[], rx.Component]) -> tuple[str, int]:
    code = getattr(build, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno
    return str(importlib.import_module(build.__module__).__file__), 1


def _shown(file: str, line: int) -> str:
    path, here = Path(file), Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}, line {line}"
