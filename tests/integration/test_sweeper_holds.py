"""A hold ends only when Stripe says that its page can no longer be paid."""

from datetime import timedelta

from coursebook.payments.gateway import StripeUnreachable
from coursebook.persistence.unit_of_work import writing
from coursebook.services.settlement.holds import close_attempt, sweep_hold
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.booking_states import in_a_hurry
from tests.support.harness import Started, World
from tests.support.stripe_objects import session_at_stripe


async def overdue(world: World, **course) -> Started:
    """Return a checkout whose hold has run out, although Stripe still takes the money."""
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course(**course))
    world.clock.advance(world.services.context.hold + timedelta(minutes=1))
    return started


async def seats(world: World) -> tuple[int, int]:
    (course,) = (await read_books(world)).courses
    return course.held, course.confirmed


async def test_the_sweeper_asks_then_closes_the_page_then_releases(world: World, monkeypatch):
    started, gateway = await overdue(world), world.services.context.gateway
    story: list[str] = []

    def told(name: str):
        original = getattr(gateway, name)

        async def call(session_id: str):
            story.append(f"{name} while {await seats(world)}")
            return await original(session_id)

        monkeypatch.setattr(gateway, name, call)

    told("session")
    told("expire_session")
    await sweep_hold(world.services.context, started.booking_id)
    held = "(1, 0)"
    assert story == [
        f"session while {held}",
        f"expire_session while {held}",
        f"session while {held}",
    ]
    assert await seats(world) == (0, 0)
    assert (await session_at_stripe(world, started))["status"] == "expired"
    assert await world.status_of(started) == "failed"


async def test_an_overdue_hold_is_swept_by_the_worker_and_the_student_told_once(world: World):
    started = await overdue(world)
    for _ in range(3):
        await world.worker_round()
        world.clock.advance(timedelta(minutes=2))
    assert await world.status_of(started) == "failed"
    subjects = [m["subject"] for m in await world.mails(started.student)]
    assert [s.partition(":")[0] for s in subjects] == ["Your place is no longer held"]


async def test_an_overdue_hold_that_was_paid_is_confirmed_by_the_sweeper(world: World):
    started = await overdue(world)
    await world.pay(started)
    await world.worker_round()
    assert await world.status_of(started) == "confirmed"
    assert await seats(world) == (0, 1)


async def test_nobody_comes_back_and_no_webhook_comes_and_the_worker_settles(world: World):
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    await world.worker_round()
    assert await world.status_of(started) == "pending", "asked about a minute later at the latest"
    world.clock.advance(timedelta(seconds=61))
    await world.worker_round()
    assert await world.status_of(started) == "confirmed"


async def test_no_hold_is_released_while_stripe_is_silent(world: World, monkeypatch):
    in_a_hurry(world, monkeypatch)
    started = await overdue(world)
    await world.control("faults", kind="500", count=1000)
    for _ in range(3):
        await world.worker_round()
        world.clock.advance(timedelta(hours=1))
    assert await seats(world) == (1, 0)
    await world.control("faults", count=0)
    await world.worker_round()
    assert await seats(world) == (0, 0)
    assert await world.status_of(started) == "failed"


async def test_a_closing_call_whose_answer_is_lost_keeps_the_hold_until_stripe_says_so(
    world: World, monkeypatch
):
    in_a_hurry(world, monkeypatch)
    started = await overdue(world)
    await world.control("faults", kind="timeout", when="after", count=3, path="/expire")
    await world.worker_round()
    assert await seats(world) == (1, 0)
    assert (await session_at_stripe(world, started))["status"] == "expired"
    await world.worker_round()
    assert await seats(world) == (0, 0)


async def test_a_payment_on_its_way_is_never_swept(world: World):
    started = await overdue(world)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    for _ in range(3):
        await world.worker_round()
        world.clock.advance(timedelta(days=1))
    assert await seats(world) == (1, 0)
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await world.worker_round()
    assert await seats(world) == (0, 1)


async def test_a_page_that_stripe_has_forgotten_is_over_once_its_time_is_over(world: World):
    """Another account's key, or a sandbox made anew: Stripe says 404 for a page that we know."""
    started = await world.checkout(world.student("sam"), await world.course(capacity=1))
    async with writing(world.services.context.database) as work:
        attempt = await work.attempts.by_session(started.session_id or "")
        assert attempt is not None
        attempt.session_id = "cs_test_nobody_knows"
    await world.services.context.gateway.expire_session(started.session_id)
    await world.quiet()
    world.clock.advance(timedelta(minutes=5))
    await close_attempt(world.services.context, attempt.id)
    await world.worker_round()
    assert [a.state for a in (await read_books(world)).attempts] == ["open"]
    assert await seats(world) == (1, 0), "it might be paid yet"
    world.clock.advance(world.services.context.hold)
    await world.worker_round()
    assert await seats(world) == (0, 0)
    assert await world.status_of(started) == "failed"


async def test_one_booking_that_breaks_our_code_does_not_keep_the_others_held(
    sqlite_world: World, monkeypatch
):
    world = sqlite_world
    course = await world.course()
    first = await world.checkout(world.student("sam"), course)
    second = await world.checkout(world.student("sue"), course)
    world.clock.advance(world.services.context.hold * 2)
    gateway = world.services.context.gateway
    ask = gateway.session

    async def trips(session_id):
        if session_id == first.session_id:
            raise KeyError("a mistake of ours")
        return await ask(session_id)

    monkeypatch.setattr(gateway, "session", trips)
    await world.worker_round()
    assert [await world.status_of(s) for s in (first, second)] == ["pending", "failed"]
    ready = await world.get("/api/ready")
    assert ready.status_code == 200, "the worker lives"


async def test_when_stripe_is_silent_the_worker_does_not_ask_about_every_hold(
    sqlite_world: World, monkeypatch
):
    """Each unanswered call takes half a minute: mails and the pulse must not wait for all."""
    world = sqlite_world
    course = await world.course()
    for name in ("sam", "sue", "ann"):
        await world.checkout(world.student(name), course)
    world.clock.advance(world.services.context.hold * 2)
    asked = []

    async def silent(session_id):
        asked.append(session_id)
        raise StripeUnreachable("nothing")

    monkeypatch.setattr(world.services.context.gateway, "session", silent)
    await world.worker_round()
    assert len(asked) == 4, "two in each pass, of three holds"
    assert await seats(world) == (3, 0)
