"""Cancelled requests: at any moment, the connection returns to the pool in a clean state.

Some callers cancel a request repeatedly until it ends (anyio's cancel scopes do), which also
cancels the clean-up. The drivers then leave a task or a future behind, which asyncio reports, and
the pool opens a new connection.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from coursebook.persistence.engine.databases import Database, open_database
from coursebook.persistence.unit_of_work import reading, writing
from tests.support.rows import a_user

MOMENTS = 300
"""How often somebody is cut off, spread over the time that the work takes."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


async def reads(database: Database) -> None:
    async with reading(database) as work:
        for _ in range(3):
            await work.session.execute(sa.text("SELECT count(*) FROM user_account"))


async def writes(database: Database) -> None:
    async with writing(database) as work:
        work.session.add(a_user())
        await work.flush()
        await work.session.execute(sa.text("SELECT count(*) FROM user_account"))


async def cut_off(
    work: Awaitable[None], seconds: float, times: int
) -> asyncio.CancelledError | None:
    """Cancel the work after a delay; return its error, or None if it ended before."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(seconds)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    try:
        await task
    except asyncio.CancelledError as cut:
        return cut
    return None


async def _time_of(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


@pytest.mark.parametrize("times", [1, 3])
async def test_a_request_cut_off_at_any_moment_leaves_the_connections_right(
    database: Database, times: int, caplog: pytest.LogCaptureFixture
):
    kept = []  # a traceback keeps everything alive that the work had in hand
    for work in (reads, writes):
        whole = min([await _time_of(work(database)) for _ in range(5)])
        moments = [whole * 1.2 * number / MOMENTS for number in range(MOMENTS)]
        kept += [await cut_off(work(database), moment, times) for moment in moments]
    for engine in (database.reading, database.writing):
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await asyncio.gather(*(reads(database) for _ in range(12)), writes(database))
    warnings_logged = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert [r.getMessage() for r in warnings_logged if r.name != "asyncio"] == []


async def test_a_commit_is_published_after_its_request_was_cancelled(database: Database):
    told: list[set[str]] = []
    listening = replace(database, announce=lambda topics: told.append(set(topics)))

    async def books() -> None:
        async with writing(listening) as work:
            work.session.add(a_user())
            work.mark_changed("course:1")

    for moment in range(40):
        await cut_off(books(), moment / 4000, 1)
    async with reading(database) as work:
        stored = await work.session.scalar(sa.text("SELECT count(*) FROM user_account"))
    assert len(told) == stored
