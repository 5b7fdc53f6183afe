"""A student's dashboard beside 100 and a million bookings of others: the time must not grow."""

import statistics
import time

import sqlalchemy as sa

from coursebook.identity.principal import Principal
from coursebook.wiring import Services
from tests.bench.environment import Ground

FEW, MANY = 100, 1_000_000
OWN = 20
CALLS = 40
FILL = """
INSERT INTO booking (id, user_id, course_id, place, price, currency, terms, calendar_sequence,
                     created_at, updated_at)
SELECT CAST(:word AS text) || n, u.id, course.id, 'cancelled', price, currency, terms, 0,
       now() - n * interval '1 second', now()
FROM course, generate_series(CAST(:first AS int), CAST(:last AS int)) n
JOIN user_account u ON u.subject = 'filler ' || (n % 1000)
WHERE course.id = :course
"""


async def dashboard(ground: Ground, rounds: int) -> None:
    """Print the query's time at both sizes, and their ratio."""
    principal = Principal(
        "user_of_the_bench", "sess_bench", "student", "own@example.test", "", 2**40
    )
    async with ground.services() as services:
        for course in await ground.courses(services, OWN):
            await services.checkout.start_checkout(principal, course)
        await _people(services)
        await _fill(services, course, 1, FEW)
        few = await _time(services, principal, rounds)
        await _fill(services, course, FEW + 1, MANY)
        many = await _time(services, principal, rounds)
    print(f"{'PostgreSQL':<12}{'dashboard, ms at 10^2':<28}{few:>10.2f}")
    print(f"{'PostgreSQL':<12}{'dashboard, ms at 10^6':<28}{many:>10.2f}{many / few:>18.2f} x")


async def _people(services: Services) -> None:
    async with services.context.database.writing.begin() as connection:
        await connection.execute(
            sa.text(
                "INSERT INTO user_account (id, subject, email, name, created_at, seen_at) "
                "SELECT 'usr_filler' || n, 'filler ' || n, n || '@example.test', '', now(), now() "
                "FROM generate_series(0, 999) n"
            )
        )


async def _fill(services: Services, course: str, first: int, last: int) -> None:
    step = 20_000  # a statement times out after 15 s
    for begin in range(first, last + 1, step):
        async with services.context.database.writing.begin() as connection:
            said = {"word": "bkg_fill", "course": course, "first": begin}
            end = min(begin + step - 1, last)
            await connection.execute(sa.text(FILL), said | {"last": end})
    async with services.context.database.writing.begin() as connection:
        await connection.execute(sa.text("ANALYZE booking"))


async def _time(services: Services, who: Principal, rounds: int) -> float:
    """Return the median time of a call, in milliseconds."""
    medians = []
    for number in range(rounds + 1):
        times = []
        for _ in range(CALLS):
            began = time.perf_counter()
            page = await services.bookings.list_of(who)
            times.append((time.perf_counter() - began) * 1000)
            assert len(page.items) == OWN
        if number:
            medians.append(statistics.median(times))
    return statistics.median(medians)
