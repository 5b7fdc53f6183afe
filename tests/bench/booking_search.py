"""How the search over bookings grows: 10³ against 10⁶ bookings, on both databases, in one run.

`python -m tests.bench.booking_search` prints it alone; a number after it is the larger size. Both
sizes are queried in turn, so that load on the machine affects both; what counts is the ratio.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from coursebook.domain.booking import NUMBER_LETTERS, SeatState
from coursebook.domain.rights import Rights, Role
from coursebook.domain.search import person_lexemes
from coursebook.persistence.maintenance.migrate import upgrade_to_head
from coursebook.persistence.schema.search_tables import PersonSearch
from coursebook.persistence.schema.tables import Booking, Course, User
from coursebook.services.operators.booking_search import BookingQuery, BookingSearches
from tests.support.catalog import School, a_school
from tests.support.postgres import postgres_cluster
from tests.support.rows import NOW, a_course

SMALL, LARGE, CALLS, WARM_UP, BATCH = 1_000, 1_000_000, 40, 8, 5_000
PER_PERSON = 3
FIRST = ("Ana", "Bruno", "Carla", "Dara", "Elif", "Farid", "Greta", "Hugo", "Isla", "Jamal")
LAST = ("Silva", "Weiss", "Costa", "Petrov", "Makinen", "Hartmann", "Castelo", "Nystrom")
CASES = {
    "a rare name, its beginning": BookingQuery(q="lindq"),
    "an address, its beginning": BookingQuery(q="amara.l"),
    "a number": BookingQuery(q="CB-000500"),
    "a common name": BookingQuery(q="ana"),
    "no words": BookingQuery(),
}


class _Owner:
    async def rights_of(self, _who: object) -> Rights:
        return Rights.of(Role.OWNER)


def main(large: int) -> None:
    """Fill, query, print; `large` is the number of bookings of the larger school."""
    with tempfile.TemporaryDirectory() as folder, postgres_cluster() as cluster:
        sqlite = [f"sqlite:///{folder}/{n}.db" for n in (SMALL, large)]
        asyncio.run(_compare("SQLite", sqlite, large))
        asyncio.run(_compare("PostgreSQL", [cluster.empty_database() for _ in range(2)], large))


async def _compare(name: str, urls: list[str], large: int) -> None:
    async with AsyncExitStack() as stack:
        schools = []
        for url, size in zip(urls, (SMALL, large), strict=True):
            await upgrade_to_head(url)
            schools.append(await stack.enter_async_context(a_school(url)))
            await _fill(schools[-1], size)
        print(f"\n{name:<30}{SMALL:>9,} {large:>10,} bookings (p50 ms){'ratio':>8}")
        for case, query in CASES.items():
            small, big = await _timed(schools, query)
            print(f"{case:<30}{small:>9.2f} {big:>10.2f}{big / small:>27.2f}", flush=True)


async def _timed(schools: list[School], query: BookingQuery) -> list[float]:
    """Return the medians of both sizes, in milliseconds."""
    searches = [BookingSearches(school.context, _Owner()) for school in schools]  # type: ignore[arg-type]
    times: list[list[float]] = [[] for _ in schools]
    for _ in range(WARM_UP + CALLS):
        for search, taken in zip(searches, times, strict=True):
            began = time.perf_counter()
            page = await search.page(None, query)
            taken.append((time.perf_counter() - began) * 1000)
            assert page.items, query
    return [statistics.median(taken[WARM_UP:]) for taken in times]


async def _fill(school: School, size: int) -> None:
    database, people = school.context.database, size // PER_PERSON + 1
    async with database.write_session() as session, session.begin():
        await session.execute(sa.insert(Course), [a_course().model_dump() | {"id": "crs_1"}])
    for table, rows in (
        (User, _users(people)),
        (PersonSearch, _indexed(people)),
        (Booking, _bookings(size, people)),
    ):
        while batch := list(islice(rows, BATCH)):
            async with database.write_session() as session, session.begin():
                await session.execute(sa.insert(table), batch)
    async with database.writing.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE")


def _person(number: int, people: int) -> tuple[str, str]:
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    if number % max(1, people // 5) == 1:
        return "Amara Lindqvist", f"amara.l.{number}@example.test"
    return f"{first} {last}", f"{first}.{last}.{number}@example.test".lower()


def _users(people: int) -> Iterator[dict[str, Any]]:
    for number in range(people):
        name, email = _person(number, people)
        yield {
            "id": f"usr_{number}",
            "subject": f"subject_{number}",
            "name": name,
            "email": email,
            "created_at": NOW,
            "seen_at": NOW,
        }


def _indexed(people: int) -> Iterator[dict[str, Any]]:
    for number in range(people):
        lexemes = person_lexemes(*_person(number, people))
        yield {"key": number, "user_id": f"usr_{number}", "lexemes": lexemes}


def _bookings(size: int, people: int) -> Iterator[dict[str, Any]]:
    for number in range(size):
        booking_id = f"bkg_{number:0{NUMBER_LETTERS}}"
        yield {
            "id": booking_id,
            "number_end": booking_id[-NUMBER_LETTERS:],
            "user_id": f"usr_{number % people}",
            "course_id": "crs_1",
            "place": SeatState.CANCELLED.value,
            "price": 0,
            "currency": "eur",
            "created_at": NOW + timedelta(seconds=number),
            "updated_at": NOW,
        }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE)
