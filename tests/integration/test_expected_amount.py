"""An act on money is bound to the sum that its person saw; another one now, and nothing happens."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.unit_of_work import writing
from coursebook.services.bookings.expected_amounts import Expected, Seen
from tests.support.booking_invariants import check_books
from tests.support.booking_states import ledger_of
from tests.support.harness import OPERATOR, Started, World
from tests.support.stripe_objects import charge_of, session_at_stripe

HALF_AT_LAST = Terms((TermStep(7 * 24, 100), TermStep(24, 50)))


async def cancel(world: World, started: Started, expect: Any, who: Any = None) -> Any:
    path = f"/api/bookings/{started.booking_id}/cancel"
    return await world.post(path, who or started.student, json={"expect": expect})


async def retry(world: World, started: Started, expect: Any) -> Any:
    path = f"/api/bookings/{started.booking_id}/retry"
    return await world.post(path, started.student, json={"expect": expect})


async def raise_price(world: World, started_course: Any, price: int) -> None:
    async with writing(world.services.context.database) as work:
        row = await work.courses.lock(started_course.id)
        assert row is not None
        row.price = price


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "eur"}


async def test_a_boundary_of_the_terms_that_passed_meanwhile_is_not_crossed_silently(world: World):
    course = await world.course(starts_in=timedelta(days=8), terms=HALF_AT_LAST)
    started = await world.confirmed(world.student("sam"), course)
    shown = (await world.booking(started))["refund_if_cancelled"]
    world.clock.advance(timedelta(days=1, minutes=1))
    answer = await cancel(world, started, shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert answer.json()["expect"] == euros(2250)
    assert "€22.50 would be given back now, and €22.50 would stay" in answer.json()["detail"]
    assert await world.status_of(started) == "confirmed"
    assert (await check_books(world)).refunds == []
    again = await cancel(world, started, answer.json()["expect"])
    assert [r["amount"] for r in again.json()["refunds"]] == [euros(2250)]


async def test_a_dispute_or_a_refund_in_between_changes_what_comes_back(world: World):
    sam = world.student("sam")
    disputed = await world.confirmed(sam, await world.course())
    await world.control(f"charges/{await charge_of(world, disputed)}/dispute")
    await world.quiet()
    refunded = await world.confirmed(sam, await world.course())
    async with ledger_of(world, refunded) as ledger:
        (attempt,) = await ledger.work.attempts.of_booking(refunded.booking_id)
        await ledger.promise_refund(attempt, 1000, "kindness")
    for started, now in ((disputed, 0), (refunded, 3500)):
        answer = await cancel(world, started, euros(4500))
        assert (answer.status_code, answer.json().get("expect")) == (409, euros(now))
        assert await world.status_of(started) == "confirmed"


async def test_the_page_stays_open_when_another_sum_was_expected(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    answer = await cancel(world, started, euros(4500))
    assert answer.json()["code"] == "changed_meanwhile"
    assert (await session_at_stripe(world, started))["status"] == "open"
    assert (await cancel(world, started, euros(0))).json()["status"] == "cancelled"


async def test_a_payment_that_came_meanwhile_shows_the_new_sum(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    answer = await cancel(world, started, euros(0))
    assert (answer.json()["code"], answer.json()["expect"]) == ("changed_meanwhile", euros(4500))
    assert await world.status_of(started) == "confirmed"


@pytest.mark.parametrize("expect", [{"amount": 4500, "currency": "usd"}, euros(4499), euros(4501)])
async def test_any_other_sum_is_refused(sqlite_world: World, expect: Any):
    world = sqlite_world
    started = await world.confirmed(world.student("sam"), await world.course())
    assert (await cancel(world, started, expect)).json()["code"] == "changed_meanwhile"
    assert await world.status_of(started) == "confirmed"


@pytest.mark.parametrize(
    "expect",
    [
        {"amount": -1, "currency": "eur"},
        {"amount": "4500", "currency": "eur"},
        {"amount": 45.5, "currency": "eur"},
        {"amount": True, "currency": "eur"},
        {"amount": 10**30, "currency": "eur"},
        {"amount": 4500},
        {"amount": 4500, "currency": ""},
        {"amount": 4500, "currency": "eur", "more": 1},
        "4500",
        [],
    ],
)
async def test_what_is_no_sum_is_not_valid(sqlite_world: World, expect: Any):
    world = sqlite_world
    started = await world.confirmed(world.student("sam"), await world.course())
    for act in (cancel, retry):
        answer = await act(world, started, expect)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert await world.status_of(started) == "confirmed"


async def test_without_what_was_seen_it_is_done_as_ever(sqlite_world: World):
    world = sqlite_world
    sam = world.student("sam")
    for body in ({}, {"json": {}}, {"json": {"expect": None}}):
        started = await world.confirmed(sam, await world.course())
        answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", sam, **body)
        assert answer.json()["status"] == "cancelled", answer.text


async def test_an_operator_sees_and_gives_back_everything(world: World):
    course = await world.course(terms=Terms())
    started = await world.confirmed(world.student("sam"), course)
    path = f"/api/bookings/{started.booking_id}"
    assert (await world.booking(started))["refund_if_cancelled"] == euros(0)
    shown = (await world.get(path, OPERATOR)).json()
    assert (shown["refund_if_cancelled"], shown["stays_if_cancelled"]) == (euros(4500), euros(0))
    assert (await cancel(world, started, euros(0), OPERATOR)).json()["code"] == "changed_meanwhile"
    done = await cancel(world, started, shown["refund_if_cancelled"], OPERATOR)
    assert [r["amount"] for r in done.json()["refunds"]] == [euros(4500)]


async def test_an_operator_cancels_after_the_start_too(world: World):
    course = await world.course()
    started = await world.confirmed(world.student("sam"), course)
    await world.later(days=31)
    path = f"/api/bookings/{started.booking_id}"
    assert not (await world.booking(started))["can_cancel"]
    assert (await world.get(path, OPERATOR)).json()["can_cancel"]
    assert (await cancel(world, started, euros(4500), OPERATOR)).json()["status"] == "cancelled"


async def test_a_price_that_rose_after_the_hold_ran_out_is_not_asked_without_a_word(world: World):
    course = await world.course()
    started = await world.checkout(world.student("sam"), course)
    await world.later(minutes=40)
    await world.worker_round()
    shown = (await world.booking(started))["to_pay"]
    await raise_price(world, course, 5200)
    answer = await retry(world, started, shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert answer.json()["expect"] == euros(5200)
    assert await world.status_of(started) == "failed"
    assert (await world.course_now(course)).held == 0
    assert (await world.booking(started))["to_pay"] == euros(5200)
    again = await retry(world, started, euros(5200))
    assert again.status_code == 201, again.text
    assert (await world.booking(started))["amount"] == euros(5200)


async def test_an_open_page_keeps_its_price(world: World):
    course = await world.course()
    started = await world.checkout(world.student("sam"), course)
    await raise_price(world, course, 5200)
    assert (await retry(world, started, euros(5200))).json()["expect"] == euros(4500)
    assert (await retry(world, started, euros(4500))).json()["session_id"] == started.session_id


async def test_a_hold_that_ends_while_the_page_is_asked_about_asks_the_new_price(world: World):
    """The page was over at Stripe and we had not heard of it: the price of today, not silently."""
    course = await world.course()
    started = await world.checkout(world.student("sam"), course)
    await raise_price(world, course, 5200)
    await world.services.context.gateway.expire_session(str(started.session_id))
    answer = await retry(world, started, euros(4500))
    assert (answer.json()["code"], answer.json()["expect"]) == ("changed_meanwhile", euros(5200))


async def test_booking_a_course_that_changed_since_it_was_opened_is_refused(world: World):
    course, sam = await world.course(), await world.principal(world.student("sam"))
    shown = await world.services.catalog.course(course.slug)
    seen = Seen(Expected(4500, "eur"), shown.offer)
    for change in ({"price": 5200}, {"terms": []}, {"starts_at": course.starts_at - timedelta(1)}):
        async with writing(world.services.context.database) as work:
            row = await work.courses.lock(course.id)
            assert row is not None
            before = {name: getattr(row, name) for name in change}
            for name, value in change.items():
                setattr(row, name, value)
        with pytest.raises(Exception, match="have changed") as refused:
            await world.services.checkout.start_checkout(sam, course.id, seen=seen)
        assert getattr(refused.value, "code", "") == "course_changed"
        async with writing(world.services.context.database) as work:
            row = await work.courses.lock(course.id)
            for name, value in before.items():
                setattr(row, name, value)
    assert (await check_books(world)).bookings == []
    done = await world.services.checkout.start_checkout(sam, course.id, seen=seen)
    assert done.is_new
