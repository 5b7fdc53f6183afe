"""Which events reach a handler."""

import inspect
from typing import Any

import pytest

import coursebook.ui.pages  # noqa: F401  registers every state
from coursebook.ui.socket_guard import BURST, SocketGuard, handlers_for_browsers, wrong_event

TAB = "3b241101-e2bb-4255-8caf-4136c566a962"


def book(self: Any, token: str, seats: int = 1) -> None:
    """Stand for a handler."""


KNOWN = {"state.book": inspect.signature(book)}
GOOD: dict[str, Any] = {
    "name": "state.book",
    "payload": {"token": "x"},
    "router_data": {"pathname": "/courses", "asPath": "/courses?q=a", "query": {"q": "a"}},
}


class Inside:
    """Stands for Reflex: the namespace, and the server of sockets around it."""

    namespace = "/_event"

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.ended: list[str] = []
        self.environ = {"QUERY_STRING": f"token={TAB}&EIO=4"}
        self.alive = True
        self.event_namespace = self.sio = self.manager = self

    async def trigger_event(self, *given: Any) -> None:
        self.heard.append(given)

    def get_environ(self, _sid: str, _namespace: str) -> dict[str, str]:
        return self.environ

    def is_connected(self, _sid: str, _namespace: str) -> bool:
        return self.alive

    async def disconnect(self, sid: str, namespace: str) -> None:
        assert namespace == self.namespace
        self.ended.append(sid)


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
async def guard(inside: Inside) -> SocketGuard:
    made = SocketGuard(inside, KNOWN, clock=lambda: 0.0)
    await made.trigger_event("connect", "s1", inside.environ, None)
    inside.heard.clear()
    return made


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
    ],
)
def test_an_event_that_our_script_would_not_send_is_wrong(changed: dict[str, Any]):
    assert wrong_event(GOOD | changed, KNOWN)


def test_an_event_as_our_script_sends_it_is_right():
    assert wrong_event(GOOD, KNOWN) == ""
    assert wrong_event({"name": "state.book", "payload": {"token": 7}}, KNOWN) == ""


def test_every_handler_of_ours_may_be_called_and_no_setter_of_reflex():
    names = handlers_for_browsers()
    assert any(name.endswith("_course_state.book_clicked") for name in names)
    assert [name for name in names if "setvar" in name or "update_vars" in name] == []


async def test_a_connect_that_a_client_makes_up_is_dropped(guard: SocketGuard, inside: Inside):
    forged = {"QUERY_STRING": f"token={TAB}", "REMOTE_ADDR": "6.6.6.6"}
    for given in ((forged,), (forged, None), (inside.environ, None), ()):
        await guard.trigger_event("connect", "s1", *given)
    assert inside.heard == []


async def test_a_tab_without_a_proper_id_is_not_let_in(inside: Inside):
    guard = SocketGuard(inside, KNOWN)
    for query in ("", "token=", "token=x", f"token={TAB}x", f"xtoken={TAB}"):
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
