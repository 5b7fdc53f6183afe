"""Database constraints, on both engines."""

from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.money import CURRENCIES
from coursebook.domain.refund import RefundState
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.schema.tables import CourseStatus, IdempotentReply, MoneyInboxEntry
from tests.support.rows import (
    NOW,
    a_booking,
    a_course,
    a_message,
    a_refund,
    a_user,
    an_attempt,
    an_event,
)


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


async def put(database: Database, *rows) -> None:
    """Store rows one after the other, in one transaction."""
    async with database.write_session() as session, session.begin():
        for row in rows:
            session.add(row)
            await session.flush()


async def refused(database: Database, *rows) -> str:
    """Store rows, the last of which violates a constraint; return the database's message."""
    with pytest.raises(IntegrityError) as caught:
        await put(database, *rows)
    return str(caught.value.orig)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"capacity": 0}, "capacity_positive"),
        ({"capacity": -1}, "capacity_positive"),
        ({"held": 11}, "seats_within"),
        ({"confirmed": 11}, "seats_within"),
        ({"held": 6, "confirmed": 5}, "seats_within"),
        ({"held": -1}, "seats_within"),
        ({"held": 12, "confirmed": -2}, "seats_within"),
        ({"ends_at": NOW}, "ends_after_start"),
        ({"title": ""}, "title_given"),
        ({"price": 1}, "price_legal"),
        ({"price": 49}, "price_legal"),
        ({"price": -4500}, "price_legal"),
        ({"currency": "xxx"}, "price_legal"),
        ({"currency": "EUR"}, "price_legal"),
        ({"price": 0, "currency": "btc"}, "price_legal"),
        ({"status": "open"}, "status_known"),
    ],
)
async def test_a_course_that_breaks_a_rule_is_refused(database, changes, rule):
    assert f"ck_course_{rule}" in await refused(database, a_course(**changes))


@pytest.mark.parametrize(
    "name", ["title", "description", "terms", "starts_at", "price", "capacity", "timezone"]
)
async def test_a_course_needs_all_of_its_fields(database, name):
    message = await refused(database, a_course(**{name: None}))
    assert name in message
    assert "null" in message.lower()


async def test_free_courses_and_least_prices_are_accepted(database):
    for code, currency in CURRENCIES.items():
        await put(
            database,
            a_course(price=0, currency=code),
            a_course(price=currency.minimum, currency=code),
        )
        message = await refused(database, a_course(price=currency.minimum - 1, currency=code))
        assert "price_legal" in message


async def test_a_full_course_is_accepted_and_one_more_is_not(database):
    course = a_course(held=4, confirmed=6)
    await put(database, course)
    course.held = 5
    assert "ck_course_seats_within" in await refused(database, course)


async def test_capacity_cannot_shrink_below_the_places_that_are_taken(database):
    course = a_course(held=4, confirmed=6)
    await put(database, course)
    course.capacity = 9
    assert "ck_course_seats_within" in await refused(database, course)


@pytest.mark.parametrize("status", list(CourseStatus))
async def test_every_course_status_can_be_stored(database, status):
    await put(database, a_course(status=status.value))


async def test_two_courses_never_share_an_address(database):
    message = await refused(database, a_course(slug="bread"), a_course(slug="bread"))
    assert "slug" in message


async def test_a_person_has_one_account(database):
    message = await refused(database, a_user(subject="user_1"), a_user(subject="user_1"))
    assert "subject" in message


LIVE = ("held", "confirmed")


@pytest.mark.parametrize("first", LIVE)
@pytest.mark.parametrize("second", LIVE)
async def test_a_student_has_one_live_booking_on_a_course(database, first, second):
    sam, course = a_user(), a_course()
    one, two = a_booking(sam, course, place=first), a_booking(sam, course, place=second)
    message = await refused(database, sam, course, one, two)
    assert "uq_booking_live" in message or "booking.user_id, booking.course_id" in message


@pytest.mark.parametrize("over", ["expired", "cancelled"])
async def test_bookings_that_are_over_may_repeat(database, over):
    sam, course = a_user(), a_course()
    past = [a_booking(sam, course, place=over) for _ in range(3)]
    await put(database, sam, course, *past, a_booking(sam, course))


async def test_other_students_and_other_courses_do_not_collide(database):
    sam, sally, first, two = a_user(), a_user(), a_course(), a_course()
    bookings = [a_booking(who, what) for who in (sam, sally) for what in (first, two)]
    await put(database, sam, sally, first, two, *bookings)


async def test_a_booking_that_expired_cannot_become_live_beside_a_newer_one(database):
    sam, course = a_user(), a_course()
    old, new = a_booking(sam, course, place="expired"), a_booking(sam, course)
    await put(database, sam, course, old, new)
    old.place = "confirmed"
    await refused(database, old)


async def test_unknown_states_are_refused(database):
    sam, course = a_user(), a_course()
    booking = a_booking(sam, course)
    attempt = an_attempt(booking)
    await put(database, sam, course, booking, attempt)
    other = a_course()
    await put(database, other)
    assert "place_known" in await refused(database, a_booking(sam, other, place="pending"))
    assert "state_known" in await refused(database, an_attempt(booking, state="paid"))
    assert "state_known" in await refused(database, a_refund(attempt, state="done"))


async def test_every_domain_state_can_be_stored(database):
    course = a_course(capacity=100)
    await put(database, course)
    for place in SeatState:
        sam = a_user()
        await put(database, sam, a_booking(sam, course, place=place.value))
    sam = a_user()
    booking = a_booking(sam, course)
    await put(database, sam, booking)
    for state in AttemptState:
        await put(database, an_attempt(booking, state=state.value))
    attempt = an_attempt(booking)
    await put(database, attempt, *[a_refund(attempt, state=s.value) for s in RefundState])


async def test_amounts_are_never_negative_and_refunds_never_nothing(database):
    sam, course = a_user(), a_course()
    booking = a_booking(sam, course)
    attempt = an_attempt(booking)
    await put(database, sam, course, booking, attempt)
    other = a_course()
    await put(database, other)
    negative = a_booking(sam, other, price=-1)
    assert "price_not_negative" in await refused(database, negative)
    assert "amount_not_negative" in await refused(database, an_attempt(booking, amount=-1))
    assert "amount_positive" in await refused(database, a_refund(attempt, amount=0))


@pytest.mark.parametrize(
    "same", [{"number": 1}, {"idempotency_key": "k"}, {"session_id": "cs_test_same"}]
)
async def test_an_attempt_is_unique_by_number_key_and_session(database, same):
    sam, course = a_user(), a_course()
    booking = a_booking(sam, course)
    rows = (sam, course, booking, an_attempt(booking, **same), an_attempt(booking, **same))
    message = await refused(database, *rows)
    assert next(iter(same)) in message


async def test_many_attempts_may_wait_for_their_session(database):
    sam, course = a_user(), a_course()
    booking = a_booking(sam, course)
    waiting = [an_attempt(booking, session_id=None) for _ in range(3)]
    await put(database, sam, course, booking, *waiting)


@pytest.mark.parametrize("same", [{"idempotency_key": "k"}, {"stripe_refund_id": "re_1"}])
async def test_a_refund_is_unique_by_key_and_by_stripes_id(database, same):
    sam, course = a_user(), a_course()
    booking = a_booking(sam, course)
    attempt = an_attempt(booking)
    two = (a_refund(attempt, **same), a_refund(attempt, **same))
    assert next(iter(same)) in await refused(database, sam, course, booking, attempt, *two)


async def test_an_event_is_stored_once(database):
    await put(database, an_event(id="evt_1"))
    await refused(database, an_event(id="evt_1"))


async def test_an_outbox_message_is_unique(database):
    message = await refused(database, a_message(dedupe_key="a"), a_message(dedupe_key="a"))
    assert "dedupe_key" in message


async def test_an_inbox_entry_is_unique(database):
    def case(number: int) -> MoneyInboxEntry:
        facts = {"dedupe_key": "amount:cs_1", "kind": "amount", "detail": "x", "created_at": NOW}
        return MoneyInboxEntry(id=f"mon_{number}", **facts)

    assert "dedupe_key" in await refused(database, case(1), case(2))


async def test_an_answer_is_kept_once_for_each_student_and_key(database):
    def reply(subject: str) -> IdempotentReply:
        return IdempotentReply(subject=subject, key="k", request_hash="h", created_at=NOW)

    await put(database, reply("sam"), reply("sally"))
    await refused(database, reply("sam"))


async def test_foreign_keys_are_enforced(database):
    sam, course = a_user(), a_course()
    booking = a_booking(sam, course)
    attempt = an_attempt(booking)
    for orphan in (booking, attempt, a_refund(attempt), a_message(booking_id="bkg_nowhere")):
        assert "foreign key" in (await refused(database, orphan)).lower()


async def test_rows_with_bookings_cannot_be_deleted(database):
    sam, course = a_user(), a_course()
    await put(database, sam, course, a_booking(sam, course))
    for parent in (sam, course):
        with pytest.raises(IntegrityError):
            async with database.write_session() as session, session.begin():
                await session.delete(parent)


async def test_times_return_in_utc_and_missing_json_is_null(database):
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    course = a_course(starts_at=there, terms=[{"hours_before": 24, "percent": 50}])
    reply = IdempotentReply(subject="s", key="k", request_hash="h", created_at=there, body=None)
    await put(database, course, reply)
    async with database.read_session() as session:
        stored_course = await session.get(type(course), course.id)
        assert stored_course.starts_at == NOW
        assert stored_course.starts_at.utcoffset() == timedelta(0)
        assert stored_course.terms == [{"hours_before": 24, "percent": 50}]
        query = "SELECT count(*) FROM idempotent_reply WHERE body IS NULL"
        assert (await session.execute(sa.text(query))).scalar() == 1
