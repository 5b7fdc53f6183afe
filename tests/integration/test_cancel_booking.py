"""Cancelling a booking: its session is closed first, and the frozen terms set the refund."""

from datetime import timedelta

import pytest

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import release_held_seat, shorten_stripe_timeouts
from tests.support.harness import OPERATOR, Harness, Started, eur
from tests.support.stripe_objects import refunds_at_stripe, session_at_stripe

pytestmark = pytest.mark.both_databases

HALF_IN_THE_LAST_WEEK = Terms((TermStep(7 * 24, 100), TermStep(24, 50)))


async def cancel(harness: Harness, started: Started, who=None):
    return await harness.post(f"/api/bookings/{started.booking_id}/cancel", who or started.student)


async def subjects(harness: Harness, started: Started) -> list[str]:
    harness.clock.advance(timedelta(minutes=1))
    await harness.worker_round()
    return [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]


async def test_cancelling_an_unpaid_booking_closes_its_session_before_releasing_the_seat(
    harness: Harness, monkeypatch
):
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    gateway, seen = harness.services.context.gateway, []
    expire = gateway.expire_session

    async def looks(session_id: str):
        seen.append((await read_books(harness)).courses[0].held)
        await expire(session_id)

    monkeypatch.setattr(gateway, "expire_session", looks)
    answer = await cancel(harness, started)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert seen == [1]
    assert (await session_at_stripe(harness, started))["status"] == "expired"
    assert (await read_books(harness)).courses[0].held == 0


async def test_cancelling_sends_one_mail_and_none_about_expiry(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await cancel(harness, started)
    await harness.quiet()
    assert await subjects(harness, started) == ["Cancelled"]
    (mail,) = await harness.mails(started.student)
    assert "Nothing was charged" in str(mail)


async def test_a_session_paid_just_before_is_settled_and_reported(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    answer = await cancel(harness, started)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")
    assert "payment came through in the meantime" in answer.json()["detail"]
    assert await harness.status_of(started) == "confirmed"
    again = await cancel(harness, started)
    assert again.json()["status"] == "cancelled"


async def test_a_concurrent_payment_is_reported_after_an_earlier_refund(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await release_held_seat(harness, started)
    other = await harness.confirmed(harness.student("sally"), course)
    await harness.pay(started)
    await harness.worker_round()
    await cancel(harness, other)
    again = await harness.checkout(sam, course)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(again)
    assert (await cancel(harness, again)).json()["code"] == "not_cancellable"
    assert await harness.status_of(again) == "confirmed"


@pytest.mark.parametrize(
    ("days_left", "back"), [(8, 4500), (7.1, 4500), (6.9, 2250), (1.1, 2250), (0.9, 0)]
)
async def test_the_terms_set_the_refund(harness: Harness, days_left: float, back: int):
    course = await harness.course(starts_in=timedelta(days=20), terms=HALF_IN_THE_LAST_WEEK)
    started = await harness.confirmed(harness.student("sam"), course)
    harness.clock.advance(timedelta(days=20 - days_left))
    promised = (await harness.booking(started))["refund_if_cancelled"]["amount"]
    body = (await cancel(harness, started)).json()
    await harness.worker_round()
    assert promised == back
    assert sum(r["amount"] for r in await refunds_at_stripe(harness, started)) == back
    status = {4500: "refunded", 2250: "partially_refunded", 0: "paid"}[back]
    assert (body["payment_status"], body["status"]) == (status, "cancelled")
    assert (await harness.course_now(course)).confirmed == 0


async def test_terms_edited_after_booking_do_not_touch_it(harness: Harness):
    course = await harness.course(terms=HALF_IN_THE_LAST_WEEK)
    started = await harness.confirmed(harness.student("sam"), course)
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.terms, row.price = [], 1
        row.price = 9900
    assert (await cancel(harness, started)).json()["refunds"][0]["amount"]["amount"] == 4500


async def test_an_operator_refunds_everything_regardless_of_the_terms(harness: Harness):
    course = await harness.course(terms=Terms())
    started = await harness.confirmed(harness.student("sam"), course)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 0
    answer = await cancel(harness, started, OPERATOR)
    assert answer.status_code == 200, answer.text
    await harness.worker_round()
    assert [r["amount"] for r in await refunds_at_stripe(harness, started)] == [4500]
    rows = (await check_books(harness)).audit
    actors = {r.actor.partition(" ")[0] for r in rows if r.event == "cancel"}
    assert actors == {"operator"}
    assert "Cancelled" in await subjects(harness, started)


async def test_a_free_booking_is_cancelled_without_stripe(harness: Harness):
    course = await harness.course(price=eur(0), capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    body = (await cancel(harness, started)).json()
    assert (body["status"], body["refunds"]) == ("cancelled", [])
    assert (await harness.checkout(harness.student("sally"), course)).status_code == 201


async def test_nothing_is_cancelled_once_the_course_has_begun(harness: Harness):
    course = await harness.course()
    paid = await harness.confirmed(harness.student("sam"), course)
    unpaid = await harness.checkout(harness.student("sue"), course)
    harness.clock.advance(course.starts_at - harness.clock())
    for started in (paid, unpaid):
        assert (await cancel(harness, started)).json()["code"] == "not_cancellable"
    assert (await session_at_stripe(harness, unpaid))["status"] == "open", (
        "the booking must not change"
    )


async def test_without_an_answer_from_stripe_the_booking_does_not_change(
    harness: Harness, monkeypatch
):
    shorten_stripe_timeouts(harness, monkeypatch)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("faults", kind="500", count=6)
    answer = await cancel(harness, started)
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
    assert "unchanged" in answer.json()["detail"]
    await harness.control("faults", count=0)
    assert await harness.status_of(started) == "pending"
    assert (await cancel(harness, started)).json()["status"] == "cancelled"


async def test_an_expired_booking_can_be_cancelled_and_booked_again(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    await harness.later(minutes=40)
    await harness.worker_round()
    assert (await cancel(harness, started)).json()["status"] == "cancelled"
    assert (await harness.checkout(sam, course)).booking_id != started.booking_id


async def test_a_cancelled_course_entry_is_cleared_from_the_calendar_only_if_it_was_there(
    harness: Harness,
):
    paid = await harness.confirmed(harness.student("sam"), await harness.course())
    await cancel(harness, paid)
    unpaid = await harness.checkout(harness.student("sue"), await harness.course())
    await cancel(harness, unpaid)
    assert await subjects(harness, paid)
    mails = {
        started: next(
            m for m in await harness.mails(started.student) if "Cancelled" in m["subject"]
        )
        for started in (paid, unpaid)
    }
    assert "course.ics" in str(mails[paid])
    assert "course.ics" not in str(mails[unpaid])
