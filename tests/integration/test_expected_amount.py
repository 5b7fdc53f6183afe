"""A payment action carries the amount that the person saw, and is refused if it has changed."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.unit_of_work import writing
from coursebook.services.bookings.expected_amounts import Expected, ShownOffer
from tests.support.booking_invariants import check_books
from tests.support.booking_states import locked_booking_of
from tests.support.harness import OPERATOR, Harness, Started
from tests.support.stripe_objects import charge_of, session_at_stripe

HALF_AT_LAST = Terms((TermStep(7 * 24, 100), TermStep(24, 50)))


async def cancel(harness: Harness, started: Started, expect: Any, who: Any = None) -> Any:
    path = f"/api/bookings/{started.booking_id}/cancel"
    return await harness.post(path, who or started.student, json={"expect": expect})


async def retry(harness: Harness, started: Started, expect: Any) -> Any:
    path = f"/api/bookings/{started.booking_id}/retry"
    return await harness.post(path, started.student, json={"expect": expect})


async def raise_price(harness: Harness, started_course: Any, price: int) -> None:
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(started_course.id)
        assert row is not None
        row.price = price


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "eur"}


async def test_a_lower_refund_after_a_deadline_is_not_applied_silently(
    harness: Harness,
):
    course = await harness.course(starts_in=timedelta(days=8), terms=HALF_AT_LAST)
    started = await harness.confirmed(harness.student("sam"), course)
    shown = (await harness.booking(started))["refund_if_cancelled"]
    harness.clock.advance(timedelta(days=1, minutes=1))
    answer = await cancel(harness, started, shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert answer.json()["expect"] == euros(2250)
    assert "€22.50 would be given back now, and €22.50 would stay" in answer.json()["detail"]
    assert await harness.status_of(started) == "confirmed"
    assert (await check_books(harness)).refunds == []
    again = await cancel(harness, started, answer.json()["expect"])
    assert [r["amount"] for r in again.json()["refunds"]] == [euros(2250)]


async def test_a_dispute_or_a_refund_in_between_changes_what_comes_back(harness: Harness):
    sam = harness.student("sam")
    disputed = await harness.confirmed(sam, await harness.course())
    await harness.control(f"charges/{await charge_of(harness, disputed)}/dispute")
    await harness.quiet()
    refunded = await harness.confirmed(sam, await harness.course())
    async with locked_booking_of(harness, refunded) as locked:
        (attempt,) = await locked.work.attempts.of_booking(refunded.booking_id)
        await locked.enqueue_refund(attempt, 1000, "kindness")
    for started, now in ((disputed, 0), (refunded, 3500)):
        answer = await cancel(harness, started, euros(4500))
        assert (answer.status_code, answer.json().get("expect")) == (409, euros(now))
        assert await harness.status_of(started) == "confirmed"


async def test_the_session_stays_open_on_a_different_amount(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    answer = await cancel(harness, started, euros(4500))
    assert answer.json()["code"] == "changed_meanwhile"
    assert (await session_at_stripe(harness, started))["status"] == "open"
    assert (await cancel(harness, started, euros(0))).json()["status"] == "cancelled"


async def test_a_payment_that_came_meanwhile_shows_the_new_sum(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    answer = await cancel(harness, started, euros(0))
    assert (answer.json()["code"], answer.json()["expect"]) == ("changed_meanwhile", euros(4500))
    assert await harness.status_of(started) == "confirmed"


@pytest.mark.parametrize("expect", [{"amount": 4500, "currency": "usd"}, euros(4499), euros(4501)])
async def test_any_other_amount_is_refused(sqlite_harness: Harness, expect: Any):
    harness = sqlite_harness
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    assert (await cancel(harness, started, expect)).json()["code"] == "changed_meanwhile"
    assert await harness.status_of(started) == "confirmed"


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
async def test_an_invalid_amount_is_a_validation_error(sqlite_harness: Harness, expect: Any):
    harness = sqlite_harness
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    for act in (cancel, retry):
        answer = await act(harness, started, expect)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert await harness.status_of(started) == "confirmed"


async def test_without_an_expected_amount_the_action_is_done(sqlite_harness: Harness):
    harness = sqlite_harness
    sam = harness.student("sam")
    for body in ({}, {"json": {}}, {"json": {"expect": None}}):
        started = await harness.confirmed(sam, await harness.course())
        answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam, **body)
        assert answer.json()["status"] == "cancelled", answer.text


async def test_an_operator_sees_and_refunds_everything(harness: Harness):
    course = await harness.course(terms=Terms())
    started = await harness.confirmed(harness.student("sam"), course)
    path = f"/api/bookings/{started.booking_id}"
    assert (await harness.booking(started))["refund_if_cancelled"] == euros(0)
    shown = (await harness.get(path, OPERATOR)).json()
    assert (shown["refund_if_cancelled"], shown["stays_if_cancelled"]) == (euros(4500), euros(0))
    assert (await cancel(harness, started, euros(0), OPERATOR)).json()[
        "code"
    ] == "changed_meanwhile"
    done = await cancel(harness, started, shown["refund_if_cancelled"], OPERATOR)
    assert [r["amount"] for r in done.json()["refunds"]] == [euros(4500)]


async def test_an_operator_cancels_after_the_start_too(harness: Harness):
    course = await harness.course()
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.later(days=31)
    path = f"/api/bookings/{started.booking_id}"
    assert not (await harness.booking(started))["can_cancel"]
    assert (await harness.get(path, OPERATOR)).json()["can_cancel"]
    assert (await cancel(harness, started, euros(4500), OPERATOR)).json()["status"] == "cancelled"


async def test_a_higher_price_after_an_expired_hold_is_refused_first(
    harness: Harness,
):
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    await harness.later(minutes=40)
    await harness.worker_round()
    shown = (await harness.booking(started))["to_pay"]
    await raise_price(harness, course, 5200)
    answer = await retry(harness, started, shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert answer.json()["expect"] == euros(5200)
    assert await harness.status_of(started) == "failed"
    assert (await harness.course_now(course)).held == 0
    assert (await harness.booking(started))["to_pay"] == euros(5200)
    again = await retry(harness, started, euros(5200))
    assert again.status_code == 201, again.text
    assert (await harness.booking(started))["amount"] == euros(5200)


async def test_an_open_page_keeps_its_price(harness: Harness):
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    await raise_price(harness, course, 5200)
    assert (await retry(harness, started, euros(5200))).json()["expect"] == euros(4500)
    assert (await retry(harness, started, euros(4500))).json()["session_id"] == started.session_id


async def test_a_hold_that_ends_during_the_retry_needs_the_new_price(harness: Harness):
    """The session had expired at Stripe unnoticed: the current price must be confirmed first."""
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    await raise_price(harness, course, 5200)
    await harness.services.context.gateway.expire_session(str(started.session_id))
    answer = await retry(harness, started, euros(4500))
    assert (answer.json()["code"], answer.json()["expect"]) == ("changed_meanwhile", euros(5200))


async def test_booking_a_course_that_changed_since_it_was_opened_is_refused(harness: Harness):
    course, sam = await harness.course(), await harness.principal(harness.student("sam"))
    shown = await harness.services.catalog.course(course.slug)
    seen = ShownOffer(Expected(4500, "eur"), shown.offer)
    for change in ({"price": 5200}, {"terms": []}, {"starts_at": course.starts_at - timedelta(1)}):
        async with writing(harness.services.context.database) as work:
            row = await work.courses.lock(course.id)
            assert row is not None
            before = {name: getattr(row, name) for name in change}
            for name, value in change.items():
                setattr(row, name, value)
        with pytest.raises(Exception, match="have changed") as refused:
            await harness.services.checkout.start_checkout(sam, course.id, shown_offer=seen)
        assert getattr(refused.value, "code", "") == "course_changed"
        async with writing(harness.services.context.database) as work:
            row = await work.courses.lock(course.id)
            for name, value in before.items():
                setattr(row, name, value)
    assert (await check_books(harness)).bookings == []
    done = await harness.services.checkout.start_checkout(sam, course.id, shown_offer=seen)
    assert done.is_new
