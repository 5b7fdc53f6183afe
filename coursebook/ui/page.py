"""A page as one declaration, from which everything about the page follows.

Registration with its tags for link previews, the entry in the navigation, server rendering, the
reset of its state on load, `/sitemap.xml` and `/robots.txt`, the Content-Security-Policy and the
tests all read the declarations. `ui/pages` lists them; those of a school follow ours.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any

import reflex as rx

from coursebook.http_security.page_sources import OWN_SITE, PageSources
from coursebook.school.errors import report
from coursebook.ui import i18n, validation
from coursebook.ui.components.sharing import not_for_search, sharing
from coursebook.ui.components.styled_pages import CannotWorkError, Drawing, draw, is_ours
from coursebook.ui.kit.types import Text
from coursebook.ui.ssr_recording import Head
from coursebook.ui.states.session import SHARE_IMAGE, SessionState

Addresses = Callable[[int], Awaitable[Sequence[str]]]
"""Returns the paths of a page with parameters, at most as many as its argument."""
ReadQuery = Callable[[Mapping[str, str]], str]
"""Returns the valid part of a query, in a fixed order: the page is cached under it."""

UNKNOWN_ROUTE = "404"
"""The route of the page for unknown addresses."""
NO_VALUE = "-"
"""Stands for a parameter that cannot be an identifier. No row has it: the page says "missing"."""
_PARAMETER = re.compile(r"\[(\w+)\]")


class PageError(Exception):
    """A page is declared wrongly. The message is one sentence that names the route."""


def _no_query(_parameters: Mapping[str, str]) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page.

    `route`: `/teachers`, or with parameters `/teachers/[name]`. `build` returns the component.
    `title` is without the name of the school, which is added. `state` loads the page with its event
    handler `page_opened`; `on_load` names another handler. `nav` is the text of its entry in the
    navigation. A page that is not `is_public` is neither rendered on the server nor found by search
    engines.

    For public pages only: `read_query` returns the part of the query that the page depends on (none
    by default); `addresses` lists the paths of a page with parameters for search engines; `head`
    returns structured data.

    `sources` are the other sites that the page may use, such as a map. They are in the policy of
    this page only, so browsers reload on the way from and to any other page. The page of an
    extension may have any component of Reflex; inline styles are added to its policy when needed.
    Only a page that `uses_camera` may; browsers load it anew for the same reason.
    """

    route: str
    build: Callable[[], rx.Component]
    title: Text
    description: Text = i18n.CATALOG_DESCRIPTION
    state: type[SessionState] | None = None
    on_load: Any = None
    nav: Text | None = None
    is_public: bool = True
    read_query: ReadQuery = _no_query
    addresses: Addresses | None = None
    head: Head | None = None
    sources: PageSources = OWN_SITE
    uses_camera: bool = False

    def __post_init__(self) -> None:
        """Raise PageError for a route that cannot be one, and a state that does not load."""
        is_route = self.route == UNKNOWN_ROUTE or re.fullmatch(
            r"/|(/([\w-]+|\[[a-z_]\w*\]))+", self.route, re.ASCII
        )
        if not is_route:
            raise PageError(f"The route {self.route!r} is not of the form /name or /name/[key].")
        if self.state and not self.on_load and "page_opened" not in self.state.event_handlers:
            raise PageError(
                f"The page {self.route} has the state {self.state.__name__}, which has no event "
                "handler page_opened to load it."
            )
        if self.is_public and self.loads_with.is_background:
            raise PageError(
                f"{self.loads_with.fn.__qualname__} is a background event: it cannot load the "
                f"public page {self.route}, which is rendered on the server."
            )

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters in the route."""
        return tuple(_PARAMETER.findall(self.route))

    @property
    def reads_query(self) -> bool:
        """Tell whether the page depends on its query."""
        return self.read_query is not _no_query

    @property
    def prefix(self) -> str:
        """The part of the route before its first parameter: the whole route without any."""
        return self.route.partition("[")[0]

    @property
    def shell(self) -> str:
        """The file of the static page of a private page with parameters (`ssr/shells.mjs`)."""
        return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', self.route).strip('-')}.html"

    @property
    def pattern_in_browser(self) -> str:
        """A regular expression of JavaScript that matches the paths of this page."""
        return f"^{_PARAMETER.sub('[^/]+', self.route)}/?$"

    @property
    def sample(self) -> str:
        """An address of this page, with "x" for each parameter."""
        return _PARAMETER.sub("x", self.route)

    @property
    def loads_with(self) -> Any:
        """The event handler that loads the page, or None."""
        if self.on_load is not None or self.state is not None:
            return self.on_load or self.state.page_opened
        return SessionState.address_opened if self.is_public else None

    @property
    def whole_title(self) -> Text:
        """The title with the name of the school; on the first page the name comes first."""
        parts = (i18n.BRAND, self.title) if self.route == "/" else (self.title, i18n.BRAND)
        return f"{parts[0]} · {parts[1]}"

    def values_of(self, path: str) -> dict[str, str] | None:
        """Return the parameters in a path without a trailing slash; None for another page's path.

        A value that cannot be an identifier becomes `NO_VALUE`.
        """
        match = self._pattern.fullmatch(path)
        if match is None:
            return None
        return {
            name: value if validation.identifier(value) else NO_VALUE
            for name, value in match.groupdict().items()
        }

    def path_of(self, values: Mapping[str, str]) -> str:
        """Return the path with these values of the parameters."""
        return _PARAMETER.sub(lambda match: values[match[1]], self.route)

    @cached_property
    def drawing(self) -> Drawing | None:
        """What the page of an extension is made of; None for our own. Raises PageError."""
        if is_ours(self.build):
            return None
        try:
            return draw(self.build, self.route)
        except CannotWorkError as error:
            raise PageError(str(error)) from error

    @cached_property
    def all_sources(self) -> PageSources:
        """The sources with the inline styles that the components of the page need."""
        if self.drawing and self.drawing.styled:
            return replace(self.sources, inline_styles=True)
        return self.sources

    def add_to(self, app: rx.App) -> None:
        """Register the page with Reflex. Raises PageError."""
        title = self.whole_title
        app.add_page(
            self._build_placed(),
            route=self.route,
            title=title,
            description=self.description,
            image=SessionState.share_image if self.is_public else SHARE_IMAGE,
            meta=sharing(title, self.description) if self.is_public else not_for_search(),
            on_load=self.loads_with,
        )

    def _build_placed(self) -> Callable[[], rx.Component]:
        """Return `build`, or for an extension a function of the same module that adds its needs."""
        drawing = self.drawing
        if drawing is None:
            return self.build
        return wraps(self.build)(lambda: drawing.placed)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # A parameter matches any characters but the slash, also a line break.
        return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", self.route))


@dataclass(frozen=True)
class Site:
    """All pages. Reports a PageError when two have the same route."""

    pages: tuple[Page, ...]

    def __post_init__(self) -> None:
        """Compare the routes."""
        builders: dict[str, str] = {}
        for page in self.pages:
            builder = f"{page.build.__module__}.{page.build.__qualname__}"
            if page.route in builders:
                sentence = f"that of {builders[page.route]} and that of {builder}."
                report(PageError(f"Two pages have the route {page.route}: {sentence}"))
            builders[page.route] = builder

    @property
    def states(self) -> tuple[type[SessionState], ...]:
        """The states of the pages, each once."""
        return tuple(dict.fromkeys(page.state for page in self.pages if page.state))

    @property
    def with_camera(self) -> tuple[Page, ...]:
        """The pages that may use the camera."""
        return tuple(page for page in self.pages if page.uses_camera)

    @property
    def private_shells(self) -> tuple[Page, ...]:
        """The private pages with parameters: the build leaves them without content."""
        return tuple(p for p in self.pages if p.parameters and not p.is_public)

    @property
    def public_paths(self) -> tuple[str, ...]:
        """The paths of the public pages without parameters."""
        return tuple(p.route for p in self.pages if p.is_public and not p.parameters)

    @property
    def addresses(self) -> tuple[Addresses, ...]:
        """The functions that list the paths of the public pages with parameters."""
        return tuple(p.addresses for p in self.pages if p.is_public and p.addresses)

    @property
    def private_paths(self) -> tuple[str, ...]:
        """The paths that crawlers must skip; everything below each of them too."""
        return tuple(p.prefix for p in self.pages if not p.is_public and p.route != UNKNOWN_ROUTE)

    @cached_property
    def with_sources(self) -> tuple[Page, ...]:
        """The pages that use other sites or inline styles, and so have their own policy."""
        return tuple(page for page in self.pages if page.all_sources)

    def sources_of(self, path: str) -> PageSources:
        """Return what the page at a path may use beyond our own site."""
        path = path.rstrip("/") or "/"
        for is_public in (True, False) if self.with_sources else ():
            place = self.find(path, is_public=is_public)
            if place is not None:
                return place[0].all_sources
        return OWN_SITE

    def find(self, path: str, *, is_public: bool) -> tuple[Page, dict[str, str]] | None:
        """Return the page at a path without a trailing slash, and the values of its parameters.

        A page without parameters comes before one with parameters that matches too.
        """
        pages = [page for page in self.pages if page.is_public is is_public]
        for page in sorted(pages, key=lambda page: len(page.parameters)):
            values = page.values_of(path)
            if values is not None and page.route != UNKNOWN_ROUTE:
                return page, values
        return None
