"""Every handler of every state, called over the real socket by strangers and other students."""

import asyncio
import json
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

import pytest

import coursebook.ui.pages  # noqa: F401  registers every state
from coursebook.ui.reflex_compat.events import signatures
from coursebook.ui.reflex_compat.hydration import FIRST_EVENT
from coursebook.ui.reflex_compat.state_tree import VAR_MARKER
from coursebook.ui.reflex_compat.transport import SOCKET_PATH
from coursebook.ui.states.session import SessionState
from tests.e2e.people import Opened, eventually, open_course
from tests.support import cards
from tests.support.socket_attacks import RawSocket
from tests.support.socket_client import SocketClient, socket_client
from tests.support.stack import Stack

SESSION = SessionState.get_full_name()
CATALOG = "coursebook___ui___states___catalog____catalog_state"
HANDLERS = sorted(signatures().items())
CONSOLE = [(name, signature) for name, signature in HANDLERS if "___manage___" in name]
"""The handlers of the console, which people with too few rights call as well."""
FORGED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyX29sZ2EiLCJtZXRhZGF0YSI6eyJyb2xlIjoib3BlcmF0b3IifX0."
BOOKS = (
    "SELECT id, user_id, place, price FROM booking",
    "SELECT id, state, amount FROM payment_attempt",
    "SELECT id, state, amount FROM refund",
    "SELECT id, resolved_at FROM money_inbox_entry",
    "SELECT id, slug, title, held, confirmed, price, capacity, status FROM course",
    "SELECT id, version, revision, is_open, archived_at FROM course",
    "SELECT id, course_id, starts_at FROM meeting",
    "SELECT course_id, revision FROM course_change",
    "SELECT course_id, percent, finished_at FROM course_cancellation",
    "SELECT course_id, user_id FROM course_teacher",
    "SELECT slug, course_id FROM slug_redirect",
    "SELECT id, role, accepted_at, revoked_at FROM role_grant",
    "SELECT name, value FROM school_setting",
    "SELECT booking_id, meeting_id, state FROM attendance",
    "SELECT id, state, revision FROM message",
    "SELECT message_id, user_id, state FROM message_recipient",
    "SELECT id, state, amount FROM offline_payment",
    "SELECT id, state, priority FROM waiting_list_entry",
    "SELECT id, created_by FROM picture",
    "SELECT code_hash, user_id, used_by FROM claim",
    "SELECT id, slug, archived_at FROM series",
    "SELECT id, kind FROM outbox_message",
)


@dataclass(frozen=True)
class Sally:
    """Another person's data: a paid and an unpaid booking on unlisted courses."""

    course: Opened
    paid: dict[str, Any]
    unpaid: dict[str, Any]
    receipt: str

    @property
    def address(self) -> str:
        """Her return address from the payment page, with all her ids."""
        ids = f"session_id={self.paid['session_id']}&booking_id={self.unpaid['booking_id']}"
        return f"/payment/success?{ids}&status=confirmed&next=//evil.example"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.course.title, "sally@", "Sally", self.receipt)


async def sallys_bookings(stack: Stack) -> Sally:
    """Book twice as Sally and pay once; then take her course out of the catalog."""
    course, other = await open_course(stack), await open_course(stack)
    api, made = stack.api("sally@example.test"), []
    for booked_course in (course, other):
        answer = api.post("/api/stripe/checkout", json={"course_id": booked_course.id})
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
    stack.control(f"sessions/{made[0]['session_id']}/pay", card=cards.VISA)

    def is_paid() -> bool:
        return api.get(f"/api/bookings/{made[0]['booking_id']}").json()["status"] == "confirmed"

    await eventually(is_paid)
    with sqlite3.connect(stack.data / "coursebook.db") as database:
        database.execute("UPDATE course SET status = 'draft' WHERE id = ?", (course.id,))
    database.close()
    receipt = api.get(f"/api/bookings/{made[0]['booking_id']}").json()["receipt_url"]
    assert receipt
    return Sally(course, *made, receipt)


def books(stack: Stack) -> list[list[Any]]:
    """Return everything that an attack must not change."""
    database = sqlite3.connect(f"file:{stack.data / 'coursebook.db'}?mode=ro", uri=True)
    try:
        return [sorted(database.execute(query).fetchall()) for query in BOOKS]
    finally:
        database.close()


def senseless(names: list[str]) -> list[dict[str, Any]]:
    """Return payloads that no page sends."""
    values: list[Any] = [None, -(10**30), 1e308, "\x00", [[]], {"a": {"b": 1}}, "x" * 10_000]
    values += ["' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", FORGED]
    return [dict.fromkeys(names, value) for value in values] if names else [{"unknown": 1}]


def sensible(names: list[str], sally: Sally, own: str) -> list[dict[str, Any]]:
    """Return payloads that act for whoever may: with her bookings, her course and a token."""
    made: list[dict[str, Any]] = []
    for booking in (sally.paid, sally.unpaid):
        for token in (own, FORGED, ""):
            known = {"booking_id": booking["booking_id"], "token": token}
            made.append({name: known.get(name, booking["booking_id"]) for name in names})
    for act in ("close", "archive", "unpublish", "publish") if "course_id" in names else ():
        known = {"course_id": sally.course.id, "act": act, "token": own}
        made.append({name: known.get(name, sally.course.id) for name in names})
    for act in ("save", "publish", "overwrite") if "texts" in names else ():
        texts = {"title": "Taken over", "kind": "place", "currency": "eur", "act": act}
        texts |= {"copy_day": "2030-01-01", "tell": "on", "reason": sally.course.id}
        known = {"texts": texts, "token": own, "version": 1}
        made.append({name: known.get(name, sally.course.id) for name in names})
    return made if names else [{}]


@pytest.mark.parametrize("email", ["", "sam@example.test"], ids=["nobody", "another student"])
async def test_no_handler_acts_without_permission(stack: Stack, email: str):
    sally = await sallys_bookings(stack)
    before = books(stack)
    heard = await attacked(stack, HANDLERS, sally, email)
    assert books(stack) == before
    assert [said for said in (*sally.secrets, "Traceback") if said in heard] == []
    assert email or f'"is_signed_in{VAR_MARKER}":true' not in heard
    assert stack.api().get("/api/ready").status_code == 200


@pytest.mark.parametrize("email", ["tara@example.test", "ari@example.test"])
async def test_no_handler_of_the_console_gives_more_than_a_role_allows(stack: Stack, email: str):
    """A teacher has nothing to do with the courses of others, an accountant changes none.

    What is senseless another student has sent to the same handlers.
    """
    sally = await sallys_bookings(stack)
    before = books(stack)
    heard = await attacked(stack, CONSOLE, sally, email, is_sensible=True)
    assert CONSOLE
    assert books(stack) == before
    hidden = sally.secrets if email.startswith("tara") else sally.secrets[1:]
    assert [said for said in (*hidden, "Traceback") if said in heard] == []


async def attacked(
    stack: Stack, handlers: list[Any], sally: Sally, email: str, *, is_sensible: bool = False
) -> str:
    """Call handlers with every payload, from the pages that they belong to; return the answers."""
    own, heard = stack.token(email, 600) if email else "", ""
    for name, signature in handlers:
        names = [parameter for parameter in signature.parameters if parameter != "self"]
        console = f"/manage/courses/{sally.course.id}/edit"
        address = console if (name, signature) in CONSOLE else sally.address
        async with socket_client(stack.url) as tab:
            if own:
                await tab.emit(f"{SESSION}.token_received", {"token": own})
            nonsense = [] if is_sensible else senseless(names)
            for payload in [*nonsense, *sensible(names, sally, own)]:
                await tab.emit(name, payload, address)
            heard += await worked_off(tab)
    await asyncio.sleep(0.5)  # handlers that work beside the others
    return heard


async def worked_off(tab: SocketClient) -> str:
    """Wait until all earlier messages have been handled; return the answers."""
    mark = secrets.token_hex(8)
    await tab.emit(f"{SESSION}.{CATALOG}.page_opened", {}, f"/courses?q={mark}")
    await tab.until(mark, 30)
    return "\n".join(tab.received)


async def test_messages_that_no_page_sends_are_dropped_and_cost_no_stack_trace(stack: Stack):
    event = {"name": f"{SESSION}.notice_closed", "payload": {}}
    for strange in (
        ["event", []],
        ["event", "text"],
        ["event", {"name": 7}],
        ["event", {"name": f"{SESSION}._forget", "payload": {}}],
        ["event", {"name": f"{SESSION}.setvar", "payload": {"var_name": "viewer", "value": "x"}}],
        ["event", {"name": "no.such.handler"}],
        ["event", {**event, "payload": 7}],
        ["event", {**event, "payload": {"token": "x"}}],
        ["event", {**event, "router_data": 7}],
        ["event", {**event, "router_data": {"pathname": 7, "asPath": [], "query": {}}}],
        ["event", {**event, "router_data": {"query": "q"}}],
        ["link_token_to_sid", "x"],
        ["disconnect", {}],
        ["client_error", {"message": "x\nforged line"}],
        ["ping", 7],
    ):
        async with socket_client(stack.url) as tab:
            await tab.raw(*strange)
            assert await tab.is_open(), strange


async def test_garbage_ends_the_socket_and_nothing_else(stack: Stack):
    for garbage in (
        "garbage",
        "4",
        f"42{SOCKET_PATH},[",
        f'42{SOCKET_PATH},[7,{{"a":1}}]',
        f'451-{SOCKET_PATH},["event",{{"_placeholder":true,"num":0}}]',
        f"42{SOCKET_PATH}," + "[" * 50_000,
        f'42{SOCKET_PATH},["event","' + "x" * 100_000 + '"]',
        b"\x00\x01\x02",
    ):
        async with socket_client(stack.url) as tab:
            await tab.text(garbage)
            assert await tab.has_ended(), garbage[:40]
    assert stack.api().get("/api/health").status_code == 200


async def test_a_client_cannot_choose_its_network_address(stack: Stack):
    forged = {"asgi.scope": {"headers": [], "client": ["6.6.6.6", 1]}, "REMOTE_ADDR": "6.6.6.6"}
    async with socket_client(stack.url) as tab:
        await tab.raw("connect", forged | {"QUERY_STRING": f"token={tab.token}"})
        messages = await worked_off(tab)
    assert '"client_ip":"127.0.0.1"' in messages
    assert "6.6.6.6" not in messages


async def test_a_tab_that_floods_is_cut_off(stack: Stack):
    async with socket_client(stack.url) as tab:
        for _ in range(200):
            await tab.emit(f"{SESSION}.notice_closed", {})
        assert await tab.has_ended()
    async with socket_client(stack.url) as another:
        assert await another.is_open()


async def test_a_tab_id_that_is_in_use_gives_another_tab(stack: Stack):
    async with socket_client(stack.url) as mine:
        await mine.emit(f"{SESSION}.token_received", {"token": stack.token("sally@example.test")})
        await worked_off(mine)
        async with socket_client(stack.url, mine.token) as thief:
            await thief.emit(FIRST_EVENT, {}, "/bookings")
            messages = await worked_off(thief)
    given = json.loads((await thief_said(messages, "new_token")).partition(",")[2])
    assert given[1] != mine.token
    assert "Sally" not in messages


async def test_a_reused_tab_cannot_act_without_a_token(stack: Stack):
    sally = await sallys_bookings(stack)
    async with socket_client(stack.url) as mine:
        await mine.emit(f"{SESSION}.token_received", {"token": stack.token("sally@example.test")})
        await worked_off(mine)
    before = books(stack)
    async with socket_client(stack.url, mine.token) as thief:
        for name, signature in HANDLERS:
            if "token" in signature.parameters and not name.endswith(("_received", "signed_in")):
                for booking in (sally.paid, sally.unpaid):
                    known = {"booking_id": booking["booking_id"], "token": ""}
                    names = [parameter for parameter in signature.parameters if parameter != "self"]
                    given = {
                        parameter: known.get(parameter, booking["booking_id"])
                        for parameter in names
                    }
                    await thief.emit(name, given, f"/courses/{sally.course.slug}")
        await worked_off(thief)
        await asyncio.sleep(0.5)  # handlers that work beside the others
        await thief.emit(f"{SESSION}.person_changed", {})
        assert "/sign-in?next=" in await worked_off(thief)
    assert books(stack) == before


async def thief_said(heard: str, word: str) -> str:
    return next(line for line in heard.splitlines() if word in line)


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "a" * 3000])
async def test_a_tab_has_a_proper_id_or_is_not_opened(stack: Stack, token: str):
    with pytest.raises(ConnectionError):
        await RawSocket.open(stack.url, f"token={token}&EIO=4&transport=websocket")
