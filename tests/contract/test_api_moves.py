"""Moving a booking to another course: places, price, promise, refund, mail and calendar."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from coursebook.domain.actor import WORKER
from coursebook.domain.attempt import AttemptState
from coursebook.domain.rights import Role
from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt
from coursebook.persistence.unit_of_work import writing
from coursebook.services.locked_booking import lock_booking
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started, Student, eur
from tests.support.mail_entries import entries
from tests.support.stripe_objects import charge_of, refunds_at_stripe
from tests.support.team import give_role

KEPT = {"amount": 4500, "currency": "eur"}


async def move(
    harness: Harness, started: Started, target: Course, who: Student = OPERATOR, **more: Any
) -> httpx.Response:
    body = {"course_id": target.id, "expect": KEPT, **more}
    return await harness.post(f"/api/manage/bookings/{started.booking_id}/move", who, json=body)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def seats(harness: Harness, *courses: Course) -> list[tuple[int, int]]:
    rows = [await harness.course_now(course) for course in courses]
    return [(row.held, row.confirmed) for row in rows]


async def row_of(harness: Harness, started: Started) -> Booking:
    (row,) = [b for b in await harness.rows_of(Booking) if b.id == started.booking_id]
    return row


async def test_a_move_to_a_cheaper_course_gives_the_difference_back(harness: Harness):
    source = await harness.course()
    target = await harness.course(price=eur(35), starts_in=timedelta(days=40))
    sam = harness.student("sam")
    started = await harness.confirmed(sam, source)
    await harness.worker_round()
    shown = await move(harness, started, target, dry_run=True)
    assert shown.status_code == 200, shown.text
    assert [(c["difference"], c["give_back"]["amount"]) for c in shown.json()["choices"]] == [
        ("give_back", 1000),
        ("keep", 0),
    ]
    assert (shown.json()["price"], shown.json()["mails"]) == (None, [sam.email])
    assert await seats(harness, source, target) == [(0, 1), (0, 0)], "a dry run writes nothing"
    shown = await move(harness, started, target, difference="give_back", dry_run=True)
    expect = shown.json()["expect"]
    assert expect == {"amount": 4500, "currency": "eur", "price": 3500}

    answer = await move(harness, started, target, difference="give_back", expect=expect)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["course"]["id"], view["moved_from"]) == (target.id, source.id)
    assert (view["money"]["price"]["amount"], view["money"]["kept"]["amount"]) == (3500, 3500)
    assert view["money"]["payment_status"] == "paid"
    assert await seats(harness, source, target) == [(0, 0), (0, 1)]
    await harness.worker_round()
    await harness.quiet()
    (refund,) = await refunds_at_stripe(harness, started)
    assert refund["amount"] == 1000
    own = await harness.booking(started)
    assert (own["course"]["id"], own["payment_status"]) == (target.id, "paid")
    booked, moved, refunded = await harness.mails(sam)
    assert "Moved" in moved["subject"]
    assert source.title in moved["text"]
    assert target.title in moved["text"]
    assert "€10.00" in moved["text"]
    assert "€10.00" in refunded["text"]
    (before,), (after,) = entries(booked), entries(moved)
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after["dtstart"].dt == target.starts_at.replace(microsecond=0)
    await check_books(harness)


@pytest.mark.parametrize(
    ("price", "difference", "paid", "listed"),
    [(35, "keep", 4500, 3500), (55, "waive", 4500, 5500), (45, None, 4500, None)],
)
async def test_the_price_of_a_paid_booking_is_what_is_kept_for_it(
    harness: Harness, price: int, difference: str | None, paid: int, listed: int | None
):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    target = await harness.course(price=eur(price))
    answer = await move(harness, started, target, difference=difference)
    assert answer.status_code == 200, answer.text
    row = await row_of(harness, started)
    assert (row.price, row.list_price) == (paid, listed)
    assert answer.json()["money"]["payment_status"] == "paid"
    await check_books(harness)


async def test_a_difference_has_to_be_decided_and_the_sums_to_be_seen(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    cheaper, dearer = await harness.course(price=eur(35)), await harness.course(price=eur(55))
    for target, wrong in ((cheaper, None), (cheaper, "waive"), (dearer, "give_back")):
        answer = await move(harness, started, target, difference=wrong)
        assert problem(answer) == (422, "invalid")
        assert answer.json()["errors"][0]["pointer"] == "/difference"
    choices = (await move(harness, started, dearer, dry_run=True)).json()["choices"]
    assert [choice["difference"] for choice in choices] == ["waive", "recorded"], "no card"
    no_sums = await move(harness, started, cheaper, difference="keep", expect=None)
    assert problem(no_sums) == (422, "invalid")
    for stale in ({"amount": 4400, "currency": "eur"}, KEPT | {"price": 3000}):
        answer = await move(harness, started, cheaper, difference="keep", expect=stale)
        assert problem(answer) == (409, "changed_meanwhile")
        assert answer.json()["expect"]["amount"] == 4500
    assert (await row_of(harness, started)).moved_from is None


async def test_what_cannot_be_moved_is_refused(harness: Harness):
    sam, source, target = harness.student("sam"), await harness.course(), await harness.course()
    started = await harness.confirmed(sam, source)
    full = await harness.course(capacity=1)
    await harness.checkout(harness.student("ben"), full)
    refused = [
        (source, (409, "not_movable")),
        (await harness.course(price=eur(45), currency="usd"), (409, "not_movable")),
        (await harness.course(status="draft"), (409, "not_movable")),
        (full, (409, "course_full")),
    ]
    for course, why in refused:
        assert problem(await move(harness, started, course)) == why, course.title
    await harness.confirmed(sam, target)
    assert problem(await move(harness, started, target)) == (409, "already_booked")
    unknown = Course(id="crs_unknown")
    assert problem(await move(harness, started, unknown)) == (404, "course_not_found")
    paying = await harness.checkout(harness.student("eva"), source)
    nothing = {"amount": 0, "currency": "eur"}
    answer = await move(harness, paying, await harness.course(), expect=nothing)
    assert problem(answer) == (409, "not_movable")
    assert "payment page" in answer.json()["detail"]
    await harness.post(f"/api/bookings/{paying.booking_id}/cancel", paying.student)
    answer = await move(harness, paying, await harness.course(), expect=nothing)
    assert problem(answer) == (409, "not_movable")
    await check_books(harness)


async def test_bookings_of_a_cancelled_course_are_not_moved(harness: Harness):
    source, target = await harness.course(), await harness.course()
    started = await harness.confirmed(harness.student("sam"), source)
    async with writing(harness.services.context.database) as work:
        course = await work.courses.lock(source.id)
        assert course is not None
        course.status = "cancelled"
    assert problem(await move(harness, started, target)) == (409, "not_movable")


async def test_a_full_course_can_get_one_place_more(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    full = await harness.course(capacity=1)
    await harness.confirmed(harness.student("ben"), full)
    assert (await move(harness, started, full, one_more=True, dry_run=True)).json()["makes_place"]
    assert (await move(harness, started, full, one_more=True)).status_code == 200
    row = await harness.course_now(full)
    assert (row.capacity, row.confirmed) == (2, 2)
    assert row.version == full.version + 1
    await check_books(harness)


async def test_no_difference_goes_back_of_disputed_money(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    cheaper, same = await harness.course(price=eur(35)), await harness.course()
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    answer = await move(harness, started, cheaper, difference="give_back")
    assert problem(answer) == (409, "disputed")
    shown = (await move(harness, started, cheaper, dry_run=True)).json()
    assert [choice["difference"] for choice in shown["choices"]] == ["keep"]
    assert (await move(harness, started, same)).status_code == 200
    await check_books(harness)


@pytest.mark.parametrize(("wish", "share"), [("student", 0), ("school", 100)])
async def test_only_the_wish_of_the_school_adds_to_the_promise(
    harness: Harness, wish: str, share: int
):
    source = await harness.course(starts_in=timedelta(hours=30))
    started = await harness.confirmed(harness.student("sam"), source)
    target = await harness.course(terms=Terms((TermStep(48, 100),)))
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 0
    assert (await move(harness, started, target, wish=wish)).status_code == 200
    back = (await harness.booking(started))["refund_if_cancelled"]["amount"]
    assert back == 45 * share


async def test_a_page_of_before_the_move_does_not_confirm_at_its_price(harness: Harness):
    """Stripe took money on a page that our books called expired; the place stays held."""
    source, target = await harness.course(), await harness.course(price=eur(55))
    started = await harness.checkout(harness.student("sam"), source)
    async with writing(harness.services.context.database) as work:
        locked = await lock_booking(work, started.booking_id, WORKER, harness.clock())
        assert locked is not None
        (attempt,) = await work.attempts.of_booking(started.booking_id)
        locked.set_attempt(attempt, AttemptState.EXPIRED, "A test says so.")
        locked.booking.reserved_until = harness.clock() + timedelta(days=3)
    harness.clock.advance(timedelta(seconds=1))
    answer = await move(harness, started, target, expect={"amount": 0, "currency": "eur"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["money"]["price"]["amount"] == 5500
    await harness.pay(started)
    await harness.worker_round()
    await harness.quiet()
    assert await seats(harness, source, target) == [(0, 0), (1, 0)]
    assert await harness.status_of(started) == "pending"
    (refund,) = await refunds_at_stripe(harness, started)
    assert refund["amount"] == 4500
    mails = await harness.mails(started.student)
    assert any("before your booking was moved" in mail["text"] for mail in mails)
    again = await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert again.status_code == 201, again.text
    rows = await harness.rows_of(PaymentAttempt)
    assert max(a.amount for a in rows if a.booking_id == started.booking_id) == 5500
    await check_books(harness)


async def test_the_story_tells_of_a_move_without_money_moving(harness: Harness):
    source, target = await harness.course(), await harness.course()
    started = await harness.confirmed(harness.student("sam"), source)
    view = (await move(harness, started, target)).json()
    assert "moved" in [step["fact"] for step in view["story"]]
    who = await harness.principal(started.student)
    story = await harness.services.dashboard.story(who, started.booking_id)
    (step,) = [step for step in story.timeline if step.fact == "moved"]
    assert step.reason == source.title


@pytest.mark.parametrize("role", [Role.TEACHER, Role.ACCOUNTANT])
async def test_only_who_may_change_bookings_moves_them(harness: Harness, role: Role):
    source, target, who = await harness.course(), await harness.course(), harness.student("tara")
    started = await harness.confirmed(harness.student("sam"), source)
    await give_role(harness, who, role, source.id)
    for dry_run in (True, False):
        answer = await move(harness, started, target, who, dry_run=dry_run)
        assert problem(answer) == (403, "forbidden")
    answer = await move(harness, started, target, started.student)
    assert problem(answer) == (403, "forbidden")
