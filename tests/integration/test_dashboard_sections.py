"""A student's bookings by section: each in exactly one section, in order, across all pages."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from coursebook.domain.booking import SeatState
from coursebook.domain.section import Section
from coursebook.persistence.engine.databases import Database, open_database
from coursebook.persistence.repositories.booking_sections import BookingFilter, key_of
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import reading
from tests.support.rows import NOW, a_booking, a_course, a_user

SAM, SALLY = a_user(), a_user()
HOUR = timedelta(hours=1)
STARTS = {"soon": 2 * HOUR, "later": 50 * HOUR, "running": -HOUR, "over": -90 * HOUR}
EXPECTED = {
    ("held", True): dict.fromkeys(STARTS, Section.NEEDS_ACTION),
    ("held", False): dict.fromkeys(STARTS, Section.UPCOMING),
    ("confirmed", False): {
        "soon": Section.UPCOMING,
        "later": Section.UPCOMING,
        "running": Section.UPCOMING,
        "over": Section.PAST,
    },
    ("expired", False): {
        "soon": Section.NEEDS_ACTION,
        "later": Section.NEEDS_ACTION,
        "running": Section.PAST,
        "over": Section.PAST,
    },
    ("cancelled", False): dict.fromkeys(STARTS, Section.CANCELLED),
}
"""Where a booking belongs, by its place, whether a hold runs, and when its course starts."""


def a_harness_of_rows() -> tuple[list[Course], dict[str, Section], list[Booking]]:
    courses, where, bookings = [], {}, []
    for number in range(2):
        for (place, has_hold), by_start in EXPECTED.items():
            for name, section in by_start.items():
                course = a_course(
                    starts_at=NOW + STARTS[name],
                    ends_at=NOW + STARTS[name] + 4 * HOUR,
                    title=f"{name} clay day {number}",
                )
                booking = a_booking(
                    SAM,
                    course,
                    place=place,
                    hold_expires_at=NOW + HOUR if has_hold else None,
                    created_at=NOW - len(bookings) // 3 * HOUR,
                )
                courses.append(course)
                bookings.append(booking)
                where[booking.id] = section
    return courses, where, bookings


COURSES, WHERE, BOOKINGS = a_harness_of_rows()
STARTS_AT = {course.id: course.starts_at for course in COURSES}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    others = [a_booking(SALLY, COURSES[0], place="confirmed")]
    async with opened.write_session() as session, session.begin():
        for rows in ([SAM, SALLY], COURSES, [*BOOKINGS, *others]):
            session.add_all([type(row)(**row.model_dump()) for row in rows])
            await session.flush()
    yield opened
    await opened.close()


async def walked(
    database: Database, shelf: BookingFilter, section: Section, limit: int
) -> list[Booking]:
    met, after = [], None
    async with reading(database) as work:
        while rows := await work.booking_sections.page(shelf, section, after, limit):
            met += [booking for booking, _ in rows]
            after = key_of(section, *rows[-1])
    return met


def in_order(section: Section) -> list[str]:
    """Return the ids of a section in its order, sorted by Python."""
    rows = [b for b in BOOKINGS if WHERE[b.id] is section]
    if section in (Section.UPCOMING, Section.PAST):
        rows.sort(key=lambda b: (STARTS_AT[b.course_id], b.id), reverse=section is Section.PAST)
    else:
        rows.sort(key=lambda b: (b.created_at, b.id), reverse=True)
    return [b.id for b in rows]


async def test_every_booking_is_in_the_section_where_it_belongs_and_in_its_order(database):
    shelf = BookingFilter(SAM.id, NOW)
    async with reading(database) as work:
        counts = await work.booking_sections.counts(shelf)
    for section in Section:
        expected = in_order(section)
        assert counts[section] == len(expected)
        for limit in (3, 100):
            met = await walked(database, shelf, section, limit)
            assert [b.id for b in met] == expected, (section, limit)


async def test_words_and_places_narrow_every_section(database):
    shelf = BookingFilter(SAM.id, NOW, q="  Clay RUNNING ", places=(SeatState.CONFIRMED,))
    async with reading(database) as work:
        assert await work.booking_sections.counts(shelf) == {Section.UPCOMING: 2}
        for q, found in (("cl", 40), ("Cläy", 40), ("%", 40), ("clay' OR 1=1 --", 0)):
            counts = await work.booking_sections.counts(BookingFilter(SAM.id, NOW, q=q))
            assert sum(counts.values()) == found, q
    met = await walked(database, shelf, Section.UPCOMING, 1)
    assert {b.place for b in met} == {"confirmed"}
    assert len(met) == 2


async def test_bookings_of_others_are_never_found(database):
    async with reading(database) as work:
        assert await work.booking_sections.counts(BookingFilter(SALLY.id, NOW)) == {
            Section.UPCOMING: 1
        }
        assert await work.booking_sections.counts(BookingFilter("usr_nobody", NOW)) == {}
