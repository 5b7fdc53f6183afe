"""What services publish: after the commit, only what changed, nothing when nothing was stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from coursebook.live import topics
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import World


class Ear:
    """What was published since it was last asked."""

    def __init__(self) -> None:
        self.topics: set[str] = set()

    async def hear(self, told: frozenset[str]) -> None:
        self.topics |= told

    async def heard(self) -> set[str]:
        await asyncio.sleep(0.05)
        told, self.topics = self.topics, set()
        return told


@asynccontextmanager
async def listening(world: World) -> AsyncIterator[Ear]:
    ear = Ear()
    async with world.services.live.notifying(ear.hear, seconds=0.0):
        yield ear


async def user_of(world: World, booking_id: str) -> str:
    async with writing(world.services.context.database) as work:
        booking = await work.bookings.find(booking_id)
        assert booking is not None
        return topics.user(booking.user_id)


async def test_each_step_of_a_booking_names_what_changed_and_nothing_else(sqlite_world: World):
    world, sam = sqlite_world, sqlite_world.student("sam")
    course = await world.course()
    async with listening(world) as ear:
        started = await world.checkout(sam, course)
        who = await world.principal(sam)
        user = await user_of(world, started.booking_id)
        seats = topics.course(course.id)
        assert await ear.heard() == {seats, user, topics.newcomer(who.user_id)}
        await world.pay(started)
        await world.quiet()
        assert await ear.heard() == {user}, "a held place that is confirmed frees none"
        await world.booking(started)
        await world.services.bookings.booking_of_session(who, started.session_id or "")
        await world.worker_round()
        assert await ear.heard() == set(), "looking changes nothing"
        await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
        assert await ear.heard() == {seats, user}


async def test_what_was_not_stored_is_not_published(sqlite_world: World):
    async with listening(sqlite_world) as ear:
        with suppress(ZeroDivisionError):
            async with writing(sqlite_world.services.context.database) as work:
                work.mark_changed("course:1")
                raise ZeroDivisionError
        assert await ear.heard() == set()
        async with writing(sqlite_world.services.context.database) as work:
            work.mark_changed("course:1")
            assert await ear.heard() == set(), "not before the commit"
        assert await ear.heard() == {"course:1"}
