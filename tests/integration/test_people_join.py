"""`coursebook people join`: moves one person's bookings to their new account only."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col
from typer.testing import CliRunner

from coursebook.cli import app
from coursebook.persistence.schema.tables import AuditEntry, User
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.run.problem import CannotStart
from tests.support.booking_invariants import read_books
from tests.support.harness import Harness

pytestmark = pytest.mark.both_databases


@pytest.fixture
def typed(harness: Harness, monkeypatch) -> Any:
    """Run the command beside the running product and return its output."""
    monkeypatch.setenv("DATABASE_URL", harness.services.settings.database_url)

    async def type_it(*words: str, answer: str = "") -> Any:
        def run() -> Any:
            return CliRunner().invoke(app, ["people", "join", *words], input=answer)

        return await asyncio.to_thread(run)

    return type_it


async def account(harness: Harness, name: str) -> User:
    """Return the row of a student who has booked something."""
    principal = await harness.principal(harness.student(name))
    async with reading(harness.services.context.database) as work:
        user = await work.users.by_subject(principal.user_id)
    assert user is not None
    return user


async def booked(harness: Harness, name: str, course: Any = None) -> Any:
    return await harness.confirmed(harness.student(name), course or await harness.course())


async def test_every_booking_goes_over_with_its_history(harness: Harness, typed):
    first = await booked(harness, "old")
    held = await harness.checkout(harness.student("old"), await harness.course())
    bystander = await booked(harness, "bystander")
    await booked(harness, "new")
    old, new = await account(harness, "old"), await account(harness, "new")
    output = await typed(old.subject, new.email, answer="y\n")
    assert output.exit_code == 0, output
    assert "2 bookings, 2 of them live" in output.output
    assert "2 bookings now belong to" in output.output
    mine = (await harness.get("/api/bookings", harness.student("new"))).json()["items"]
    assert {b["id"] for b in mine} >= {first.booking_id, held.booking_id}
    assert (await harness.get("/api/bookings", harness.student("old"))).json()["items"] == []
    assert await harness.status_of(bystander) == "confirmed"
    await harness.pay(held)  # the page that was open is the new account's now
    books = await read_books(harness)
    assert {b.place for b in books.bookings if b.user_id == new.id} == {"confirmed"}
    lines = [a for a in books.audit if a.event == "joined"]
    assert {a.booking_id for a in lines} == {first.booking_id, held.booking_id, None}
    assert all(a.actor for a in lines)


@pytest.mark.parametrize("answer", ["n\n", ""])
async def test_without_a_yes_nothing_moves(harness: Harness, typed, answer: str):
    await booked(harness, "old")
    await booked(harness, "new")
    old, new = await account(harness, "old"), await account(harness, "new")
    before = await owners(harness)
    output = await typed(old.subject, new.subject, answer=answer)
    assert output.exit_code == 1
    assert "Nothing was changed." in output.output
    assert await owners(harness) == before


async def test_two_live_bookings_of_one_course_are_refused(harness: Harness, typed):
    course = await harness.course(title="Sing Bach")
    await booked(harness, "old", course)
    await booked(harness, "old")
    await booked(harness, "new", course)
    old, new = await account(harness, "old"), await account(harness, "new")
    before = await owners(harness)
    output = await typed(old.subject, new.subject, "--yes")
    assert isinstance(output.exception, CannotStart)
    assert "Both accounts have a live booking of “Sing Bach”" in str(output.exception)
    assert await owners(harness) == before


async def test_an_address_of_two_accounts_is_not_enough(harness: Harness, typed):
    await booked(harness, "old")
    await booked(harness, "new")
    old, new = await account(harness, "old"), await account(harness, "new")
    async with writing(harness.services.context.database) as work:
        same = sa.update(User).where(col(User.id) == new.id).values(email=old.email.upper())
        await work.session.execute(same)
    for words in ((old.email, new.subject), (old.subject, old.email)):
        output = await typed(*words, "--yes")
        assert "is the address of 2 accounts" in str(output.exception)
        assert old.subject in str(output.exception)
        assert new.subject in str(output.exception)


async def test_who_is_not_known_or_the_same_is_refused(harness: Harness, typed):
    await booked(harness, "old")
    old = await account(harness, "old")
    for words, said in (
        ((old.subject, "user_nobody"), "user_nobody is not known here"),
        (("nobody@example.test", old.subject), "nobody@example.test is not known here"),
        ((old.subject, old.email), "are the same account"),
    ):
        output = await typed(*words, "--yes")
        assert said in str(output.exception)


async def test_places_on_waiting_lists_go_over(harness: Harness, typed):
    full, twice = [await harness.course(capacity=1) for _ in range(2)]
    for course in (full, twice):
        await booked(harness, "bystander", course)
    await booked(harness, "old")
    await booked(harness, "new")
    old, new = await account(harness, "old"), await account(harness, "new")
    waits = [("old", full), ("old", twice), ("new", twice)]
    for name, course in waits:
        path = f"/api/courses/{course.id}/waiting"
        assert (await harness.post(path, harness.student(name))).status_code == 201
    refused = await typed(old.subject, new.subject, "--yes")
    assert f"Both accounts wait for a place on “{twice.title}”" in str(refused.exception)
    path = f"/api/courses/{twice.id}/waiting"
    assert (await harness.call("DELETE", path, harness.student("new"))).is_success
    output = await typed(old.subject, new.subject, "--yes")
    assert output.exit_code == 0, output
    mine = (await harness.get("/api/waiting", harness.student("new"))).json()["items"]
    assert {item["course"]["id"] for item in mine} == {full.id, twice.id}
    assert (await harness.get("/api/waiting", harness.student("old"))).json()["items"] == []


def test_every_column_that_references_a_person_is_moved():
    """A new table with a person must be moved too: services/operators/account_merge.py.

    Roles stay with the old account: the school invites the new one (docs/manage.md). So do the
    words by which that account is found, the links by which a guest's bookings are claimed, and the
    log of the messages that went to it.
    """
    own = {"person_search.user_id", "claim.user_id", "message_recipient.user_id"}
    roles = {"role_grant.user_id", "course_teacher.user_id"}
    owned = {
        f"{table.name}.{key.parent.name}"
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "user_account"
    }
    assert owned - roles - own == {"booking.user_id", "waiting_list_entry.user_id"}


async def owners(harness: Harness) -> dict[str, str]:
    async with reading(harness.services.context.database) as work:
        rows = (await work.session.scalars(sa.select(AuditEntry))).all()
    books = await read_books(harness)
    assert not [row for row in rows if row.event == "joined"]
    return {booking.id: booking.user_id for booking in books.bookings}
