"""Test controls of the sandbox that no other test of the product uses."""

from tests.support import cards
from tests.support.harness import Started, World
from tests.support.stripe_objects import ask_stripe, charge_of, event_of


async def paid(world: World, card: str = cards.VISA) -> Started:
    """Return a booking that was paid."""
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, card)
    assert await world.status_of(started) == "confirmed"
    return started


async def test_a_fact_that_is_told_again_and_by_a_second_event_changes_nothing(world: World):
    started = await paid(world)
    event = await event_of(world, started, "checkout.session.completed")
    before = await world.booking(started)
    for said in ({"id": event["id"]}, {"id": event["id"], "as_new": True}):
        await world.control("events/resend", **said)
        await world.quiet()
    assert await world.booking(started) == before


async def test_the_mail_about_a_booking_is_sent_once(world: World):
    started = await paid(world)
    for _ in range(2):
        await world.worker_round()
    found = await world.control("mail", to=started.student.email)
    assert len(found["mails"]) == 1


async def test_a_dispute_and_its_end_are_taken_in_and_the_place_is_kept(world: World):
    started = await paid(world)
    charge = await charge_of(world, started)
    dispute = (await world.control(f"charges/{charge}/dispute"))["dispute"]
    await world.quiet()
    assert await world.status_of(started) == "confirmed"
    await world.control(f"disputes/{dispute['id']}/close", outcome="won")
    await world.quiet()
    assert await world.status_of(started) == "confirmed"


async def test_an_inquiry_that_becomes_a_dispute_keeps_the_place(world: World):
    started = await paid(world, cards.INQUIRY)
    charge = await charge_of(world, started)
    (dispute,) = (await ask_stripe(world, "disputes", charge=charge))["data"]
    await world.control(f"disputes/{dispute['id']}/escalate")
    await world.quiet()
    assert await world.status_of(started) == "confirmed"


async def test_a_refund_of_the_dashboard_that_is_cancelled_is_taken_in(world: World):
    started = await paid(world, cards.REFUND_PENDING)
    charge = await charge_of(world, started)
    refund = (await world.control(f"charges/{charge}/refund"))["refund"]
    await world.quiet()
    assert (await world.booking(started))["payment_status"] == "refunded"
    await world.control(f"refunds/{refund['id']}/cancel")
    await world.quiet()
    assert (await world.booking(started))["payment_status"] == "paid"
