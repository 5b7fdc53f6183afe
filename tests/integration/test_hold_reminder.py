"""The reminder before a hold ends: once, only if unpaid, and early enough to act."""

from datetime import timedelta
from email import message_from_string
from email.policy import default

from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import Harness, Started, eur


async def rounds_until(harness: Harness, **left: float) -> None:
    """Advance the clock to that long before the end of the hold, and run the worker twice."""
    harness.clock.advance(harness.services.context.hold - timedelta(**left))
    for _ in range(2):
        await harness.worker_round()


async def subjects(harness: Harness, started: Started) -> list[str]:
    return [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]


async def test_an_unpaid_hold_is_reminded_once_in_the_zone_of_the_course(
    harness: Harness,
):
    started = await harness.checkout(
        harness.student("sam"), await harness.course(timezone="Asia/Tokyo")
    )
    await rounds_until(harness, minutes=10)
    harness.clock.advance(timedelta(minutes=3))
    await harness.worker_round()
    (mail,) = await harness.mails(started.student)
    assert mail["subject"].startswith("Your place is held a little longer: ")
    body = message_from_string(mail["raw"], policy=default).get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert "Tokyo time. We have not received your payment of €45.00 yet." in text
    assert await harness.status_of(started) == "pending"


async def test_no_reminder_is_sent_too_early_or_too_late(harness: Harness):
    early = await harness.checkout(harness.student("sam"), await harness.course())
    await rounds_until(harness, minutes=14)
    assert await subjects(harness, early) == []
    harness.clock.advance(timedelta(minutes=11))
    await harness.worker_round()
    assert await subjects(harness, early) == []


async def test_a_payment_without_its_webhook_is_confirmed_instead(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    await rounds_until(harness, minutes=10)
    assert await subjects(harness, started) == ["Booked"]


async def test_a_payment_on_its_way_and_a_free_place_are_not_reminded(harness: Harness):
    slow = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(slow, cards.DEBIT_SUCCEEDS_LATER)
    free = await harness.checkout(harness.student("sue"), await harness.course(price=eur(0)))
    await rounds_until(harness, minutes=10)
    assert await subjects(harness, slow) == ["Payment on its way"]
    assert await subjects(harness, free) == ["Booked"]


async def test_a_declined_card_is_reminded_and_a_new_try_anew(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.DECLINED)
    await rounds_until(harness, minutes=10)
    await harness.later(minutes=40)
    await harness.worker_round()
    again = await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert again.status_code == 201
    await rounds_until(harness, minutes=10)
    said = await subjects(harness, started)
    assert said.count("Your place is held a little longer") == 2


async def test_no_reminder_is_sent_while_stripe_does_not_answer(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("faults", count=60, kind="500", method="GET")
    await rounds_until(harness, minutes=10)
    assert await subjects(harness, started) == []
    assert [m.kind for m in (await read_books(harness)).outbox] == []
    await harness.control("faults", count=0)
    await harness.worker_round()
    assert await subjects(harness, started) == ["Your place is held a little longer"]


async def test_a_reminder_that_is_late_in_the_outbox_is_not_sent(harness: Harness, monkeypatch):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    with monkeypatch.context() as patch:
        patch.setattr(harness.services.outbox, "run", _nothing)
        await rounds_until(harness, minutes=10)
    harness.clock.advance(timedelta(minutes=8))
    await harness.worker_round()
    assert await subjects(harness, started) == []
    (message,) = (await read_books(harness)).outbox
    assert message.done_at is not None


async def _nothing() -> int:
    return 0
