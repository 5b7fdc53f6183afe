"""Which events the socket guard passes to a handler."""

import inspect
import pickle
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflex.istate.manager.memory import StateManagerMemory

import coursebook.ui.pages  # noqa: F401  registers every state
from coursebook.ui.middleware.page_address import MAX_ADDRESS_LENGTH, MAX_PARAMETERS, valid_address
from coursebook.ui.middleware.socket_guard import (
    BURST,
    MAX_PAYLOAD_LENGTH,
    MAX_WAITING_EVENTS,
    SocketGuard,
    valid_event,
)
from coursebook.ui.middleware.tab_budget import MAX_DISCONNECTED_TABS, DisconnectedTabs
from coursebook.ui.reflex_compat import hydration, state_tree, transport
from coursebook.ui.reflex_compat.events import SETVAR, UPDATE_VARS, signatures
from coursebook.ui.reflex_compat.state_storage import token_of

TAB = "3b241101-e2bb-4255-8caf-4136c566a962"


def book(self: Any, token: str, seats: int = 1) -> None:
    """A stand-in for a handler."""


def report(self: Any, info: str, component_stack: str) -> None:
    """A stand-in for Reflex's handler of browser errors."""


def boot(self: Any, vars: Any = None, hashes: Any = None) -> None:  # noqa: A002
    """A stand-in for Reflex's handler of a connecting tab."""


def fill(self: Any, token: str, texts: dict[str, str]) -> None:
    """A stand-in for a handler that takes a form."""


KNOWN = {
    "state.fill": inspect.signature(fill),
    "state.book": inspect.signature(book),
    "state.report": inspect.signature(report),
    "state.boot": inspect.signature(boot),
}
MANY = [str(number) for number in range(300)]
GOOD: dict[str, Any] = {
    "name": "state.book",
    "payload": {"token": "x"},
    "router_data": {"pathname": "/courses", "asPath": "/courses?q=a", "query": {"q": "a"}},
}


class Inside:
    """A stand-in for Reflex's namespace and socket server."""

    namespace = transport.SOCKET_PATH

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.ended: list[str] = []
        self.environ = {"QUERY_STRING": f"token={TAB}&EIO=4"}
        self.alive = True
        self.waiting = 0
        self.event_namespace = self.sio = self.manager = self
        self.state_manager = StateManagerMemory()
        self.sid_to_token: dict[str, str] = {}

    async def trigger_event(self, *arguments: Any) -> None:
        self.heard.append(arguments)

    def get_environ(self, _sid: str, _namespace: str) -> dict[str, str]:
        return self.environ

    def is_connected(self, _sid: str, _namespace: str) -> bool:
        return self.alive

    async def disconnect(self, sid: str, namespace: str) -> None:
        assert namespace == self.namespace
        self.ended.append(sid)


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Inside:
    async def is_open_anywhere(_app: Any, _tab: str) -> bool:
        return False

    monkeypatch.setattr(transport, "is_open_anywhere", is_open_anywhere)
    return Inside()


@pytest.fixture
async def guard(inside: Inside) -> SocketGuard:
    socket_guard = SocketGuard(
        inside, KNOWN, clock=lambda: 0.0, waiting=lambda _sid: inside.waiting
    )
    await socket_guard.trigger_event("connect", "s1", inside.environ, None)
    inside.heard.clear()
    return socket_guard


@pytest.mark.parametrize(
    "changed",
    [
        {"name": 7},
        {"name": "state.other"},
        {"name": ["state.book"]},
        {"payload": 7},
        {"payload": {}},
        {"payload": {"token": "x", "role": "operator"}},
        {"router_data": 7},
        {"router_data": {"query": "q"}},
        {"router_data": {"pathname": 7}},
        {"router_data": {"asPath": "/" + "x" * 5000}},
        {"payload": {"token": {"a": 1}}},
        {"payload": {"token": ["x"]}},
        {"payload": {"token": "x" * (MAX_PAYLOAD_LENGTH + 1)}},
        {"payload": {"token": "x", "seats": [0] * MAX_PAYLOAD_LENGTH}},
        {"payload": {"token": "x", "seats": "1"}},
        {"payload": {"token": "x", "seats": True}},
        {"payload": {"token": "x", "seats": 1.5}},
        {"payload": {"token": "x", "seats": None}},
        {"name": "state.fill", "payload": {"token": "x", "texts": "title"}},
        {"name": "state.fill", "payload": {"token": "x", "texts": {"title": 7}}},
        {"name": "state.fill", "payload": {"token": "x", "texts": {"title": {"a": "b"}}}},
        {"name": "state.fill", "payload": {"token": "x", "texts": {"title": "x" * 50_000}}},
        {"name": "state.fill", "payload": {"token": "x", "texts": dict.fromkeys(MANY, "")}},
        {"name": "state.boot", "payload": {"hashes": [7]}},
        {"name": "state.boot", "payload": {"hashes": ["x"] * 1000}},
        {"name": "state.boot", "payload": {"vars": {"a": 1}}},
    ],
)
def test_an_event_that_our_script_would_not_send_is_wrong(changed: dict[str, Any]):
    assert valid_event(GOOD | changed, KNOWN)[0]


PLACES = [
    7,
    [],
    "/",
    {"pathname": "courses"},
    {"pathname": ""},
    {"asPath": "@["},
    {"asPath": "//["},
    {"asPath": "/\\evil.example"},
    {"asPath": "\u2100.evil"},
    {"asPath": {}},
    {"asPath": ["/"]},
    {"asPath": "//evil.example/"},
    {"pathname": "//["},
    {"pathname": "/" + "x" * MAX_ADDRESS_LENGTH},
    {"asPath": "/?" + "x" * MAX_ADDRESS_LENGTH},
    {"query": {"a": 7}},
    {"query": {"a": ["b"]}},
    {"query": {"a": {"b": "c"}}},
    {"query": {"a": "x" * MAX_ADDRESS_LENGTH}},
    {"query": {"x" * MAX_ADDRESS_LENGTH: "a"}},
    {"query": dict.fromkeys(map(str, range(MAX_PARAMETERS + 1)), "")},
    {"more": "x"},
    {"headers": {"origin": "//["}},
    {"ip": "6.6.6.6"},
    {"token": "x"},
    {"sid": "x"},
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: repr(place)[:40])
def test_an_address_that_reflex_cannot_parse_or_that_grows_a_tab_is_wrong(place: Any):
    if isinstance(place, dict):
        place = GOOD["router_data"] | place
    assert valid_event(GOOD | {"router_data": place}, KNOWN)[0] == "a strange address"


@pytest.mark.parametrize(
    "path",
    ["/", "/courses?q=a&from=2026-01-01#x", "/courses/Köln-Töpfern", "/courses?q=%ZZ&self=1&cls=2"],
)
def test_an_address_of_a_browser_is_sound(path: str):
    place = {"pathname": path.partition("?")[0], "asPath": path, "query": {"q": "a", "b": None}}
    assert valid_address(place, ("", "http://localhost:3000")) == place | {"query": {"q": "a"}}


def test_the_parts_of_an_unknown_path_are_left_out():
    place = {"pathname": "/no/such", "asPath": "/no/such", "query": {"splat": ["no", "such"]}}
    assert valid_address(place) == place | {"query": {}}


@given(
    place=st.fixed_dictionaries(
        {}, optional={"pathname": st.text(), "asPath": st.text(), "query": st.none()}
    ),
    slash=st.booleans(),
)
def test_reflex_can_make_a_router_of_every_address_that_passes(place: dict[str, Any], slash: bool):
    if slash:
        place = {name: f"/{value}" for name, value in place.items() if value is not None}
    valid = valid_address(place, ("", "http://localhost:3000"))
    if valid is not None:
        root = state_tree.new_tree()
        told = valid | {"headers": {"origin": "http://localhost:3000"}}
        state_tree.put_address(root, told)
        assert len(pickle.dumps(root)) < 30_000


def test_a_form_may_carry_a_long_description():
    texts = {"title": "Bowls", "description": "x" * 20_000}
    event = {**GOOD, "name": "state.fill", "payload": {"token": "x", "texts": texts}}
    assert valid_event(event, KNOWN)[0] == ""


def test_an_event_as_our_script_sends_it_is_right():
    assert valid_event(GOOD | {"token": "more", "traceparent": "00"}, KNOWN) == ("", GOOD)
    said = {"name": "state.book", "payload": {"token": None}, "router_data": None}
    assert valid_event(said, KNOWN) == ("", said | {"router_data": {}})
    said = {"name": "state.boot", "payload": {"vars": {}, "hashes": ["a", "b"]}}
    assert valid_event(said, KNOWN) == ("", said | {"router_data": {}})


def test_what_a_browser_reports_of_itself_is_cut():
    said = {"name": "state.report", "payload": {"info": "x" * 60_000, "component_stack": "y"}}
    wrong, event = valid_event(said, KNOWN)
    assert (wrong, len(event["payload"]["info"])) == ("", 300)


def test_every_handler_of_ours_may_be_called_and_no_setter_of_reflex():
    names = signatures()
    assert any(name.endswith("_course_state.book_clicked") for name in names)
    assert [name for name in names if SETVAR in name or UPDATE_VARS in name] == []


async def test_a_connect_that_a_client_makes_up_is_dropped(guard: SocketGuard, inside: Inside):
    forged = {"QUERY_STRING": f"token={TAB}", "REMOTE_ADDR": "6.6.6.6"}
    for sent in ((forged,), (forged, None), (inside.environ, None), ()):
        await guard.trigger_event("connect", "s1", *sent)
    assert inside.heard == []


async def test_a_tab_without_a_proper_id_is_not_let_in(inside: Inside):
    guard = SocketGuard(inside, KNOWN)
    other = (f"%74oken=ANYTHING&token={TAB}", f"token={TAB}&token={TAB}", f"token={TAB}%0a")
    for query in ("", "token=", "token=x", f"token={TAB}x", f"xtoken={TAB}", *other):
        inside.environ = {"QUERY_STRING": query}
        assert await guard.trigger_event("connect", "s2", inside.environ, None) is False
    assert inside.heard == []


async def test_only_a_real_end_is_told(guard: SocketGuard, inside: Inside):
    await guard.trigger_event("disconnect", "s1", {})
    assert inside.heard == []
    inside.alive = False
    await guard.trigger_event("disconnect", "s1", "transport close")
    assert [given[0] for given in inside.heard] == ["disconnect"]


async def test_too_many_events_at_once_end_the_tab(inside: Inside):
    now = [0.0]
    guard = SocketGuard(inside, KNOWN, clock=lambda: now[0])
    await guard.trigger_event("connect", "s1", inside.environ, None)
    for _ in range(BURST):
        await guard.trigger_event("event", "s1", GOOD)
    assert inside.ended == []
    await guard.trigger_event("event", "s1", GOOD)
    assert inside.ended == ["s1"]
    heard = len(inside.heard)
    now[0] = 1.0
    await guard.trigger_event("event", "s1", GOOD)
    assert len(inside.heard) == heard + 1


@pytest.mark.parametrize("kind", ["nonsense", "event_namespace", "ping", "message"])
async def test_other_kinds_of_messages_are_dropped(guard: SocketGuard, inside: Inside, kind: str):
    await guard.trigger_event(kind, "s1", {"a": 1})
    await guard.trigger_event("event", "s1", GOOD, GOOD)
    await guard.trigger_event("event", "never connected", GOOD)
    assert inside.heard == []


async def connected(inside: Inside, sent: Any) -> Any:
    """Connect a tab with a value in its first packet; return what Reflex receives."""
    guard = SocketGuard(inside, KNOWN, clock=lambda: 0.0)
    await guard.trigger_event("connect", "s3", inside.environ, sent)
    return inside.heard[-1][-1]


async def test_the_first_event_comes_with_the_connecting_packet(inside: Inside):
    sent = {"event": GOOD | {"more": "x"}, "state_schema": "ab" * 16, "more": "x"}
    assert await connected(inside, sent) == {"event": GOOD, "state_schema": "ab" * 16}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: repr(place)[:40])
async def test_the_connecting_packet_brings_no_address_that_a_message_may_not(
    inside: Inside, place: Any
):
    assert await connected(inside, {"event": GOOD | {"router_data": place}}) is None


@pytest.mark.parametrize(
    "sent",
    [None, [], "x", 7, {}, {"event": 7}, {"state_schema": "x" * 32}, {"state_schema": "a" * 65}],
)
async def test_a_tab_opens_without_what_does_not_fit(inside: Inside, sent: Any):
    assert await connected(inside, sent) is None


@pytest.mark.parametrize(
    "name",
    [SETVAR, hydration.SET_IS_HYDRATED, UPDATE_VARS, hydration.HYDRATE, "x"],
)
async def test_no_handler_that_pages_do_not_call_is_called_by_connecting(inside: Inside, name: str):
    assert await connected(inside, {"event": {"name": f"state.{name}", "payload": {}}}) is None


async def test_who_connects_again_and_again_is_counted_with_the_first_events(inside: Inside):
    guard = SocketGuard(inside, KNOWN, clock=lambda: 0.0)
    await guard.trigger_event("connect", "s1", inside.environ, {"event": GOOD})
    for _ in range(BURST - 1):
        await guard.trigger_event("event", "s1", GOOD)
    assert inside.ended == []
    await guard.trigger_event("event", "s1", GOOD)
    assert inside.ended == ["s1"]


async def test_messages_that_do_not_fit_count_like_others(guard: SocketGuard, inside: Inside):
    for _ in range(BURST + 1):
        await guard.trigger_event("event", "s1", {"name": "x"})
    assert inside.ended == ["s1"]


async def test_a_tab_with_too_many_events_in_its_queue_is_cut_off(
    guard: SocketGuard, inside: Inside
):
    inside.waiting = MAX_WAITING_EVENTS
    await guard.trigger_event("event", "s1", GOOD)
    assert (inside.heard, inside.ended) == ([], ["s1"])


async def kept_after(inside: Inside, tabs: list[str], *, acting: bool) -> list[str]:
    """Open and close tabs one after another; return those that the server still keeps."""
    guard = SocketGuard(inside, KNOWN, clock=lambda: 0.0)
    for tab in tabs:
        inside.environ, inside.alive = {"QUERY_STRING": f"token={tab}"}, True
        await guard.trigger_event("connect", tab, inside.environ, None)
        await inside.state_manager.get_state(token_of(tab))
        if acting:
            await guard.trigger_event("event", tab, GOOD)
        inside.alive = False
        await guard.trigger_event("disconnect", tab, "transport close")
    return list(inside.state_manager.states)


async def test_the_tabs_left_last_are_kept_and_no_more(inside: Inside):
    tabs = [str(uuid.UUID(int=number)) for number in range(MAX_DISCONNECTED_TABS + 30)]
    assert await kept_after(inside, tabs, acting=True) == tabs[30:]


async def test_a_tab_that_never_did_anything_is_not_kept(inside: Inside):
    tabs = [str(uuid.UUID(int=number)) for number in range(30)]
    assert await kept_after(inside, tabs, acting=False) == []


async def test_a_tab_that_comes_back_is_not_forgotten_for_others_that_leave(inside: Inside):
    others = [str(uuid.UUID(int=number)) for number in range(MAX_DISCONNECTED_TABS + 30)]
    guard = SocketGuard(
        inside, KNOWN, clock=lambda: 0.0, tabs=(disconnected_tabs := DisconnectedTabs(inside))
    )
    await inside.state_manager.get_state(token_of(TAB))
    await disconnected_tabs.disconnected(TAB, has_acted=True)
    await guard.trigger_event("connect", "s1", inside.environ, None)
    for tab in others:
        await disconnected_tabs.disconnected(tab, has_acted=True)
    assert list(inside.state_manager.states) == [TAB]
