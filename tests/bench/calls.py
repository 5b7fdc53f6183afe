"""Response times of the whole stack as ratios within one run, and its pages in a browser.

Milliseconds differ between machines; the cost relative to the cheapest call (`/api/health`) hardly
does. Starts the stack as a newcomer would, and prints a table without a verdict.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench import pages
from tests.support.stack import Stack, running_stack

WARM_UP, CALLS, SIDE_BY_SIDE = 20, 300, 10
BASE = "/api/health"


def main() -> None:
    """Start, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with running_stack(Path(folder)) as stack:
            print(f"start to ready: {time.monotonic() - began:.1f} s\n")
            asyncio.run(_measure(stack))
            asyncio.run(pages.measured(stack))


async def _measure(stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.token('sam@example.test', 3600)}"}
    async with httpx.AsyncClient(base_url=stack.url, timeout=30, headers=headers) as client:
        course = (await client.get("/api/courses")).json()["items"][0]["slug"]
        calls = [BASE, "/", "/api/courses", f"/api/courses/{course}", "/api/bookings", "/api/ready"]
        print(f"{'call':<44}{'p50 ms':>8}{'p95 ms':>8}{'per s':>8}{'x health':>10}")
        base = None
        for path in calls:
            alone, rate = await _timed(client, path)
            base = base or statistics.median(alone)
            print(_row(path, alone, rate, base))


async def _timed(client: httpx.AsyncClient, path: str) -> tuple[list[float], float]:
    """Return the times of sequential calls (ms), and the rate of concurrent ones."""
    for _ in range(WARM_UP):
        (await client.get(path)).raise_for_status()
    alone = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await client.get(path)
        alone.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    await asyncio.gather(*(_several(client, path) for _ in range(SIDE_BY_SIDE)))
    return alone, CALLS / (time.perf_counter() - began)


async def _several(client: httpx.AsyncClient, path: str) -> None:
    for _ in range(CALLS // SIDE_BY_SIDE):
        (await client.get(path)).raise_for_status()


def _row(path: str, alone: list[float], rate: float, base: float) -> str:
    p50, p95 = statistics.median(alone), statistics.quantiles(alone, n=20)[-1]
    return f"{path:<44}{p50:>8.1f}{p95:>8.1f}{rate:>8.0f}{p50 / base:>10.1f}"


if __name__ == "__main__":
    main()
