"""Several processes on one database: nothing is sold or created twice."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.maintenance.migrate import current_and_head, head_revision
from coursebook.persistence.unit_of_work import reading
from tests.support.rows import a_course

ROOT = Path(__file__).resolve().parents[2]

BUYERS = """
import asyncio, sys
from coursebook.domain.seats import NoSeat
from coursebook.persistence.course_search.courses import seats_of
from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.unit_of_work import writing
from tests.support.rows import NOW

async def buy(database):
    try:
        async with writing(database) as work:
            course = await work.courses.lock(sys.argv[2])
            work.courses.put_seats(course, seats_of(course).confirm_free(), NOW)
    except NoSeat:
        return 0
    return 1

async def main():
    database = open_database(sys.argv[1])
    print(sum(await asyncio.gather(*(buy(database) for _ in range(40)))))
    await database.close()

asyncio.run(main())
"""
MIGRATE = """
import asyncio, sys
from coursebook.persistence.maintenance.migrate import upgrade_to_head
asyncio.run(upgrade_to_head(sys.argv[1]))
"""
SEED = """
import asyncio, sys
from coursebook.persistence.engine.databases import open_database
from coursebook.services.seeding.seed import seed
from tests.support.rows import NOW

async def main():
    database = open_database(sys.argv[1])
    print(await seed(database, NOW))
    await database.close()

asyncio.run(main())
"""


async def together(count: int, program: str, *arguments: str) -> list[str]:
    """Run a program `count` times at once; return the outputs. All must succeed."""

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )

    ended = await asyncio.gather(*(asyncio.to_thread(run) for _ in range(count)))
    for process in ended:
        assert process.returncode == 0, process.stderr
    return [process.stdout.strip() for process in ended]


async def test_two_processes_sell_exactly_the_capacity(database_url):
    database = open_database(database_url)
    course = a_course(capacity=30)
    async with database.write_session() as session, session.begin():
        session.add(course)
    sold = await together(2, BUYERS, database_url, course.id)
    assert sum(map(int, sold)) == 30
    async with reading(database) as work:
        now = await work.courses.find(course.id)
    assert (now.held, now.confirmed) == (0, 30)
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request, tmp_path):
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/coursebook.db"
        return
    cluster = request.getfixturevalue("postgres")
    url = cluster.empty_database()
    yield url
    cluster.drop(url)


async def test_processes_that_start_at_once_make_the_tables_once(empty_url):
    await together(3, MIGRATE, empty_url)
    assert await current_and_head(empty_url) == (head_revision(), head_revision())


async def test_processes_that_start_at_once_load_the_sample_courses_once(database_url):
    added = await together(2, SEED, database_url)
    assert sorted(map(int, added)) == [0, 16]
    database = open_database(database_url)
    async with database.read_session() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM course"))).scalar() == 16
    await database.close()
