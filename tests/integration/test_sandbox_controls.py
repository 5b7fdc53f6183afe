"""Test controls of the sandbox that no other test of the product uses."""

from tests.support import cards
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import ask_stripe, charge_of, event_of


async def paid(harness: Harness, card: str = cards.VISA) -> Started:
    """Return a booking that was paid."""
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, card)
    assert await harness.status_of(started) == "confirmed"
    return started


async def test_a_fact_that_is_told_again_and_by_a_second_event_changes_nothing(harness: Harness):
    started = await paid(harness)
    event = await event_of(harness, started, "checkout.session.completed")
    before = await harness.booking(started)
    for said in ({"id": event["id"]}, {"id": event["id"], "as_new": True}):
        await harness.control("events/resend", **said)
        await harness.quiet()
    assert await harness.booking(started) == before


async def test_the_mail_about_a_booking_is_sent_once(harness: Harness):
    started = await paid(harness)
    for _ in range(2):
        await harness.worker_round()
    mail = await harness.control("mail", to=started.student.email)
    assert len(mail["mails"]) == 1


async def test_a_dispute_and_its_end_are_taken_in_and_the_place_is_kept(harness: Harness):
    started = await paid(harness)
    charge = await charge_of(harness, started)
    dispute = (await harness.control(f"charges/{charge}/dispute"))["dispute"]
    await harness.quiet()
    assert await harness.status_of(started) == "confirmed"
    await harness.control(f"disputes/{dispute['id']}/close", outcome="won")
    await harness.quiet()
    assert await harness.status_of(started) == "confirmed"


async def test_an_inquiry_that_becomes_a_dispute_keeps_the_place(harness: Harness):
    started = await paid(harness, cards.INQUIRY)
    charge = await charge_of(harness, started)
    (dispute,) = (await ask_stripe(harness, "disputes", charge=charge))["data"]
    await harness.control(f"disputes/{dispute['id']}/escalate")
    await harness.quiet()
    assert await harness.status_of(started) == "confirmed"


async def test_a_refund_of_the_dashboard_that_is_cancelled_is_taken_in(harness: Harness):
    started = await paid(harness, cards.REFUND_PENDING)
    charge = await charge_of(harness, started)
    refund = (await harness.control(f"charges/{charge}/refund"))["refund"]
    await harness.quiet()
    assert (await harness.booking(started))["payment_status"] == "refunded"
    await harness.control(f"refunds/{refund['id']}/cancel")
    await harness.quiet()
    assert (await harness.booking(started))["payment_status"] == "paid"
