"""Requests that are cut off: wherever it happens, the connection goes back as it came.

Some cancel a request again and again until it has ended (anyio's cancel scopes do), so also what is
done to give a connection back is cancelled. aiosqlite then leaves a task behind of which asyncio
says that it was destroyed; the pool makes a new connection.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable

import pytest
import sqlalchemy as sa

from coursebook.persistence.engine import Database, open_database
from coursebook.persistence.work import reading, writing
from tests.support.rows import a_user

PLACES = 30
"""At how many moments somebody is cut off; each is a few steps of the loop after the last."""


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
        await work.session.flush()
        await work.session.execute(sa.text("SELECT count(*) FROM user_account"))


async def cut_off(work: Awaitable[None], after: int, times: int) -> None:
    task = asyncio.ensure_future(work)
    for _ in range(after):
        await asyncio.sleep(0)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([task])


@pytest.mark.parametrize("times", [1, 3])
async def test_a_request_cut_off_at_any_moment_leaves_the_connections_right(
    database: Database, times: int, caplog: pytest.LogCaptureFixture
):
    for work in (reads, writes):
        await work(database)
        for place in range(PLACES):
            await cut_off(work(database), place * 3, times)
    for engine in (database.reading, database.writing):
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await asyncio.gather(*(reads(database) for _ in range(12)), writes(database))
    told = [r for r in caplog.records if r.levelno >= logging.WARNING]
    noise = [r for r in told if r.name != "asyncio" or times == 1]
    assert [r.getMessage() for r in noise] == []
