"""Topics that services publish: after the commit, and only those that changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from coursebook.live import topics
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import Harness


class Ear:
    """The topics published since the last read."""

    def __init__(self) -> None:
        self.topics: set[str] = set()

    async def hear(self, told: frozenset[str]) -> None:
        self.topics |= told

    async def heard(self) -> set[str]:
        await asyncio.sleep(0.05)
        told, self.topics = self.topics, set()
        return told


@asynccontextmanager
async def listening(harness: Harness) -> AsyncIterator[Ear]:
    ear = Ear()
    async with harness.services.live.notifying(ear.hear, seconds=0.0):
        yield ear


async def user_of(harness: Harness, booking_id: str) -> str:
    async with writing(harness.services.context.database) as work:
        booking = await work.bookings.find(booking_id)
        assert booking is not None
        return topics.user(booking.user_id)


async def test_each_step_of_a_booking_names_what_changed_and_nothing_else(sqlite_harness: Harness):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    course = await harness.course()
    async with listening(harness) as ear:
        started = await harness.checkout(sam, course)
        principal = await harness.principal(sam)
        user = await user_of(harness, started.booking_id)
        seats, roster = topics.course(course.id), topics.roster(course.id)
        assert await ear.heard() == {seats, roster, user, topics.newcomer(principal.user_id)}
        await harness.pay(started)
        await harness.quiet()
        assert await ear.heard() == {user, roster}, (
            "confirming a held seat does not change the seats left"
        )
        await harness.booking(started)
        await harness.services.bookings.booking_of_session(principal, started.session_id or "")
        await harness.worker_round()
        assert await ear.heard() == set(), "reading must not publish"
        await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
        assert await ear.heard() == {seats, roster, user}


async def test_what_was_not_stored_is_not_published(sqlite_harness: Harness):
    async with listening(sqlite_harness) as ear:
        with suppress(ZeroDivisionError):
            async with writing(sqlite_harness.services.context.database) as work:
                work.mark_changed("course:1")
                raise ZeroDivisionError
        assert await ear.heard() == set()
        async with writing(sqlite_harness.services.context.database) as work:
            work.mark_changed("course:1")
            assert await ear.heard() == set(), "not before the commit"
        assert await ear.heard() == {"course:1"}
