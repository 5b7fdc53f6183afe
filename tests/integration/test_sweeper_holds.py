"""A hold ends only when Stripe confirms that its session can no longer be paid."""

from datetime import timedelta

from coursebook.payments.gateway import StripeUnreachable
from coursebook.persistence.unit_of_work import writing
from coursebook.services.settlement.holds import close_attempt, sweep_hold
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import session_at_stripe


async def overdue(harness: Harness, **course) -> Started:
    """Return a checkout whose hold is overdue while its session is still open."""
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course(**course))
    harness.clock.advance(harness.services.context.hold + timedelta(minutes=1))
    return started


async def seats(harness: Harness) -> tuple[int, int]:
    (course,) = (await read_books(harness)).courses
    return course.held, course.confirmed


async def test_the_sweeper_asks_then_closes_the_page_then_releases(harness: Harness, monkeypatch):
    started, gateway = await overdue(harness), harness.services.context.gateway
    story: list[str] = []

    def told(name: str):
        original = getattr(gateway, name)

        async def call(session_id: str):
            story.append(f"{name} while {await seats(harness)}")
            return await original(session_id)

        monkeypatch.setattr(gateway, name, call)

    told("session")
    told("expire_session")
    await sweep_hold(harness.services.context, started.booking_id)
    held = "(1, 0)"
    assert story == [
        f"session while {held}",
        f"expire_session while {held}",
        f"session while {held}",
    ]
    assert await seats(harness) == (0, 0)
    assert (await session_at_stripe(harness, started))["status"] == "expired"
    assert await harness.status_of(started) == "failed"


async def test_an_overdue_hold_is_swept_by_the_worker_and_the_student_told_once(harness: Harness):
    started = await overdue(harness)
    for _ in range(3):
        await harness.worker_round()
        harness.clock.advance(timedelta(minutes=2))
    assert await harness.status_of(started) == "failed"
    subjects = [m["subject"] for m in await harness.mails(started.student)]
    assert [s.partition(":")[0] for s in subjects] == ["Your place is no longer held"]


async def test_an_overdue_hold_that_was_paid_is_confirmed_by_the_sweeper(harness: Harness):
    started = await overdue(harness)
    await harness.pay(started)
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"
    assert await seats(harness) == (0, 1)


async def test_nobody_comes_back_and_no_webhook_comes_and_the_worker_settles(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    await harness.worker_round()
    assert await harness.status_of(started) == "pending", "asked about a minute later at the latest"
    harness.clock.advance(timedelta(seconds=61))
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"


async def test_no_hold_is_released_while_stripe_is_silent(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    started = await overdue(harness)
    await harness.control("faults", kind="500", count=1000)
    for _ in range(3):
        await harness.worker_round()
        harness.clock.advance(timedelta(hours=1))
    assert await seats(harness) == (1, 0)
    await harness.control("faults", count=0)
    await harness.worker_round()
    assert await seats(harness) == (0, 0)
    assert await harness.status_of(started) == "failed"


async def test_a_closing_call_whose_answer_is_lost_keeps_the_hold_until_stripe_says_so(
    harness: Harness, monkeypatch
):
    shorten_stripe_timeouts(harness, monkeypatch)
    started = await overdue(harness)
    await harness.control("faults", kind="timeout", when="after", count=3, path="/expire")
    await harness.worker_round()
    assert await seats(harness) == (1, 0)
    assert (await session_at_stripe(harness, started))["status"] == "expired"
    await harness.worker_round()
    assert await seats(harness) == (0, 0)


async def test_a_payment_on_its_way_is_never_swept(harness: Harness):
    started = await overdue(harness)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    for _ in range(3):
        await harness.worker_round()
        harness.clock.advance(timedelta(days=1))
    assert await seats(harness) == (1, 0)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.worker_round()
    assert await seats(harness) == (0, 1)


async def test_a_page_that_stripe_has_forgotten_is_over_once_its_time_is_over(harness: Harness):
    """With a key of another account or a new sandbox, Stripe answers 404 for a stored session."""
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    async with writing(harness.services.context.database) as work:
        attempt = await work.attempts.by_session(started.session_id or "")
        assert attempt is not None
        attempt.session_id = "cs_test_nobody_knows"
    await harness.services.context.gateway.expire_session(started.session_id)
    await harness.quiet()
    harness.clock.advance(timedelta(minutes=5))
    await close_attempt(harness.services.context, attempt.id)
    await harness.worker_round()
    assert [a.state for a in (await read_books(harness)).attempts] == ["open"]
    assert await seats(harness) == (1, 0), "it might still be paid"
    harness.clock.advance(harness.services.context.hold)
    await harness.worker_round()
    assert await seats(harness) == (0, 0)
    assert await harness.status_of(started) == "failed"


async def test_one_booking_that_breaks_our_code_does_not_keep_the_others_held(
    sqlite_harness: Harness, monkeypatch
):
    harness = sqlite_harness
    course = await harness.course()
    first = await harness.checkout(harness.student("sam"), course)
    second = await harness.checkout(harness.student("sue"), course)
    harness.clock.advance(harness.services.context.hold * 2)
    gateway = harness.services.context.gateway
    ask = gateway.session

    async def trips(session_id):
        if session_id == first.session_id:
            raise KeyError("a mistake of ours")
        return await ask(session_id)

    monkeypatch.setattr(gateway, "session", trips)
    await harness.worker_round()
    assert [await harness.status_of(s) for s in (first, second)] == ["pending", "failed"]
    ready = await harness.get("/api/ready")
    assert ready.status_code == 200, "the worker must keep running"


async def test_when_stripe_is_silent_the_worker_does_not_ask_about_every_hold(
    sqlite_harness: Harness, monkeypatch
):
    """Each unanswered call takes half a minute, and mails and heartbeats must not wait for all."""
    harness = sqlite_harness
    course = await harness.course()
    for name in ("sam", "sue", "ann"):
        await harness.checkout(harness.student(name), course)
    harness.clock.advance(harness.services.context.hold * 2)
    asked = []

    async def silent(session_id):
        asked.append(session_id)
        raise StripeUnreachable("nothing")

    monkeypatch.setattr(harness.services.context.gateway, "session", silent)
    await harness.worker_round()
    assert len(asked) == 4, "expected two of three holds in each pass"
    assert await seats(harness) == (3, 0)
