"""Every list is read through its index on both databases, whatever the number of rows.

The statements of the real repositories are captured and explained.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from coursebook.domain.booking import SeatState
from coursebook.domain.bookkeeping.school_days import Period
from coursebook.domain.course_edits.course_state import CourseList
from coursebook.persistence.course_search.course_filter import CourseFilter
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import Sort
from coursebook.persistence.course_search.managed_list import ManagedFilter
from coursebook.persistence.engine.databases import Database, open_database
from coursebook.persistence.maintenance.migrate import upgrade_to_head
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from tests.support.rows import (
    NOW,
    a_booking,
    a_course,
    a_message,
    a_user,
    an_attempt,
    an_event,
)

MANY = 1500
SOME = CourseFilter()
LATER = NOW + timedelta(minutes=20)
DAYS = Period(NOW.date(), (NOW + timedelta(days=1)).date(), ZoneInfo("Europe/Lisbon"))


@pytest.fixture(scope="module")
async def database(module_database_url: str) -> AsyncIterator[Database]:
    """A filled database that the tests do not change."""
    opened = open_database(module_database_url)
    await fill(opened)
    yield opened
    await opened.close()


async def fill(database: Database) -> None:
    """Store many rows of each kind, most of them irrelevant to any list, and update statistics."""
    people = [a_user() for _ in range(MANY)]
    sam = people[0]
    courses = [a_course(starts_at=NOW + timedelta(hours=n), price=100 + n) for n in range(MANY)]
    for course in courses:
        course.ends_at = course.starts_at + timedelta(hours=1)
    bookings = [
        a_booking(
            sam if n < 40 else person,
            courses[n],
            place="held" if n % 10 == 0 else "confirmed",
            hold_expires_at=NOW - timedelta(minutes=1),
            created_at=NOW + timedelta(minutes=n),
        )
        for n, person in enumerate(people)
    ]
    attempts = [
        an_attempt(
            booking,
            state="open" if n % 10 == 0 else "succeeded",
            payment_intent_id=f"pi_{n}",
        )
        for n, booking in enumerate(bookings)
    ]
    events = [an_event(handled_at=None if n % 50 == 0 else NOW) for n in range(MANY)]
    messages = [a_message(done_at=None if n % 50 == 0 else NOW) for n in range(MANY)]
    async with database.write_session() as session, session.begin():
        for rows in (people, courses, bookings, attempts, events, messages):
            await session.execute(sa.insert(type(rows[0])), [row.model_dump() for row in rows])
    async with database.write_session() as session, session.begin():
        await session.execute(sa.text("ANALYZE"))


@contextmanager
def catching(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect the SELECT statements that are sent to the database."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    engines = (database.reading.sync_engine, database.writing.sync_engine)
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


async def plans(database: Database, use: Callable[[UnitOfWork], Awaitable[Any]]) -> list[str]:
    """Run one use of a repository; return the plan of each of its SELECTs."""
    with catching(database) as seen:
        async with writing(database) as work:
            await use(work)
    assert seen
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    found = []
    async with database.writing.connect() as connection:
        if not database.is_sqlite:  # what the index can do, not what a small table is worth
            await connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in seen:
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            found.append("\n".join(str(row[-1]) for row in rows))
    return found


def sorts(plan: str) -> bool:
    return bool(re.search(r"TEMP B-TREE|\bSort\b", plan))


@dataclass(frozen=True)
class Read:
    """One list: how it is read, through which index, and whether the index gives its order."""

    use: Callable[[UnitOfWork, str], Awaitable[Any]]
    index: str
    in_order: bool = True


def managed(
    work: UnitOfWork, listed: CourseList, sort: Sort, teacher: str = ""
) -> Awaitable[list[ListedCourse]]:
    chosen = ManagedFilter(listed, NOW, teacher=teacher)
    return work.managed_list.page(chosen, sort, None, 20)


LISTS = {
    "courses by date": Read(
        lambda work, _: work.courses.published(SOME, "starts_at", None, 20),
        "status_starts_at_id",
    ),
    "courses by price": Read(
        lambda work, _: work.courses.published(SOME, "price", None, 20),
        "ix_course_status_price_id",
    ),
    "courses by title": Read(
        lambda work, _: work.courses.published(SOME, "title", None, 20),
        "ix_course_status_title_id",
    ),
    "the next page of courses by price": Read(
        lambda work, _: work.courses.published(SOME, "price", (900, "crs_900"), 20),
        "ix_course_status_price_id",
    ),
    "courses still to come, of one's own": Read(
        lambda work, _: managed(work, CourseList.UPCOMING, "starts_at"),
        "status_starts_at_id",
    ),
    "courses that began days ago": Read(
        lambda work, _: work.managed_list._upcoming(
            ManagedFilter(CourseList.UPCOMING, NOW), None, 0
        ),
        "ix_course_long_archived_at_status_starts_at_id",
        in_order=False,
    ),
    "courses that are over": Read(
        lambda work, _: managed(work, CourseList.PAST, "starts_at_down"),
        "status_starts_at_id",
    ),
    "drafts, newest first": Read(
        lambda work, _: managed(work, CourseList.DRAFTS, "newest"),
        "ix_course_status_created_at_id",
    ),
    "cancelled courses": Read(
        lambda work, _: managed(work, CourseList.CANCELLED, "starts_at_down"),
        "status_starts_at_id",
    ),
    "archived courses": Read(
        lambda work, _: managed(work, CourseList.ARCHIVED, "starts_at_down"),
        "ix_course_archived_starts_at_id",
    ),
    "courses of one teacher": Read(
        lambda work, _: managed(work, CourseList.PAST, "starts_at_down", "Ada Example"),
        "ix_course_status_instructor_starts_at_id",
    ),
    "somebody's bookings, newest first": Read(
        lambda work, sam: work.bookings.page_of(sam, None, None, 20),
        "ix_booking_user_id_created_at_id",
    ),
    "the next page of somebody's bookings": Read(
        lambda work, sam: work.bookings.page_of(sam, None, (LATER, "bkg_"), 20),
        "ix_booking_user_id_created_at_id",
    ),
    "somebody's bookings of one kind": Read(
        lambda work, sam: work.bookings.page_of(sam, (SeatState.CONFIRMED,), None, 20),
        "ix_booking_user_id_created_at_id",
        in_order=False,
    ),
    "holds that ran out": Read(
        lambda work, _: work.bookings.overdue(NOW, 50),
        "ix_booking_place_hold_expires_at",
        in_order=False,
    ),
    "attempts that Stripe is to be asked about": Read(
        lambda work, _: work.attempts.claim_for_polling(NOW, NOW, 50),
        "ix_payment_attempt_state_asked_at",
        in_order=False,
    ),
    "events that nobody handled": Read(
        lambda work, _: work.events.claim(NOW, 50),
        "ix_webhook_event_due",
    ),
    "bookings of some days": Read(
        lambda work, _: work.day.booked(DAYS),
        "ix_booking_created_at_id",
        in_order=False,
    ),
    "offers that are running": Read(
        lambda work, _: work.day.offers(NOW, 20),
        "ix_booking_place_hold_expires_at",
        in_order=False,
    ),
    "payments of the ledger": Read(
        lambda work, _: work.ledger.payments_after(DAYS, None, 500),
        "ix_payment_attempt_taken",
    ),
    "payments by card": Read(
        lambda work, _: work.money_lists.payments(None, 50), "ix_payment_attempt_taken"
    ),
    "sums of payments": Read(
        lambda work, _: work.ledger._payments(DAYS, "time"),
        "ix_payment_attempt_taken",
        in_order=False,
    ),
    "refunds of the ledger": Read(
        lambda work, _: work.ledger.refunds_after(DAYS, None, 500),
        "ix_refund_created_at_id",
        in_order=False,
    ),
    "money by hand of the ledger": Read(
        lambda work, _: work.ledger.by_hand_after(DAYS, None, 500),
        "ix_offline_payment_received_on_id",
        in_order=False,
    ),
    "promises that are due": Read(
        lambda work, _: work.outbox.claim(NOW, 50),
        "ix_outbox_message_due",
    ),
}
"""Where the rows are few anyway (one student's, what is overdue), the planner may sort them."""


async def test_every_list_is_read_in_the_order_of_its_index(database):
    async with reading(database) as work:
        most = sa.text("SELECT user_id FROM booking GROUP BY user_id HAVING count(*) > 1")
        sam = (await work.session.execute(most)).scalar()
    wrong = []
    for name, read in LISTS.items():
        *_, plan = await plans(database, lambda work, read=read: read.use(work, sam))
        if read.index not in plan or (read.in_order and sorts(plan)):
            wrong.append(f"{name}:\n{plan}")
    assert not wrong, "\n\n".join(wrong)


async def test_sqlite_reads_every_list_by_its_index_without_statistics_too(tmp_path: Path):
    """The product never makes statistics; without them SQLite thinks that every state is rare."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    await upgrade_to_head(url)
    opened, wrong = open_database(url), []
    for name, read in LISTS.items():
        *_, plan = await plans(opened, lambda work, read=read: read.use(work, "usr_1"))
        if read.index not in plan or (read.in_order and sorts(plan)):
            wrong.append(f"{name}:\n{plan}")
    kept, _ = await plans(opened, lambda work: work.attempts.kept_by_course(["crs_1"]))
    assert "ix_booking_course_id_place" in kept.splitlines()[0], kept
    await opened.close()
    assert not wrong, "\n\n".join(wrong)


async def test_rows_that_stripe_names_are_found_at_once(database):
    async def use(work: UnitOfWork) -> None:
        await work.attempts.by_session("cs_test_1")
        await work.attempts.by_payment("pi_1")
        await work.attempts.of_booking("bkg_1")
        await work.events.find("evt_1")
        await work.users.by_subject("user_1")

    for plan in await plans(database, use):
        assert re.search(r"USING (COVERING )?INDEX|Index( Only)? Scan", plan), plan
        assert "Seq Scan" not in plan
        assert "SCAN" not in plan.replace("SEARCH", ""), plan


async def test_a_page_of_courses_is_one_query(database):
    with catching(database) as seen:
        async with reading(database) as work:
            rows = await work.courses.published(SOME, "starts_at", None, 20)
    assert len(seen) == 1
    assert [row.starts_at for row in rows] == sorted(row.starts_at for row in rows)
    assert all(isinstance(row, ListedCourse) for row in rows)


async def test_what_is_kept_for_a_page_of_courses_is_read_through_indexes(database):
    async with reading(database) as work:
        rows = await work.managed_list.page(
            ManagedFilter(CourseList.UPCOMING, NOW), "starts_at", None, 20
        )
    course_ids = [row.id for row in rows]
    kept: dict[str, dict[str, int]] = {}

    async def use(work: UnitOfWork) -> None:
        kept.update(await work.attempts.kept_by_course(course_ids))

    by_card, by_hand = await plans(database, use)
    for index in ("ix_booking_course_id_place", "payment_attempt", "ix_refund_attempt_id"):
        assert index in by_card, by_card
    for plan in (by_card, by_hand):
        assert "Seq Scan" not in plan, plan
        assert "SCAN" not in plan.replace("SEARCH", ""), plan
    assert 0 < len(kept) < len(course_ids), "open pages are not paid"


async def test_counting_the_lists_of_courses_and_of_people_walks_indexes(database):
    async with reading(database) as work:
        rows = await work.managed_list.page(
            ManagedFilter(CourseList.UPCOMING, NOW), "starts_at", None, 1
        )

    async def use(work: UnitOfWork) -> None:
        await work.managed_list.counts(NOW, None)
        await work.managed_list.counts(NOW, frozenset({rows[0].id}))
        await work.roster.counts(rows[0].id)

    for plan in await plans(database, use):
        assert "Seq Scan" not in plan, plan
        assert not re.search(r"SCAN (?:course|booking|payment_attempt)(?! USING)", plan), plan
