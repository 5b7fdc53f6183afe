"""The webhook accepts only unmodified bodies that Stripe signed recently."""

import asyncio
import json
import time

import pytest
from structlog.testing import capture_logs

from coursebook.persistence.unit_of_work import reading, writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import Harness, Started, a_harness
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_objects import (
    an_event,
    deliver,
    event_of,
    post_raw,
    session_at_stripe,
    signature,
)

PAID = "checkout.session.completed"


async def paid_in_secret(harness: Harness) -> tuple[Started, dict]:
    """Return a paid checkout and its event, which has not reached us."""
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    return started, await event_of(harness, started, PAID)


def header_of(harness: Harness, body: str, kind: str) -> str | None:
    now = int(time.time())
    return {
        "none": lambda: None,
        "empty": lambda: "",
        "nonsense": lambda: "t=now,v1=x",
        "no time": lambda: signature(harness, body).partition(",")[2],
        "of another secret": lambda: signature(harness, body, secret="whsec_wrong"),
        "of another body": lambda: signature(harness, body + " "),
        "too old": lambda: signature(harness, body, at=now - 400),
        "of the future": lambda: signature(harness, body, at=now + 3600),
        "only v0": lambda: signature(harness, body).replace("v1=", "v0="),
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    [
        "none",
        "empty",
        "nonsense",
        "no time",
        "of another secret",
        "of another body",
        "too old",
        "of the future",
        "only v0",
    ],
)
async def test_a_signature_that_is_not_good_is_refused_and_nothing_happens(
    sqlite_harness: Harness, kind: str
):
    harness = sqlite_harness
    started, event = await paid_in_secret(harness)
    body = json.dumps(event)
    answer = await post_raw(harness, body, header_of(harness, body, kind))
    assert answer.status_code == 400
    assert await harness.status_of(started) == "pending"
    assert (await deliver(harness, event)).status_code == 200
    assert await harness.status_of(started) == "confirmed"


async def test_a_body_written_anew_is_refused(sqlite_harness: Harness):
    harness = sqlite_harness
    _, event = await paid_in_secret(harness)
    body = json.dumps(event, indent=2)
    answer = await post_raw(harness, json.dumps(json.loads(body)), signature(harness, body))
    assert answer.status_code == 400


@pytest.mark.parametrize("body", ["", "no json", "[]", "null", "5", '"text"', "{}", '{"id": 5}'])
async def test_a_signed_body_that_is_no_event_is_refused(sqlite_harness: Harness, body: str):
    answer = await post_raw(sqlite_harness, body, signature(sqlite_harness, body))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "odd",
    [
        {"type": 5},
        {"type": None},
        {"type": ["a", "b"]},
        {"type": ""},
        {"type": "checkout session\x00completed"},
        {"type": "x" * 121},
        {"id": "evt with spaces"},
        {"id": "e" * 256},
        {"livemode": "no"},
        {"livemode": None},
        {"data": []},
        {"data": [1]},
        {"data": {"object": "cs_test_1"}},
    ],
    ids=str,
)
async def test_an_event_of_an_odd_shape_is_refused_and_not_stored(
    sqlite_harness: Harness, odd: dict
):
    thing = {"id": "cs_test_1", "object": "checkout.session"}
    answer = await deliver(sqlite_harness, {**an_event(PAID, thing), **odd})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_webhook")


async def test_an_object_with_an_odd_id_is_taken_and_has_no_effect(sqlite_harness: Harness):
    for odd in (5, None, ["x"], "a b", "\x00", "c" * 300):
        event = an_event(PAID, {"id": odd, "payment_intent": odd, "object": "checkout.session"})
        assert (await deliver(sqlite_harness, event)).status_code == 200
        async with reading(sqlite_harness.services.context.database) as work:
            stored = await work.events.find(event["id"])
        assert stored is not None
        assert (stored.object_id, stored.payment_intent_id) == ("", None)


async def test_one_good_signature_among_several_is_enough(sqlite_harness: Harness):
    harness = sqlite_harness
    started, event = await paid_in_secret(harness)
    body = json.dumps(event)
    moment = int(time.time())
    old = signature(harness, body, at=moment, secret="whsec_old")
    new = signature(harness, body, at=moment).partition(",")[2]
    assert (await post_raw(harness, body, f"{old},{new}")).status_code == 200
    await harness.services.webhooks.drain()
    assert await harness.status_of(started) == "confirmed"


async def test_while_a_secret_is_rolled_both_are_good(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    secrets = ("whsec_new", sandbox_of_the_run.webhook_secret)
    async with a_harness(sandbox_of_the_run, sqlite_url, stripe_webhook_secret=secrets) as harness:
        for secret, status in (("whsec_new", 200), (secrets[1], 200), ("whsec_gone", 400)):
            event = an_event("balance.available", {"object": "balance"})
            assert (await deliver(harness, event, secret=secret)).status_code == status


async def test_an_event_for_the_other_mode_has_no_effect(sqlite_harness: Harness):
    harness = sqlite_harness
    started, event = await paid_in_secret(harness)
    answer = await deliver(harness, {**event, "id": "evt_live", "livemode": True})
    assert answer.status_code == 200
    assert await harness.status_of(started) == "pending"


async def test_an_event_of_a_connected_account_has_no_effect(sqlite_harness: Harness):
    harness = sqlite_harness
    started, event = await paid_in_secret(harness)
    answer = await deliver(harness, {**event, "id": "evt_other", "account": "acct_1"})
    assert answer.status_code == 200
    assert await harness.status_of(started) == "pending"


@pytest.mark.parametrize(
    "kind", ["invoice.paid", "customer.created", "payment_intent.succeeded", "something.new"]
)
async def test_events_that_are_none_of_ours_are_taken_and_have_no_effect(
    sqlite_harness: Harness, kind: str
):
    answer = await deliver(sqlite_harness, an_event(kind, {"id": "in_1", "object": "invoice"}))
    assert answer.status_code == 200
    books = await read_books(sqlite_harness)
    assert (books.audit, books.inbox, books.outbox) == ([], [], [])


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        (PAID, {"id": "cs_test_unknown", "object": "checkout.session"}),
        (PAID, {"object": "checkout.session"}),
        ("refund.updated", {"id": "re_1", "object": "refund", "payment_intent": "pi_unknown"}),
        ("refund.updated", {"id": "re_1", "object": "refund", "payment_intent": None}),
        ("charge.refunded", {"id": "ch_1", "object": "charge"}),
    ],
)
async def test_events_about_things_that_stripe_does_not_know_have_no_effect(
    sqlite_harness: Harness, kind: str, thing: dict
):
    event = an_event(kind, thing)
    assert (await deliver(sqlite_harness, event)).status_code == 200
    async with reading(sqlite_harness.services.context.database) as work:
        stored = await work.events.find(event["id"])
    assert stored is not None
    assert stored.handled_at is not None


@pytest.mark.both_databases
async def test_events_that_arrive_at_once_and_twice_are_each_stored_and_settled_once(
    harness: Harness,
):
    await harness.control("deliveries/mode", mode="drop")
    course, paid, bodies = await harness.course(capacity=6), list[Started](), list[str]()
    for number in range(6):
        started = await harness.checkout(harness.student(f"p{number}"), course)
        await harness.pay(started)
        paid.append(started)
        bodies.append(json.dumps(await event_of(harness, started, PAID)))
    bodies += [json.dumps(an_event("invoice.paid", {"id": "in_1"})) for _ in range(6)]
    deliveries = [post_raw(harness, body, signature(harness, body)) for body in bodies * 2]
    with capture_logs() as logs:
        answers = await asyncio.gather(*deliveries)
        await harness.services.webhooks.drain()
    assert {answer.status_code for answer in answers} == {200}
    new = [line["event_id"] for line in logs if line.get("is_new")]
    assert sorted(new) == sorted(json.loads(body)["id"] for body in bodies)
    async with reading(harness.services.context.database) as work:
        for body in bodies:
            stored = await work.events.find(json.loads(body)["id"])
            assert stored is not None
            assert stored.handled_at is not None
            assert stored.tries == 0
    for started in paid:
        assert await harness.status_of(started) == "confirmed"
    books = await check_books(harness)
    confirmed = [entry.booking_id for entry in books.audit if entry.to_state == "confirmed"]
    assert sorted(filter(None, confirmed)) == sorted(started.booking_id for started in paid)


@pytest.mark.both_databases
async def test_of_an_event_that_arrives_twice_in_one_transaction_one_is_new(harness: Harness):
    rows = [
        {
            "id": name,
            "type": "refund.updated",
            "livemode": False,
            "payload": {},
            "received_at": harness.clock(),
        }
        for name in ("evt_b", "evt_a", "evt_b")
    ]
    for expected in ([True, True, False], [False, False, False]):
        async with writing(harness.services.context.database) as work:
            assert await work.events.store(rows) == expected


async def test_what_the_event_claims_is_not_believed(sqlite_harness: Harness):
    """The signature is valid, but the session is still open at Stripe: nothing was paid."""
    harness = sqlite_harness
    started = await harness.checkout(harness.student("sam"), await harness.course())
    page = await session_at_stripe(harness, started)
    claim = {**page, "status": "complete", "payment_status": "paid"}
    assert (await deliver(harness, an_event(PAID, claim))).status_code == 200
    assert await harness.status_of(started) == "pending"
