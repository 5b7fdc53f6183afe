"""The timeline of a booking, derived from its audit trail."""

from coursebook.services.views import BookingStory
from tests.integration.test_settle_disputes import close, disputed
from tests.support import cards
from tests.support.booking_states import release_held_seat
from tests.support.harness import Harness, Started, eur


async def told(harness: Harness, started: Started) -> list[tuple[str, int]]:
    principal = await harness.principal(started.student)
    story = await harness.services.dashboard.story(principal, started.booking_id)
    moments = [step.at for step in story.timeline]
    assert moments == sorted(moments)
    return [(step.fact, step.amount.amount) for step in story.timeline]


async def look(harness: Harness, started: Started) -> BookingStory:
    principal = await harness.principal(started.student)
    return await harness.services.dashboard.look(principal, started.booking_id)


async def facts(harness: Harness, started: Started) -> list[str]:
    return [fact for fact, _ in await told(harness, started)]


async def test_declined_paid_and_cancelled_shows_every_amount(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course(price=eur(45)))
    await harness.pay(started, cards.DECLINED)
    await look(harness, started)
    await harness.later(minutes=1)
    await harness.pay(started)
    assert await told(harness, started) == [
        ("booked", 4500),
        ("page_opened", 4500),
        ("declined", 4500),
        ("confirmed", 4500),
    ]
    await harness.later(minutes=1)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.later(minutes=1)
    await harness.worker_round()
    assert (await told(harness, started))[4:] == [
        ("cancelled", 4500),
        ("refund_cancelled", 4500),
        ("refund_sent", 4500),
    ]


async def test_a_decline_shows_only_its_reason(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.DECLINED)
    story = await look(harness, started)
    assert {s.fact: s.reason for s in story.timeline if s.reason} == {
        "declined": "Your card was declined."
    }


async def test_an_expired_hold_and_a_retry_are_shown(sqlite_harness: Harness):
    harness = sqlite_harness
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    await harness.later(hours=1)
    await harness.worker_round()
    assert (await facts(harness, started))[-1] == "released"
    await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (await facts(harness, started))[-2:] == ["held_again", "page_opened"]


async def test_a_late_payment_is_shown_with_its_outcome(sqlite_harness: Harness):
    harness = sqlite_harness
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.later(seconds=1)
    await release_held_seat(harness, started)
    await harness.confirmed(harness.student("sally"), course)
    await harness.later(seconds=1)
    await harness.pay(started)
    await harness.later(seconds=1)
    await harness.worker_round()
    assert (await told(harness, started))[2:] == [
        ("released", 4500),
        ("received", 4500),
        ("refund_late_payment", 4500),
        ("refund_sent", 4500),
    ]


async def test_a_free_seat_is_shown_without_a_payment(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await harness.checkout(harness.student("sam"), await harness.course(price=eur(0)))
    assert await told(harness, started) == [("booked", 0), ("confirmed", 0)]


async def test_reading_a_timeline_asks_stripe_first(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    await harness.control("deliveries/mode", mode="normal")
    principal = await harness.principal(started.student)
    assert (
        await harness.services.dashboard.story(principal, started.booking_id)
    ).booking.status == ("pending")
    assert (await look(harness, started)).booking.status == "confirmed"


async def test_reading_an_overdue_hold_ends_it(sqlite_harness: Harness):
    harness = sqlite_harness
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    harness.clock.advance(harness.services.context.hold)
    story = await look(harness, started)
    assert (story.booking.status, story.booking.can_retry) == ("failed", True)
    assert (await harness.course_now(course)).held == 0


async def test_a_dispute_is_shown_without_the_inbox_entry(sqlite_harness: Harness):
    harness = sqlite_harness
    started, key = await disputed(harness)
    await harness.later(minutes=1)
    await close(harness, key, "lost")
    timeline_facts = await facts(harness, started)
    assert timeline_facts[-2:] == ["dispute_open", "dispute_lost"]
    assert "noted" not in timeline_facts
