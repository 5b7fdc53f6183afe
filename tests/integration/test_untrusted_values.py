"""Strange values from outside: handled alike on both databases, without losing a booking."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from coursebook.domain.inbox import InboxKind
from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import KeyRing
from coursebook.mail.smtp import MailNotSent
from coursebook.persistence.unit_of_work import reading
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.harness import Harness, Student, eur
from tests.support.stripe_objects import post_raw, signature
from tests.support.tokens import Forge

pytestmark = pytest.mark.both_databases

FORGE = Forge()
HALF = "\ud800"
Caller = Callable[..., Any]


@pytest.fixture
def call(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Call the API with a token of any claims."""
    settings = harness.services.settings
    keys = KeyRing(pem=FORGE.pem)
    verifier = Verifier(keys, settings.token_issuer, [settings.public_url])
    monkeypatch.setattr(harness.services.authentication, "_verifier", verifier)

    async def calls(method: str, path: str, *, body: Any = None, **claims: Any) -> Any:
        token = FORGE.token(iss=settings.token_issuer, azp=settings.public_url, **claims)
        headers = {"Authorization": f"Bearer {token}"}
        return await harness.api.request(method, path, json=body, headers=headers)

    return calls


async def book(harness: Harness, call: Caller, price: int = 45, **claims: Any) -> dict[str, Any]:
    """Book a course with a token of these claims and expect success."""
    course = await harness.course(price=eur(price))
    path = "/api/stripe/checkout"
    answer = await call("POST", path, body={"course_id": course.id}, **claims)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def person(harness: Harness, subject: str) -> Any:
    async with reading(harness.services.context.database) as work:
        return await work.users.by_subject(subject)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("n" * 5000, "n" * 200),
        ("Sam\x00 Student", "Sam Student"),
        (f"Sam{HALF} Student", "Sam Student"),
        ("  Sam\r\nStudent ", "Sam Student"),
        ({"first": "Sam"}, ""),
    ],
)
async def test_a_strange_name_books_like_any_other(
    harness: Harness, call: Caller, name: Any, kept: str
):
    await book(harness, call, sub="user_names", name=name, email="names@example.test")
    assert (await person(harness, "user_names")).name == kept


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        ("e" * 500 + "@example.test", ""),
        ("sam\x00@example.test", ""),
        (f"sam{HALF}@example.test", ""),
        ("  sam.blank@example.test ", "sam.blank@example.test"),
        ("jörg@example.test", "jörg@example.test"),
        ("a b@example.test", ""),
        (None, ""),
    ],
)
async def test_a_strange_address_books_like_any_other(
    harness: Harness, call: Caller, email: Any, kept: str
):
    await book(harness, call, sub="user_mails", email=email)
    assert (await person(harness, "user_mails")).email == kept


@pytest.mark.parametrize("sub", ["u" * 121, "user\x00", f"user{HALF}", "user\n", "", 7, None])
async def test_an_id_that_no_column_holds_is_nobody(harness: Harness, call: Caller, sub: Any):
    answer = await call("GET", "/api/bookings", sub=sub)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_half_a_letter_in_a_body_or_an_address_is_refused(harness: Harness):
    sam = harness.student("sam")
    raw = b'{"course_id": "\\ud800"}'
    headers = {"Content-Type": "application/json"}
    answer = await harness.post("/api/stripe/checkout", sam, content=raw, headers=headers)
    assert answer.status_code in (404, 422), answer.text
    for path in ("/api/courses?q=%ED%A0%80", "/api/courses?q=%00", "/api/courses/%ED%A0%80"):
        assert (await harness.get(path)).status_code in (200, 404, 422)


async def test_an_address_that_stripe_does_not_take_does_not_stop_the_sale(
    harness: Harness, call: Caller
):
    """Stripe's page then asks for one; the refused key is not reused with other parameters."""
    who = {"sub": "user_quoted", "email": '"a b"@example.test'}
    begun = await book(harness, call, **who)
    attempts = [
        a for a in (await read_books(harness)).attempts if a.booking_id == begun["booking_id"]
    ]
    attempts.sort(key=lambda one: one.number)
    assert [a.state for a in attempts] == ["superseded", "open"]
    assert [a.params.get("customer_email") for a in attempts] == [who["email"], None]
    assert attempts[0].idempotency_key != attempts[1].idempotency_key
    booking = await call("GET", f"/api/bookings/{begun['booking_id']}", **who)
    assert booking.json()["status"] == "pending"
    assert all(not a["reason"] for a in booking.json()["attempts"])
    # the next session of the booking omits it at once
    await harness.services.context.gateway.expire_session(begun["session_id"])
    await harness.quiet()
    await harness.services.webhooks.drain()
    again = await call("POST", f"/api/bookings/{begun['booking_id']}/retry", **who)
    assert again.status_code == 201, again.text
    attempts = [
        a for a in (await read_books(harness)).attempts if a.booking_id == begun["booking_id"]
    ]
    assert len(attempts) == 3


async def test_who_has_no_address_here_is_written_to_at_the_one_typed_at_stripe(
    harness: Harness, call: Caller
):
    begun = await book(harness, call, sub="user_silent", email=None)
    typed = f"typed.{time.time_ns()}@example.test"
    await harness.control(f"sessions/{begun['session_id']}/pay", card=cards.VISA, email=typed)
    await harness.services.webhooks.drain()
    await harness.worker_round()
    mails = await harness.mails(Student(typed))
    assert [mail["subject"][:6] for mail in mails] == ["Booked"]


async def test_who_has_no_address_anywhere_is_a_person_s_matter(harness: Harness, call: Caller):
    await book(harness, call, price=0, sub="user_nowhere", email=None)
    await harness.worker_round()
    [entry] = (await read_books(harness)).inbox
    assert entry.kind == InboxKind.PROMISE_NOT_KEPT.value
    assert "address" in entry.detail


async def test_letters_of_any_script_reach_their_person(harness: Harness, call: Caller):
    address = f"jörg.{time.time_ns()}@example.test"
    await book(harness, call, price=0, sub="user_joerg", email=address)
    await harness.worker_round()
    mails = await harness.mails(Student(address))
    assert [mail["subject"][:6] for mail in mails] == ["Booked"]


async def test_an_address_that_the_mail_server_refuses_gives_way_to_the_one_typed_at_stripe(
    harness: Harness, call: Caller, monkeypatch: pytest.MonkeyPatch
):
    sender, sent = harness.services.outbox._sender, []
    assert sender is not None

    async def send(mail: Any, *, key: str) -> None:
        if mail.to == "gone@example.test":
            raise MailNotSent("the address was refused ([550])", permanent=True)
        sent.append((mail.to, mail.calendars[0].data))

    monkeypatch.setattr(sender, "send", send)
    begun = await book(harness, call, sub="user_moved", email="gone@example.test")
    said = {"card": cards.VISA, "email": "new@example.test"}
    await harness.control(f"sessions/{begun['session_id']}/pay", **said)
    await harness.services.webhooks.drain()
    await harness.worker_round()
    [(to, calendar)] = sent
    assert to == "new@example.test"
    assert b"ATTENDEE" in calendar
    assert b"mailto:new@example.test" in calendar.replace(b"\r\n ", b"")
    assert (await read_books(harness)).inbox == []


async def test_a_server_that_is_busy_is_not_taken_for_a_refusal(
    harness: Harness, call: Caller, monkeypatch: pytest.MonkeyPatch
):
    sender, tried = harness.services.outbox._sender, []
    assert sender is not None

    async def send(mail: Any, *, key: str) -> None:
        tried.append(mail.to)
        raise MailNotSent("the address was refused ([450])")

    monkeypatch.setattr(sender, "send", send)
    begun = await book(harness, call, sub="user_busy", email="busy@example.test")
    said = {"card": cards.VISA, "email": "other@example.test"}
    await harness.control(f"sessions/{begun['session_id']}/pay", **said)
    await harness.services.webhooks.drain()
    await harness.worker_round()
    assert tried == ["busy@example.test"]
    [mail] = [m for m in (await read_books(harness)).outbox if m.kind == "mail:booked"]
    assert (mail.done_at, mail.is_dead) == (None, False)


async def test_an_event_with_nul_and_half_letters_in_it_is_stored(harness: Harness):
    body = (
        '{"id":"evt_strange","type":"some.thing","livemode":false,"data":{"object":'
        '{"id":"x","a":"\\u0000","b":"\\ud800","\\u0000":["\\udfff"]}}}'
    )
    answer = await post_raw(harness, body, signature(harness, body))
    assert answer.status_code == 200, answer.text
    async with reading(harness.services.context.database) as work:
        event = await work.events.find("evt_strange")
    assert event is not None
    assert "u0000" not in json.dumps(event.payload)
