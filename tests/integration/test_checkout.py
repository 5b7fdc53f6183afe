"""The first checkout: hold a seat, store the attempt, open one Checkout Session."""

import pytest
import sqlalchemy as sa

from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.checkout.next_step import CreateSession
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import mark_course_cancelled
from tests.support.harness import Harness, Student, eur
from tests.support.stripe_objects import session_at_stripe, sessions_of

pytestmark = pytest.mark.both_databases


async def ask(harness: Harness, student: Student, course) -> tuple[int, dict]:
    answer = await harness.post("/api/stripe/checkout", student, json={"course_id": course.id})
    return answer.status_code, answer.json()


async def test_the_first_click_holds_a_seat_and_opens_one_session(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(price=eur(45), capacity=3)
    started = await harness.checkout(sam, course)
    page = await session_at_stripe(harness, started)
    assert (page["status"], page["amount_total"], page["currency"]) == ("open", 4500, "eur")
    assert page["metadata"].pop("request_id").startswith("req_")
    mark = await harness.mark(booking_id=started.booking_id, attempt="1")
    assert page["metadata"] == mark
    assert page["client_reference_id"] == started.booking_id
    assert page["customer_email"] == sam.email
    assert page["after_expiration"] is None
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("pending", "unpaid")
    assert booking["hold_expires_at"]
    assert ((await harness.course_now(course)).held, started.status_code) == (1, 201)


async def test_key_and_parameters_are_stored_before_stripe_is_asked(harness: Harness, monkeypatch):
    gateway, seen = harness.services.context.gateway, []
    create = gateway.create_session

    async def looks_first(params, key):
        async with reading(harness.services.context.database) as work:
            rows = await work.session.scalars(
                sa.select(PaymentAttempt).where(PaymentAttempt.idempotency_key == key)
            )
            seen.append(rows.one())
        return await create(params, key)

    monkeypatch.setattr(gateway, "create_session", looks_first)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    (stored,) = seen
    assert stored.state == "created"
    assert stored.idempotency_key == f"booking-{started.booking_id}-attempt-1"
    assert stored.params["metadata"]["booking_id"] == started.booking_id
    assert stored.params["expires_at"] > 0


async def test_the_same_student_again_gets_the_same_session(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    status, again = await ask(harness, sam, course)
    assert (status, again["session_id"]) == (200, started.session_id)
    assert again["checkout_url"] == started.checkout_url
    retried = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert (retried.status_code, retried.json()["session_id"]) == (200, started.session_id)
    assert len(await sessions_of(harness, started.booking_id)) == 1


async def test_a_confirmed_student_cannot_book_again(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    await harness.confirmed(sam, course)
    status, body = await ask(harness, sam, course)
    assert (status, body["code"]) == (409, "already_booked")


async def test_a_payment_without_its_webhook_is_found_by_asking_stripe(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(await harness.checkout(sam, course))
    status, body = await ask(harness, sam, course)
    assert (status, body["code"]) == (409, "already_booked")
    assert (await harness.course_now(course)).confirmed == 1


async def test_a_full_course_is_refused_and_a_cancelled_booking_frees_it(harness: Harness):
    sam, sally = harness.student("sam"), harness.student("sally")
    course = await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    assert (await ask(harness, sally, course))[1]["code"] == "course_full"
    assert (await read_books(harness)).bookings[0].id == started.booking_id
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert (await ask(harness, sally, course))[0] == 201


@pytest.mark.parametrize("status", ["cancelled", "draft"])
async def test_courses_that_are_not_open_take_no_booking(harness: Harness, status: str):
    course = await harness.course(status=status)
    code = (await ask(harness, harness.student("sam"), course))[1]["code"]
    assert code == ("course_not_found" if status == "draft" else "booking_closed")


async def test_a_course_that_has_started_takes_no_booking(harness: Harness):
    course = await harness.course()
    harness.clock.advance(course.starts_at - harness.clock())
    assert (await ask(harness, harness.student("sam"), course))[1]["code"] == "booking_closed"


@pytest.mark.parametrize("why", ["started", "cancelled"])
async def test_an_open_session_is_not_returned_once_the_course_is_over(harness: Harness, why: str):
    sam, course = (
        harness.student("sam"),
        await harness.course(starts_in=harness.services.context.hold / 2),
    )
    started = await harness.checkout(sam, course)
    if why == "started":
        harness.clock.advance(course.starts_at - harness.clock())
    else:
        await mark_course_cancelled(harness, course)
    assert (await ask(harness, sam, course))[1]["code"] == "booking_closed"
    retried = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert retried.json()["code"] == "booking_closed"
    assert not (await harness.booking(started))["can_retry"]


async def test_price_and_terms_are_those_of_the_first_click(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(price=eur(45))
    started = await harness.checkout(sam, course)
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.price, row.terms = 9900, []
    assert (await ask(harness, sam, course))[1]["session_id"] == started.session_id
    await harness.pay(started)
    booking = await harness.booking(started)
    assert booking["amount"]["amount"] == 4500
    assert booking["refund_if_cancelled"]["amount"] == 4500


async def test_after_a_lost_hold_price_and_terms_are_current(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(price=eur(45))
    started = await harness.checkout(sam, course)
    await harness.later(hours=1)
    await harness.worker_round()
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.price = 5000
    again = await harness.checkout(sam, course)
    assert again.booking_id == started.booking_id
    assert (await session_at_stripe(harness, again))["amount_total"] == 5000
    assert "promised_anew" in [r.event for r in (await check_books(harness)).audit]


async def test_a_session_of_an_ended_attempt_is_not_returned(harness: Harness):
    """A late answer for an ended attempt must close the session it returns."""
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    (attempt,) = (await read_books(harness)).attempts
    await harness.control("clock/advance", seconds=0)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    ask_again = CreateSession(
        started.booking_id, attempt.id, attempt.params, attempt.idempotency_key, is_new=True
    )
    principal = await harness.principal(sam)
    assert await harness.services.checkout._create(ask_again, principal) is None
    assert [s["status"] for s in await sessions_of(harness, started.booking_id)] == ["expired"]
