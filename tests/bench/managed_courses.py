"""The first page of the school's own courses over HTTP: among 10² and among 10⁵, both databases.

`python -m tests.bench --only managed_courses` prints it alone. Both sizes are served at once and
asked in turns, the public list of courses as well: the aims are ratios (own, many ÷ few ≤ 1.5; own
÷ public ≤ 2). Public answers are kept as bytes, so each public call here has its own query.
"""

import asyncio
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from coursebook.domain.money import MAX_AMOUNT
from coursebook.persistence.maintenance.migrate import upgrade_to_head
from coursebook.sandbox.sign_in.accounts import person_of
from tests.bench.environment import Ground, prepare
from tests.bench.search import LARGE, SMALL, fill
from tests.support.catalog import a_school
from tests.support.postgres import postgres_cluster

CALLS, WARM_UP = 200, 20
OWN, PUBLIC = "/api/manage/courses", "/api/courses"


def main(folder: Path) -> None:
    """Fill, ask, print."""
    with postgres_cluster() as cluster:
        for name in ("SQLite", "PostgreSQL"):
            grounds = []
            for size in (SMALL, LARGE):
                own = folder / f"managed-{name}-{size}"
                own.mkdir()
                is_file = name == "SQLite"
                url = f"sqlite:///{own}/bench.db" if is_file else cluster.empty_database()
                asyncio.run(_filled(url, size))
                grounds.append(prepare(own, url))
            with ExitStack() as stack:
                ports = [stack.enter_context(each.serving("product")).port for each in grounds]
                asyncio.run(_print_times(name, grounds, ports))


async def _filled(url: str, size: int) -> None:
    await upgrade_to_head(url)
    async with a_school(url) as school:
        await fill(school, size)


async def _print_times(name: str, grounds: list[Ground], ports: list[int]) -> None:
    few, many = await _times(grounds, ports)
    print(f"{name:<12}{'first page, p50 ms':<24}{SMALL:>10,}{LARGE:>10,}{'ratio':>8}")
    for path in (OWN, PUBLIC):
        print(
            f"{'':<12}{path:<24}{few[path]:>10.2f}{many[path]:>10.2f}{many[path] / few[path]:>8.2f}"
        )
    shares = [each[OWN] / each[PUBLIC] for each in (few, many)]
    print(f"{'':<12}{'own ÷ public':<24}{shares[0]:>10.2f}{shares[1]:>10.2f}", flush=True)


async def _times(grounds: list[Ground], ports: list[int]) -> list[dict[str, float]]:
    """Return the median time of each list at each size, in milliseconds."""
    taken: list[dict[str, list[float]]] = [{OWN: [], PUBLIC: []} for _ in ports]
    clients = [
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=_olga(ground))
        for ground, port in zip(grounds, ports, strict=True)
    ]
    for number in range(WARM_UP + CALLS):
        for client, times in zip(clients, taken, strict=True):
            for path, each in times.items():
                began = time.perf_counter()
                unasked = {"price_max": MAX_AMOUNT - number} if path == PUBLIC else {}
                answer = await client.get(path, params=unasked)
                if number >= WARM_UP:
                    each.append((time.perf_counter() - began) * 1000)
                assert len(answer.raise_for_status().json()["items"]) > 1, (path, answer.text)
    for client in clients:
        await client.aclose()
    return [{path: statistics.median(each) for path, each in times.items()} for times in taken]


def _olga(ground: Ground) -> dict[str, str]:
    token = ground.stripe.mint.token(person_of("olga@example.test"), "sess_bench", ttl=3600)
    return {"Authorization": f"Bearer {token}"}
