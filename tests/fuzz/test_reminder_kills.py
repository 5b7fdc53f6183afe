"""kill -9 in the middle of the reminders of a start: everybody gets theirs, and nobody two."""

import asyncio
import random
import shutil
from collections import Counter
from datetime import timedelta
from email import message_from_string

import pytest

from coursebook.domain.actor import WORKER
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Course, OutboxMessage, Reminder
from coursebook.persistence.unit_of_work import writing
from tests.fuzz.processes import ProcessHarness, ProductProcess, product_processes
from tests.fuzz.test_process_kills import AHEAD, IDLE_TIMEOUT, beside
from tests.support.booking_invariants import check_books
from tests.support.harness import Harness, Student, eur
from tests.support.rows import a_booking, a_user

PEOPLE = 12
DAY = timedelta(days=1)
MAX_COMMITS = 12
"""Commits of a new worker among which the one of the reminders must be."""
IN_THE_MAILS = ("worker mail 1 before", "worker mail 1 after", "worker mail 5 after")
RANDOM_KILLS = 3
MAX_KILL_SECONDS = 1.0


async def people_of(harness: Harness, course: Course) -> list[Student]:
    """Confirm places of a course without its mails; return who has them."""
    students = [harness.student(f"person{number}") for number in range(PEOPLE)]
    async with writing(harness.services.context.database) as work:
        stored = await work.session.get(Course, course.id)
        assert stored is not None
        stored.confirmed = PEOPLE
        users = [a_user(name="Zoë", email=student.email) for student in students]
        work.session.add_all(users)
        await work.session.flush()
        now = harness.clock()
        for user in users:
            booking = a_booking(user, course, place="confirmed", price=0, confirmed_at=now)
            work.session.add(booking)
            change = Change(booking.id, "booking", "confirmed", None, "confirmed")
            work.audit.write(change, actor=WORKER, request_id="", now=now)
    return students


async def test_a_kill_among_the_reminders_loses_and_doubles_none(
    process_harness: ProcessHarness, request: pytest.FixtureRequest, scale: float
):
    path = process_harness.folder / "reminders.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    url = f"sqlite:///{path}"
    with product_processes(process_harness, url, [process_harness.port]) as (program,):
        async with beside(process_harness.sandbox, url, program) as harness:
            ahead = timedelta(hours=2)  # the clock of the program is ahead of that of the rows here
            course = await harness.course(
                price=eur(0), capacity=PEOPLE, starts_in=DAY + timedelta(hours=1)
            )
            students = await people_of(harness, course)
            kills = Deaths(program, ahead)
            await kills.around_the_commit(harness)
            for where in IN_THE_MAILS:
                await kills.at(where)
            for _ in range(int(RANDOM_KILLS * scale)):
                await kills.after(random.Random().uniform(0, MAX_KILL_SECONDS))
            await kills.live()
            await until_sent(harness)
            program.kill()
            await check_end(harness, students)
    process_harness.figures.append(f"kill -9 among {PEOPLE} reminders: {kills.count} kills")


class Deaths:
    """Starts a program again and again, each time later, and kills it."""

    def __init__(self, program: ProductProcess, ahead: timedelta) -> None:
        self.count = 0
        self._program = program
        self._ahead = ahead.total_seconds()

    async def at(self, where: str) -> None:
        """Let it kill itself at a place."""
        await self.live(FUZZ_DIE_AT=where)
        async with asyncio.timeout(IDLE_TIMEOUT):
            while not self._program.is_dead:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.01)
        self.count += 1

    async def after(self, seconds: float) -> None:
        """Kill it some time after its start."""
        await self.live()
        await asyncio.sleep(seconds)
        self._program.kill()
        self.count += 1

    async def around_the_commit(self, harness: Harness) -> None:
        """Kill it before and after each commit up to the one that enqueues the reminders."""
        for number in range(1, MAX_COMMITS):
            await self.at(f"worker commit {number} before")
            assert await harness.rows_of(Reminder) == [], "written before its commit"
            await self.at(f"worker commit {number} after")
            if await harness.rows_of(Reminder):
                return
        raise AssertionError("no commit of the worker enqueued the reminders")

    async def live(self, **more: str) -> None:
        """Start it after the leases of the dead have run out."""
        self._ahead += AHEAD
        await asyncio.to_thread(self._program.start, FUZZ_AHEAD=str(self._ahead), **more)


async def until_sent(harness: Harness) -> None:
    async with asyncio.timeout(IDLE_TIMEOUT):
        while not all(row.done_at for row in await harness.rows_of(OutboxMessage)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def check_end(harness: Harness, students: list[Student]) -> None:
    """Check that one reminder was enqueued and sent for each person."""
    (row,) = await harness.rows_of(Reminder)
    assert row.mails == PEOPLE
    outbox = Counter(m.booking_id for m in await harness.rows_of(OutboxMessage))
    assert (len(outbox), set(outbox.values())) == (PEOPLE, {1})
    for student in students:
        mails = await harness.mails(student)
        assert {mail["subject"].split(":")[0] for mail in mails} == {"Reminder"}
        keys = {message_from_string(mail["raw"])["Message-ID"] for mail in mails}
        assert len(keys) == 1, "a second copy has the same key"
    await check_books(harness)
