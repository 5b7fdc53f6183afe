"""Loads a page for an anonymous visitor: its state, its HTTP status, its structured data.

The loader is the page's own event handler, such as `page_opened`, run on a temporary tree of
states. So the server renders the same content as the browser would load, and the browser's own load
changes nothing. It reads through the services, without cookies or tokens.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, quote

import reflex as rx

from coursebook import school
from coursebook.ui.i18n import ENGLISH
from coursebook.ui.page import Page
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat import state_tree
from coursebook.ui.ssr_recording import recording
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

MAX_QUERY_LENGTH = 1000
MOVED = 308
STATUS = {"missing": 404, "error": 503}
"""The HTTP status of a view state; 200 for all others."""

State = state_tree.Plain


@dataclass(frozen=True)
class PageRequest:
    """A page to render: its path without a trailing slash, and the valid part of its query."""

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

    @cached_property
    def page(self) -> Page:
        """The page at this path."""
        return self._place[0]

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters in the path."""
        return self._place[1]

    @cached_property
    def _place(self) -> tuple[Page, dict[str, str]]:
        place = SITE.find(self.path, is_public=True)
        assert place is not None, "made by page_request"
        return place


@dataclass(frozen=True)
class Loaded:
    """A loaded page. `status` is 200, 404, or 503 after an error; `head` are tags to add.

    `state` has the values that differ from a fresh state; `courses` are the ids of the courses
    that it shows. A page with another address now has the status 308 and its path in `moved_to`.
    `words` are the texts that differ from the built ones.
    """

    status: int
    state: State
    head: str
    courses: tuple[str, ...] = ()
    moved_to: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> bytes:
        """Return a short digest of what the page shows: not of when its rows were read."""
        state = {
            name: _without_stamps(values) if state_tree.is_own(name) else values
            for name, values in self.state.items()
        }
        shown = [self.status, state, self.head, self.courses, self.moved_to, dict(self.words)]
        return blake2b(json.dumps(shown).encode(), digest_size=16).digest()


def page_request(path: str, query: str, language: str = ENGLISH) -> PageRequest | None:
    """Return the page of an address, or None when the server does not render it."""
    path = path.rstrip("/") or "/"
    place = SITE.find(path, is_public=True)
    if place is None:
        return None
    page, parameters = place
    if page.reads_query and len(query) > MAX_QUERY_LENGTH:
        return None
    valid = page.read_query(dict(parse_qsl(query))) if page.reads_query else ""
    return PageRequest(page.path_of(parameters), valid, language)


async def load(app: rx.App, request: PageRequest) -> Loaded:
    """Return the page with its current content. Raises the errors of the services."""
    page = request.page
    name = await shown_name()
    with app.set_contexts(), recording(name) as recorded:
        root = _tree(request)
        handler: Any = page.loads_with
        state: Any = await root.get_state(handler.state)
        (await root.get_state(SessionState))._share(request.path)  # noqa: SLF001
        await handler.fn(state)
        if recorded.moved_to:
            return Loaded(MOVED, {}, "", moved_to=recorded.moved_to)
        changed = _difference(await state_tree.changes(root), _fresh())
        public_url = services().settings.public_url
        head = page.head(recorded.courses, public_url) if page.head else ""
        status = STATUS.get(getattr(state, "view_state", ""), 200)
    return Loaded(
        status, changed, head, tuple(recorded.shown), words={"BRAND": name} if name else {}
    )


async def shown_name() -> str:
    """Return the name of the school from the settings page, "" while it is the built one."""
    name = await services().school_profile.shown_name()
    return "" if name == school.current().name else name


def _tree(request: PageRequest) -> rx.State:
    """Return a fresh tree of states at the address of a page."""
    root = state_tree.new_tree()
    address = {
        state_tree.PATH: request.page.route,
        state_tree.FULL_PATH: request.url,
        state_tree.QUERY: {**dict(parse_qsl(request.query)), **request.parameters},
        state_tree.HEADERS: {"accept-language": request.language},
    }
    state_tree.put_address(root, address)
    return root


@cache
def _fresh() -> State:
    """Return the initial values of a tree. They are the same for every page."""
    return state_tree.initial_values(_tree(PageRequest("/")))


def _without_stamps(value: Any) -> Any:
    """Return rows in any depth without their `stamp` (`ui/presenters/rows.py`)."""
    if isinstance(value, dict):
        return {name: _without_stamps(one) for name, one in value.items() if name != "stamp"}
    return [_without_stamps(one) for one in value] if isinstance(value, list) else value


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
