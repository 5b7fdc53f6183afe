"""`coursebook seed`: fills an empty database once, with counts that match its bookings."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from coursebook.domain.booking import SeatState
from coursebook.domain.rights import Role
from coursebook.errors import Invalid
from coursebook.persistence.course_search.course_filter import CourseFilter
from coursebook.persistence.engine.databases import Database, open_database
from coursebook.persistence.schema.tables import (
    AuditEntry,
    Booking,
    Course,
    PaymentAttempt,
    RoleGrant,
    User,
)
from coursebook.persistence.unit_of_work import reading
from coursebook.sandbox.sign_in.accounts import PEOPLE
from coursebook.services.catalog.search_terms import understood
from coursebook.services.seeding.sample_courses import sample_courses
from coursebook.services.seeding.sample_team import MEMBERS, seed_team
from coursebook.services.seeding.seed import course_values, seed, seed_if_empty
from tests.support.rows import NOW, a_course


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


async def rows(database: Database, table):
    async with database.read_session() as session:
        return (await session.scalars(sa.select(table))).all()


async def test_an_empty_database_is_filled_once(database):
    assert await seed_if_empty(database, NOW) == 16
    assert await seed_if_empty(database, NOW) == 0
    assert len(await rows(database, Course)) == 16


async def test_a_database_with_a_course_of_its_own_is_left_alone(database):
    async with database.write_session() as session, session.begin():
        session.add(a_course(status="draft"))
    assert await seed_if_empty(database, NOW) == 0
    assert len(await rows(database, Course)) == 1


async def test_seeding_again_adds_only_what_is_missing_and_changes_nothing_else(database):
    await seed(database, NOW)
    async with database.write_session() as session, session.begin():
        mine = (await session.scalars(sa.select(Course).order_by(Course.price))).first()
        mine.title = "Renamed by the operator"
        empty = await session.execute(sa.select(Course).where(Course.slug == "sing-bach-by-sunday"))
        gone = empty.scalar_one()
        gone.slug = "another-address"
    assert await seed(database, NOW + timedelta(days=1)) == 1
    titles = {course.title for course in await rows(database, Course)}
    assert "Renamed by the operator" in titles
    assert len(await rows(database, Course)) == 17


async def test_the_counts_of_places_are_those_of_real_bookings(database):
    await seed(database, NOW)
    bookings = await rows(database, Booking)
    people = {user.id for user in await rows(database, User)}
    for course in await rows(database, Course):
        of_it = [b for b in bookings if b.course_id == course.id]
        assert {b.place for b in of_it} <= {SeatState.CONFIRMED.value}
        assert (course.held, course.confirmed) == (0, len(of_it))
        assert len({b.user_id for b in of_it} & people) == len(of_it)


async def test_sample_bookings_cost_nothing_and_leave_the_usual_trace(database):
    await seed(database, NOW)
    bookings = await rows(database, Booking)
    attempts = await rows(database, PaymentAttempt)
    assert {b.price for b in bookings} == {0}
    assert {(a.amount, a.state, a.session_id) for a in attempts} == {(0, "succeeded", None)}
    assert {a.booking_id for a in attempts} == {b.id for b in bookings}
    trace = sorted(await rows(database, AuditEntry), key=lambda entry: entry.id)
    assert {entry.actor for entry in trace} == {"seed"}
    for booking in bookings:
        steps = [
            e.to_state for e in sorted(trace, key=lambda e: e.id) if e.booking_id == booking.id
        ]
        assert steps == ["held", "created", "succeeded", "confirmed"]


async def test_sample_people_have_addresses_that_no_mail_reaches(database):
    await seed(database, NOW)
    for person in await rows(database, User):
        assert person.email.endswith("@example.test")
        assert person.email.isascii()
        assert person.name


async def test_the_search_finds_them(database):
    await seed(database, NOW)
    for word in ("sourdough", "lisbon", "BERLIN", "piano", "free live", "löwe"):
        async with reading(database) as work:
            terms, _ = await understood(work, word)
            found = await work.courses.published(CourseFilter(terms=terms), "title", None, 20)
        assert found, word


async def test_samples_include_a_free_a_nearly_full_and_a_full_course(database):
    await seed(database, NOW)
    seats_left = {c.slug: c.capacity - c.held - c.confirmed for c in await rows(database, Course)}
    assert seats_left["first-light-in-the-darkroom"] == 0
    assert seats_left["the-bakers-night-shift"] == 2
    free = [c.slug for c in await rows(database, Course) if c.price == 0]
    assert free == ["stargazing-with-what-you-have"]
    assert seats_left[free[0]] > 100


def test_a_course_that_breaks_the_rules_never_reaches_the_database():
    draft = sample_courses(NOW)[0].draft
    with pytest.raises(Invalid) as caught:
        course_values(draft, draft.starts_at)
    assert [error.pointer for error in caught.value.errors] == ["/starts_at"]


async def test_the_sample_team_gets_its_roles_once(database):
    assert await seed_team(database, NOW) == 1, "a teacher needs the sample course"
    await seed(database, NOW)
    assert await seed_team(database, NOW) == 1
    assert await seed_team(database, NOW) == 0
    people = {person.email: person for person in PEOPLE}
    assert [member.subject for member in MEMBERS] == [people[m.email].user_id for m in MEMBERS]
    async with reading(database) as work:
        taught = {member.role: await work.grants.of_subject(member.subject) for member in MEMBERS}
        course = await work.courses.find("indigo-in-two-days")
    assert taught[Role.TEACHER] == ({"teacher"}, {course.id})
    assert taught[Role.ACCOUNTANT] == ({"accountant"}, set())


async def test_a_revoked_role_of_the_sample_team_stays_revoked(database):
    await seed(database, NOW)
    assert await seed_team(database, NOW) == 2
    async with database.write_session() as session, session.begin():
        await session.execute(sa.update(RoleGrant).values(revoked_at=NOW))
    assert await seed_team(database, NOW) == 0
