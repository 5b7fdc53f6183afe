"""The tree of states of one tab, and the address in it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import reflex as rx
from reflex.istate.data import PageData, URLData
from reflex.state import BaseState, _resolve_delta  # type: ignore[attr-defined]
from reflex.utils.format import json_dumps
from reflex_base.constants.route import ROUTER_VARS, RouteVar
from reflex_base.constants.state import FIELD_MARKER

from coursebook.ui.reflex_compat.hydration import ROOT_STATE
from coursebook.ui.reflex_compat.seams import Seam, has_all, require

VAR_MARKER = "_rx_state_"
"""The suffix of each var's name in the browser."""
ROUTER_VARS_PREFIX = "rx_router"
"""The prefix of the vars that hold the address; they are not sent, a browser knows its own."""
PATH, FULL_PATH, QUERY = "pathname", "asPath", "query"
"""Keys of an event's address: the route, the path with its query, the parameters."""
HEADERS, CLIENT_ADDRESS, TAB = "headers", "ip", "token"
"""Keys that the server adds."""
SPLAT = "splat"
"""The parameter in which React Router puts the parts of an unknown path. No page uses it."""

Plain = dict[str, dict[str, Any]]
"""States by their full names, vars by their names in the browser."""


def new_tree() -> rx.State:
    """Return a tree of all states with their initial values."""
    return rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]


def put_address(root: rx.State, router_data: dict[str, Any]) -> None:
    """Set the address of a tree, as the next event of a browser would."""
    root.router_data = root._update_router_vars(router_data, {})  # noqa: SLF001


def forget_address(root: BaseState) -> None:
    """Make Reflex answer the next event with the whole tree, as for a tab without state."""
    root.router_data = {}


def can_be_parsed(router_data: dict[str, Any]) -> bool:
    """Return whether Reflex can parse this address, by letting it try."""
    try:
        PageData.from_router_data(router_data)
        URLData.from_router_data(router_data)
    except Exception:  # noqa: BLE001 - any error here would also be raised in the tab
        return False
    return True


def client_address(state: BaseState) -> str:
    """Return the network address of a tab, "" when it is unknown."""
    return str(state.router_data.get(CLIENT_ADDRESS, ""))


def root_of(state: BaseState) -> BaseState:
    """Return the root of the tree that a state belongs to."""
    return state._get_root_state()  # noqa: SLF001 - Reflex offers no public way up


def states_of(root: BaseState) -> Iterator[BaseState]:
    """Yield every state of a tree."""
    yield root
    for state in root.substates.values():
        yield from states_of(state)


def kinds_of(kind: type[BaseState]) -> Iterator[type[BaseState]]:
    """Yield a class of states and every class below it."""
    yield kind
    for below in kind.get_substates():
        yield from kinds_of(below)


def initial_values(root: rx.State) -> Plain:
    """Return a tree as plain JSON in the browser's form, without waiting for computed vars."""
    plain: Plain = json.loads(json_dumps(root.dict()))
    return plain


async def values(root: rx.State) -> Plain:
    """Return a tree as plain JSON in the browser's form."""
    plain: Plain = json.loads(json_dumps(await _resolve_delta(root.dict())))
    return plain


async def changes(root: rx.State) -> Plain:
    """Return what has been set in a fresh tree as plain JSON in the browser's form."""
    plain: Plain = json.loads(json_dumps(await _resolve_delta(root.get_delta())))
    return plain


def is_own(name: str) -> bool:
    """Return whether a full name is that of a state of ours, not one of a school's pages."""
    return name.rpartition(".")[2].startswith("coursebook___ui___")


def is_router_var(name: str) -> bool:
    """Return whether a var holds the address of the tab."""
    return name.startswith(ROUTER_VARS_PREFIX)


def in_browser(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return vars under the names that they have in the browser."""
    return {f"{name}{VAR_MARKER}": value for name, value in values.items()}


SEAMS = (
    Seam(
        f"the full name {ROOT_STATE}",
        "it is the prefix of all handlers and states",
        lambda: rx.State.get_full_name() == ROOT_STATE,
    ),
    Seam(
        f"the marker {VAR_MARKER}",
        "live updates send vars by their names in the browser, without the states",
        lambda: FIELD_MARKER == VAR_MARKER,
    ),
    Seam(
        f"the vars {ROUTER_VARS_PREFIX}…",
        "a rendered page must not overwrite the address in the browser",
        lambda: bool(ROUTER_VARS) and all(is_router_var(name) for name in ROUTER_VARS),
    ),
    Seam(
        "the keys of router_data",
        "the socket guard allows only these",
        lambda: (
            (RouteVar.PATH, RouteVar.ORIGIN, RouteVar.QUERY) == (PATH, FULL_PATH, QUERY)
            and (RouteVar.HEADERS, RouteVar.CLIENT_IP, RouteVar.CLIENT_TOKEN)
            == (HEADERS, CLIENT_ADDRESS, TAB)
        ),
    ),
    Seam(
        "the router is parsed from router_data",
        "an address that Reflex cannot parse fails every event of its tab",
        lambda: has_all(PageData, "from_router_data") and has_all(URLData, "from_router_data"),
    ),
    Seam(
        "a tree of states",
        "pages are rendered from a temporary tree, and a tab over its budget is reset",
        lambda: (
            has_all(new_tree(), "_update_router_vars", "_get_root_state", "substates", "reset")
            and has_all(rx.State, "get_substates", "dict", "get_delta")
        ),
    ),
)
require(SEAMS)
