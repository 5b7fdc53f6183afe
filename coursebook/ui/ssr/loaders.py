"""Loads a page for an anonymous visitor: its state, its HTTP status, its structured data.

The loader is the page's own `page_opened`, run on a temporary tree of states. So the server renders
the same content as the browser would load, and the browser's own load changes nothing. It reads
through the services, without cookies or tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote

import reflex as rx

from coursebook.services.views import CourseView
from coursebook.ui import validation
from coursebook.ui.i18n import ENGLISH
from coursebook.ui.presenters.catalog_filters import filters_of
from coursebook.ui.reflex_compat import state_tree
from coursebook.ui.ssr.head import catalog_head, course_head
from coursebook.ui.ssr_recording import recording
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.wiring import services

MAX_QUERY_LENGTH = 1000
STATUS = {"missing": 404, "error": 503}
"""The HTTP status of a view state; 200 for all others."""
CATALOGS = ("/", "/courses")
NO_COURSE = "-"

State = state_tree.Plain


@dataclass(frozen=True)
class PageRequest:
    """A page to render: its path without a trailing slash, and its valid filters."""

    path: str
    query: str = ""
    language: str = ENGLISH

    @property
    def url(self) -> str:
        """The address as the browser writes it."""
        path = quote(self.path)
        return f"{path}?{self.query}" if self.query else path

    @property
    def is_search(self) -> bool:
        """Tell whether it is a full-text search, which costs more than a list."""
        return "q" in dict(parse_qsl(self.query))

    @property
    def key(self) -> str:
        """The key of the page in the cache."""
        return f"{self.language} {self.url}"

    @property
    def slug(self) -> str:
        """The course that the path names, or ""."""
        return "" if self.path in CATALOGS else self.path.removeprefix("/courses/")


@dataclass(frozen=True)
class Loaded:
    """A loaded page. `status` is 200, 404, or 503 after an error; `head` are tags to add.

    `state` has the values that differ from a fresh state; `courses` are the ids of the courses
    that it shows.
    """

    status: int
    state: State
    head: str
    courses: tuple[str, ...] = ()


def page_request(path: str, query: str, language: str = ENGLISH) -> PageRequest | None:
    """Return the page of an address, or None when the server does not render it."""
    path = path.rstrip("/") or "/"
    if path in CATALOGS:
        filters, _ = filters_of(dict(parse_qsl(query[: MAX_QUERY_LENGTH + 1])))
        return (
            PageRequest(path, filters.query, language) if len(query) <= MAX_QUERY_LENGTH else None
        )
    parent, _, slug = path.rpartition("/")
    if parent != "/courses" or not slug:
        return None
    # An invalid slug gets the page of a missing course.
    name = slug if validation.identifier(slug) else NO_COURSE
    return PageRequest(f"{parent}/{name}", language=language)


async def load(app: rx.App, request: PageRequest) -> Loaded:
    """Return the page with its current content. Raises the errors of the services."""
    with app.set_contexts(), recording() as course_views:
        root = _tree(request)
        kind = CourseState if request.slug else CatalogState
        page: Any = await root.get_state(kind)
        handler: Any = kind.page_opened
        await handler.fn(page)
        changed = _difference(await state_tree.values(root), _fresh())
        head = _data(request, course_views, services().settings.public_url)
        courses = tuple(row.id for row in (page.courses if kind is CatalogState else [page.course]))
    return Loaded(STATUS.get(page.view_state, 200), changed, head, courses)


def _data(request: PageRequest, courses: Sequence[CourseView], public_url: str) -> str:
    if not request.slug:
        return catalog_head(courses, public_url)
    return course_head(courses[0], public_url) if courses else ""


def _tree(request: PageRequest) -> rx.State:
    """Return a fresh tree of states at the address of a page."""
    root = state_tree.new_tree()
    query = dict(parse_qsl(request.query))
    if request.slug:
        query["slug"] = request.slug
    route = "/courses/[slug]" if request.slug else request.path
    address = {
        state_tree.PATH: route,
        state_tree.FULL_PATH: request.url,
        state_tree.QUERY: query,
        state_tree.HEADERS: {"accept-language": request.language},
    }
    state_tree.put_address(root, address)
    return root


@cache
def _fresh() -> State:
    """Return the initial values of a tree. They are the same for every page."""
    return state_tree.initial_values(_tree(PageRequest("/")))


def _difference(now: Mapping[str, dict[str, Any]], fresh: Mapping[str, dict[str, Any]]) -> State:
    """Return the changed values, without the router: the browser knows its own address."""
    changed: State = {}
    for name, values in now.items():
        initial = fresh.get(name, {})
        other = {
            key: value
            for key, value in values.items()
            if not state_tree.is_router_var(key) and initial.get(key) != value
        }
        if other:
            changed[name] = other
    return changed
