"""Public routes cost the same number of statements however often they are called."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import pytest
import sqlalchemy as sa

from coursebook.persistence.maintenance import migrate
from tests.support.harness import Harness
from tests.support.product_pool import ProductPool

CROWD = 200
ROUTES = ("/api/ready", "/metrics", "/sitemap.xml")


@contextmanager
def counting(harness: Harness) -> Iterator[Counter[str]]:
    """Count the statements that reading connections send."""
    counts: Counter[str] = Counter()
    engine = harness.services.context.database.reading.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        counts[statement] += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield counts
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_crowd_costs_one_look(harness: Harness, route: str):
    await harness.course()
    await harness.worker_round()
    await harness.later(minutes=1)  # the cached value has expired
    with counting(harness) as alone:
        assert (await harness.get(route)).status_code == 200
    await harness.later(minutes=2)
    await harness.worker_round()
    began = time.monotonic()
    with counting(harness) as crowd:
        answers = await asyncio.gather(*(harness.get(route) for _ in range(CROWD)))
    assert {answer.status_code for answer in answers} == {200}
    looks = 2 + int(time.monotonic() - began)  # at most one a second on a busy machine
    assert alone.keys() == crowd.keys()
    assert all(crowd[one] <= alone[one] * looks for one in crowd)


async def test_a_crowd_asking_whether_we_are_ready_opens_no_connection(product_pool: ProductPool):
    async with product_pool.harness("postgres") as harness:
        await _stays_within_the_pool(harness)


async def _stays_within_the_pool(harness: Harness) -> None:
    database_url = harness.services.settings.database_url
    await harness.worker_round()
    assert (await harness.get("/api/ready")).status_code == 200
    looking = await asyncpg.connect(database_url)
    try:
        ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        before = await looking.fetchval(ask)
        calls = [asyncio.create_task(harness.get("/api/ready")) for _ in range(CROWD)]
        most = before
        while not all(call.done() for call in calls):
            most = max(most, await looking.fetchval(ask))
        assert most <= before + 1
    finally:
        await looking.close()


async def test_the_answer_is_a_new_one_a_second_later(harness: Harness):
    assert (await harness.get("/api/ready")).status_code == 503
    await harness.worker_round()
    await harness.later(seconds=2)
    assert (await harness.get("/api/ready")).status_code == 200


async def test_a_newer_version_beside_the_running_one_does_not_make_it_unready(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    await sqlite_harness.worker_round()
    monkeypatch.setattr(migrate, "head_revision", lambda: "9999")
    monkeypatch.setattr("coursebook.services.health.head_revision", lambda: "9999")
    assert (await sqlite_harness.get("/api/ready")).json()["parts"]["migrations"] == "ok"


async def test_a_database_without_tables_is_named_and_breaks_nothing(harness: Harness):
    async with without_revision(harness):
        answer = await harness.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"].startswith("at None")


@asynccontextmanager
async def without_revision(harness: Harness) -> AsyncIterator[None]:
    """Drop the table of applied migrations."""
    database = harness.services.context.database
    async with database.write_session() as session, session.begin():
        revision = await session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        await session.execute(sa.text("DROP TABLE alembic_version"))
    try:
        yield
    finally:
        async with database.write_session() as session, session.begin():
            made = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
            await session.execute(sa.text(made))
            insert = sa.text("INSERT INTO alembic_version VALUES (:revision)")
            await session.execute(insert, {"revision": revision})
