"""The story of a booking, drawn from the audit trail of what really happened."""

from coursebook.services.views import BookingStory
from tests.integration.test_settle_disputes import close, disputed
from tests.support import cards
from tests.support.booking_states import lose_place
from tests.support.harness import Started, World, eur


async def told(world: World, started: Started) -> list[tuple[str, int]]:
    who = await world.principal(started.student)
    story = await world.services.dashboard.story(who, started.booking_id)
    moments = [step.at for step in story.timeline]
    assert moments == sorted(moments)
    return [(step.fact, step.amount.amount) for step in story.timeline]


async def look(world: World, started: Started) -> BookingStory:
    who = await world.principal(started.student)
    return await world.services.dashboard.look(who, started.booking_id)


async def facts(world: World, started: Started) -> list[str]:
    return [fact for fact, _ in await told(world, started)]


async def test_declined_then_paid_then_cancelled_is_told_with_every_amount(world: World):
    started = await world.checkout(world.student("sam"), await world.course(price=eur(45)))
    await world.pay(started, cards.DECLINED)
    await look(world, started)
    await world.later(minutes=1)
    await world.pay(started)
    assert await told(world, started) == [
        ("booked", 4500),
        ("page_opened", 4500),
        ("declined", 4500),
        ("confirmed", 4500),
    ]
    await world.later(minutes=1)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.later(minutes=1)
    await world.worker_round()
    assert (await told(world, started))[4:] == [
        ("cancelled", 4500),
        ("refund_cancelled", 4500),
        ("refund_sent", 4500),
    ]


async def test_only_the_reason_of_a_decline_is_told(sqlite_world: World):
    world = sqlite_world
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, cards.DECLINED)
    story = await look(world, started)
    assert {s.fact: s.reason for s in story.timeline if s.reason} == {
        "declined": "Your card was declined."
    }


async def test_a_hold_that_ran_out_and_a_new_try_are_told(sqlite_world: World):
    world = sqlite_world
    course = await world.course()
    started = await world.checkout(world.student("sam"), course)
    await world.later(hours=1)
    await world.worker_round()
    assert (await facts(world, started))[-1] == "released"
    await world.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (await facts(world, started))[-2:] == ["held_again", "page_opened"]


async def test_a_late_payment_is_told_with_what_becomes_of_it(sqlite_world: World):
    world = sqlite_world
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.later(seconds=1)
    await lose_place(world, started)
    await world.confirmed(world.student("sally"), course)
    await world.later(seconds=1)
    await world.pay(started)
    await world.later(seconds=1)
    await world.worker_round()
    assert (await told(world, started))[2:] == [
        ("released", 4500),
        ("received", 4500),
        ("refund_late_payment", 4500),
        ("refund_sent", 4500),
    ]


async def test_a_free_place_is_told_without_a_payment(sqlite_world: World):
    world = sqlite_world
    started = await world.checkout(world.student("sam"), await world.course(price=eur(0)))
    assert await told(world, started) == [("booked", 0), ("confirmed", 0)]


async def test_looking_asks_stripe_first(sqlite_world: World):
    world = sqlite_world
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    await world.control("deliveries/mode", mode="normal")
    who = await world.principal(started.student)
    assert (await world.services.dashboard.story(who, started.booking_id)).booking.status == (
        "pending"
    )
    assert (await look(world, started)).booking.status == "confirmed"


async def test_looking_at_a_hold_that_is_over_ends_it(sqlite_world: World):
    world = sqlite_world
    course = await world.course()
    started = await world.checkout(world.student("sam"), course)
    world.clock.advance(world.services.context.hold)
    story = await look(world, started)
    assert (story.booking.status, story.booking.can_retry) == ("failed", True)
    assert (await world.course_now(course)).held == 0


async def test_a_dispute_is_told_without_what_operators_are_asked(sqlite_world: World):
    world = sqlite_world
    started, key = await disputed(world)
    await world.later(minutes=1)
    await close(world, key, "lost")
    found = await facts(world, started)
    assert found[-2:] == ["dispute_open", "dispute_lost"]
    assert "noted" not in found
