"""The people of one course: pages, searches and files of 2,000 and of 20,000 bookings.

`python -m tests.bench --only roster` prints it alone. Memory is what the process grew by at most
while a file was made; the processor's share of its time does not grow with the load of the machine.
"""

import asyncio
import statistics
import threading
import time
from collections.abc import Awaitable, Callable

import psutil

from coursebook.identity.principal import Principal
from coursebook.persistence.schema.tables import Booking, User
from coursebook.persistence.unit_of_work import writing
from coursebook.services.manage.roster import RosterQuery
from coursebook.services.manage.roster_export import FileFormat
from coursebook.wiring import Services
from tests.bench.environment import Ground

FEW, MANY = 2_000, 20_000
CALLS = 7
FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx")
QUERIES = {
    "by name": RosterQuery(sort="name", limit=100),
    "booked last": RosterQuery(limit=100),
    "by payment": RosterQuery(sort="payment", limit=100),
    "two words of a name": RosterQuery(q="lindqvist zoe", limit=100),
    "a number": RosterQuery(q="CB-001234", limit=100),
}
OLGA = Principal("user_olga", "sess_bench", "operator", "olga@example.test", "", 2**40)


async def roster(ground: Ground, database: str) -> None:
    """Print the times at both sizes, and the files of the larger one."""
    async with ground.services() as services:
        (course,) = await ground.courses(services, 1)
        await _fill(services, course, range(FEW))
        few = await _pages(services, course)
        await _fill(services, course, range(FEW, MANY))
        many = await _pages(services, course)
        for name, time_of_few in few.items():
            print(f"{database:<12}{'people, ' + name:<32}{time_of_few:>8.1f}{many[name]:>8.1f} ms")
        for file_format in FORMATS:
            seconds, processor, size, grown = await _file(services, course, file_format)
            print(
                f"{database:<12}{f'{MANY:,} people, {file_format}':<32}{seconds:>8.2f} s"
                f"{processor:>8.2f} s of processor{size / 1e6:>8.1f} MB"
                f"{grown / 1e6:>8.0f} MB of memory"
            )


async def _fill(services: Services, course: str, numbers: range) -> None:
    now = services.clock()
    for first in range(numbers.start, numbers.stop, 1000):
        async with writing(services.context.database) as work:
            some = range(first, min(first + 1000, numbers.stop))
            work.session.add_all(
                User(
                    id=f"usr_{number:06}",
                    subject=f"of the roster {number}",
                    email=f"person{number}@example.test",
                    name=f"Zoë {number % 97} Lindqvist {number}",
                    created_at=now,
                    seen_at=now,
                )
                for number in some
            )
            await work.flush()
            work.session.add_all(
                Booking(
                    id=f"bkg_{number:06}",
                    user_id=f"usr_{number:06}",
                    course_id=course,
                    place="confirmed",
                    price=4500,
                    currency="eur",
                    note="Nut allergy" if number % 10 == 0 else "",
                    created_at=now,
                    updated_at=now,
                )
                for number in some
            )


async def _pages(services: Services, course: str) -> dict[str, float]:
    """Return the median time of each page, in milliseconds."""
    times = {}
    for name, query in QUERIES.items():
        taken = [
            await _seconds(lambda query=query: services.rosters.page(OLGA, course, query))  # type: ignore[misc]
            for _ in range(CALLS)
        ]
        times[name] = statistics.median(taken) * 1000
    return times


async def _seconds(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


async def _file(
    services: Services, course: str, file_format: FileFormat
) -> tuple[float, float, int, float]:
    """Return seconds, those of the processor, bytes, and by how many the process grew at most."""
    size, peak, done = 0, 0, threading.Event()
    process = psutil.Process()
    before = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began, busy = time.perf_counter(), time.process_time()
    export = await services.roster_exports.file(OLGA, course, RosterQuery(), "en", file_format)
    async for piece in export.pieces:
        size += len(piece)
        await asyncio.sleep(0)
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    done.set()
    watcher.join()
    return seconds, processor, size, max(0, peak - before)
