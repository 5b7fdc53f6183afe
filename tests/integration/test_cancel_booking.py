"""Giving a booking up: the page is closed first, the frozen terms say what comes back."""

from datetime import timedelta

import pytest

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import in_a_hurry, lose_place
from tests.support.harness import OPERATOR, Started, World, eur
from tests.support.stripe_objects import refunds_at_stripe, session_at_stripe

HALF_IN_THE_LAST_WEEK = Terms((TermStep(7 * 24, 100), TermStep(24, 50)))


async def cancel(world: World, started: Started, who=None):
    return await world.post(f"/api/bookings/{started.booking_id}/cancel", who or started.student)


async def subjects(world: World, started: Started) -> list[str]:
    world.clock.advance(timedelta(minutes=1))
    await world.worker_round()
    return [m["subject"].partition(":")[0] for m in await world.mails(started.student)]


async def test_cancelling_an_unpaid_booking_closes_its_page_before_the_place_is_free(
    world: World, monkeypatch
):
    started = await world.checkout(world.student("sam"), await world.course(capacity=1))
    gateway, seen = world.services.context.gateway, []
    expire = gateway.expire_session

    async def looks(session_id: str):
        seen.append((await read_books(world)).courses[0].held)
        await expire(session_id)

    monkeypatch.setattr(gateway, "expire_session", looks)
    answer = await cancel(world, started)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert seen == [1]
    assert (await session_at_stripe(world, started))["status"] == "expired"
    assert (await read_books(world)).courses[0].held == 0


async def test_who_cancels_gets_one_mail_and_none_about_time_that_ran_out(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await cancel(world, started)
    await world.quiet()
    assert await subjects(world, started) == ["Cancelled"]
    (mail,) = await world.mails(started.student)
    assert "Nothing was charged" in str(mail)


async def test_a_page_that_was_paid_a_moment_ago_is_settled_and_the_student_told(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    answer = await cancel(world, started)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")
    assert "payment came through in the meantime" in answer.json()["detail"]
    assert await world.status_of(started) == "confirmed"
    again = await cancel(world, started)
    assert again.json()["status"] == "cancelled"


async def test_paid_meanwhile_is_told_also_when_an_earlier_payment_was_refunded(world: World):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await lose_place(world, started)
    other = await world.confirmed(world.student("sally"), course)
    await world.pay(started)
    await world.worker_round()
    await cancel(world, other)
    again = await world.checkout(sam, course)
    await world.control("deliveries/mode", mode="drop")
    await world.pay(again)
    assert (await cancel(world, again)).json()["code"] == "not_cancellable"
    assert await world.status_of(again) == "confirmed"


@pytest.mark.parametrize(
    ("days_left", "back"), [(8, 4500), (7.1, 4500), (6.9, 2250), (1.1, 2250), (0.9, 0)]
)
async def test_the_terms_say_what_comes_back(world: World, days_left: float, back: int):
    course = await world.course(starts_in=timedelta(days=20), terms=HALF_IN_THE_LAST_WEEK)
    started = await world.confirmed(world.student("sam"), course)
    world.clock.advance(timedelta(days=20 - days_left))
    promised = (await world.booking(started))["refund_if_cancelled"]["amount"]
    body = (await cancel(world, started)).json()
    await world.worker_round()
    assert promised == back
    assert sum(r["amount"] for r in await refunds_at_stripe(world, started)) == back
    status = {4500: "refunded", 2250: "partially_refunded", 0: "paid"}[back]
    assert (body["payment_status"], body["status"]) == (status, "cancelled")
    assert (await world.course_now(course)).confirmed == 0


async def test_terms_edited_after_booking_do_not_touch_it(world: World):
    course = await world.course(terms=HALF_IN_THE_LAST_WEEK)
    started = await world.confirmed(world.student("sam"), course)
    async with writing(world.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.terms, row.price = [], 1
        row.price = 9900
    assert (await cancel(world, started)).json()["refunds"][0]["amount"]["amount"] == 4500


async def test_an_operator_gives_everything_back_whatever_the_terms(world: World):
    course = await world.course(terms=Terms())
    started = await world.confirmed(world.student("sam"), course)
    assert (await world.booking(started))["refund_if_cancelled"]["amount"] == 0
    answer = await cancel(world, started, OPERATOR)
    assert answer.status_code == 200, answer.text
    await world.worker_round()
    assert [r["amount"] for r in await refunds_at_stripe(world, started)] == [4500]
    rows = (await check_books(world)).audit
    actors = {r.actor.partition(" ")[0] for r in rows if r.event == "cancel"}
    assert actors == {"operator"}
    assert "Cancelled" in await subjects(world, started)


async def test_a_free_booking_is_cancelled_without_stripe(world: World):
    course = await world.course(price=eur(0), capacity=1)
    started = await world.checkout(world.student("sam"), course)
    body = (await cancel(world, started)).json()
    assert (body["status"], body["refunds"]) == ("cancelled", [])
    assert (await world.checkout(world.student("sally"), course)).status_code == 201


async def test_nothing_is_cancelled_once_the_course_has_begun(world: World):
    course = await world.course()
    paid = await world.confirmed(world.student("sam"), course)
    unpaid = await world.checkout(world.student("sue"), course)
    world.clock.advance(course.starts_at - world.clock())
    for started in (paid, unpaid):
        assert (await cancel(world, started)).json()["code"] == "not_cancellable"
    assert (await session_at_stripe(world, unpaid))["status"] == "open", "not even touched"


async def test_stripe_silent_leaves_the_booking_as_it_is(world: World, monkeypatch):
    in_a_hurry(world, monkeypatch)
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("faults", kind="500", count=6)
    answer = await cancel(world, started)
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
    assert "unchanged" in answer.json()["detail"]
    await world.control("faults", count=0)
    assert await world.status_of(started) == "pending"
    assert (await cancel(world, started)).json()["status"] == "cancelled"


async def test_an_expired_booking_may_be_cancelled_and_booked_anew(world: World):
    sam, course = world.student("sam"), await world.course()
    started = await world.checkout(sam, course)
    await world.later(minutes=40)
    await world.worker_round()
    assert (await cancel(world, started)).json()["status"] == "cancelled"
    assert (await world.checkout(sam, course)).booking_id != started.booking_id


async def test_a_cancelled_course_entry_is_cleared_from_the_calendar_only_if_it_was_there(
    world: World,
):
    paid = await world.confirmed(world.student("sam"), await world.course())
    await cancel(world, paid)
    unpaid = await world.checkout(world.student("sue"), await world.course())
    await cancel(world, unpaid)
    assert await subjects(world, paid)
    mails = {
        started: next(m for m in await world.mails(started.student) if "Cancelled" in m["subject"])
        for started in (paid, unpaid)
    }
    assert "course.ics" in str(mails[paid])
    assert "course.ics" not in str(mails[unpaid])
