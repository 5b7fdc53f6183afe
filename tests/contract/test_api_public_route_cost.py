"""What anybody may call costs the same however often it is called."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import pytest
import sqlalchemy as sa

from coursebook.persistence.maintenance import migrate
from tests.support.harness import World
from tests.support.product_pool import ProductPool

CROWD = 200
ROUTES = ("/api/ready", "/metrics", "/sitemap.xml")


@contextmanager
def counting(world: World) -> Iterator[Counter[str]]:
    """Count the statements that reading connections send."""
    said: Counter[str] = Counter()
    engine = world.services.context.database.reading.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said[statement] += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_crowd_costs_one_look(world: World, route: str):
    await world.course()
    await world.worker_round()
    await world.later(minutes=1)  # what was kept is old
    with counting(world) as alone:
        assert (await world.get(route)).status_code == 200
    await world.later(minutes=2)
    await world.worker_round()
    began = time.monotonic()
    with counting(world) as crowd:
        answers = await asyncio.gather(*(world.get(route) for _ in range(CROWD)))
    assert {answer.status_code for answer in answers} == {200}
    looks = 2 + int(time.monotonic() - began)  # one a second, however busy the machine is
    assert alone.keys() == crowd.keys()
    assert all(crowd[one] <= alone[one] * looks for one in crowd)


async def test_a_crowd_asking_whether_we_are_ready_opens_no_connection(product_pool: ProductPool):
    async with product_pool.world("postgres") as world:
        await _stays_within_the_pool(world)


async def _stays_within_the_pool(world: World) -> None:
    database_url = world.services.settings.database_url
    await world.worker_round()
    assert (await world.get("/api/ready")).status_code == 200
    looking = await asyncpg.connect(database_url)
    try:
        ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        before = await looking.fetchval(ask)
        calls = [asyncio.create_task(world.get("/api/ready")) for _ in range(CROWD)]
        most = before
        while not all(call.done() for call in calls):
            most = max(most, await looking.fetchval(ask))
        assert most <= before + 1
    finally:
        await looking.close()


async def test_the_answer_is_a_new_one_a_second_later(world: World):
    assert (await world.get("/api/ready")).status_code == 503
    await world.worker_round()
    await world.later(seconds=2)
    assert (await world.get("/api/ready")).status_code == 200


async def test_a_newer_version_beside_the_running_one_does_not_make_it_unready(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
):
    await sqlite_world.worker_round()
    monkeypatch.setattr(migrate, "head_revision", lambda: "9999")
    monkeypatch.setattr("coursebook.services.health.head_revision", lambda: "9999")
    assert (await sqlite_world.get("/api/ready")).json()["parts"]["migrations"] == "ok"


async def test_a_database_without_tables_is_named_and_breaks_nothing(world: World):
    async with without_revision(world):
        answer = await world.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"].startswith("at None")


@asynccontextmanager
async def without_revision(world: World) -> AsyncIterator[None]:
    """Take away the table that says which migrations were made."""
    database = world.services.context.database
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
