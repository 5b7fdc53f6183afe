"""The cost of two hundred open tabs for bookings: `python -m tests.bench.live_tabs`.

One course, one process of the product, SQLite. Students book one after another, alternately with
and without tabs that watch the course over real sockets. The tabs run in their own process. Prints
medians, their ratio, and the time until every tab shows a booking.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import psutil

from coursebook.ui.states.course import CourseState
from tests.e2e.people import Opened, open_course
from tests.support.socket_client import SocketClient
from tests.support.stack import ROOT, Stack, running_stack

TABS, ROUNDS, BOOKINGS, WARM_UP = 200, 3, 20, 5
PAUSE_SECONDS = 0.1


def main() -> None:
    """Start, measure, print; or run the tabs."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.live_tabs", description=__doc__)
    parser.add_argument("--tabs", type=int, default=TABS)
    parser.add_argument("--at", nargs=2, metavar=("URL", "SLUG"), help="be the tabs")
    said = parser.parse_args()
    if said.at:
        asyncio.run(_watch(*said.at, said.tabs))
        return
    with (
        tempfile.TemporaryDirectory(prefix="coursebook-bench-") as folder,
        running_stack(Path(folder), CHECKOUT_LIMIT="10000/minute") as stack,
    ):
        asyncio.run(_measure(stack, said.tabs))


async def _measure(stack: Stack, tabs: int) -> None:
    course = await open_course(stack, capacity=1000)
    alone, watched, seen = [], [], []
    spent = {"alone": 0.0, "watched": 0.0}
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as client:
        students = _students(stack)
        await _book(client, course, students, WARM_UP)
        for _ in range(ROUNDS):
            before = _processor_ms(stack)
            alone += await _book(client, course, students, BOOKINGS)
            spent["alone"] += _processor_ms(stack) - before
            crowd = await asyncio.to_thread(_crowd, stack, course, tabs)
            before = _processor_ms(stack)
            watched += await _book(client, course, students, BOOKINGS)
            spent["watched"] += _processor_ms(stack) - before
            seen.append(await _until_all_saw(client, course, students, crowd))
            await asyncio.to_thread(_leave, crowd)
    first, other = statistics.median(alone), statistics.median(watched)
    print(f"{'a booking, nobody watches, ms':<46}{first:>8.1f}")
    print(f"{f'a booking, {tabs} tabs watch, ms':<46}{other:>8.1f}")
    print(f"{'ratio':<46}{other / first:>8.2f}")
    for name, spent_ms in spent.items():
        each = spent_ms / (ROUNDS * BOOKINGS)
        print(f"{f'processor time of the product each, {name}, ms':<46}{each:>8.1f}")
    print(f"{'from the answer until every tab shows it, ms':<46}{statistics.median(seen):>8.0f}")


def _processor_ms(stack: Stack) -> float:
    """Return the product's CPU time so far."""
    times = [
        process.cpu_times()
        for process in psutil.Process(stack.process.pid).children(recursive=True)
        if "granian" in " ".join(process.cmdline())
    ]
    return sum(t.user + t.system for t in times) * 1000


def _students(stack: Stack) -> "list[str]":
    wanted = WARM_UP + ROUNDS * (2 * BOOKINGS + 1)
    return [stack.token(f"bench.{n}@example.test", 3600) for n in range(wanted)]


async def _book(
    client: httpx.AsyncClient, course: Opened, students: list[str], count: int
) -> list[float]:
    """Make that many bookings one after another; return their times, ms."""
    took = []
    for _ in range(count):
        headers = {"Authorization": f"Bearer {students.pop()}"}
        began = time.perf_counter()
        answer = await client.post(
            "/api/stripe/checkout", json={"course_id": course.id}, headers=headers
        )
        took.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
        await asyncio.sleep(PAUSE_SECONDS)
    return took


async def _until_all_saw(
    client: httpx.AsyncClient,
    course: Opened,
    students: list[str],
    crowd: "subprocess.Popen[str]",
) -> float:
    """Book once after a pause; return the time until the last tab has the new seat count, ms."""
    await asyncio.sleep(2)
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    crowd.stdin.write("count anew\n")
    crowd.stdin.flush()
    await asyncio.to_thread(crowd.stdout.readline)
    await _book(client, course, students, 1)
    began = time.perf_counter() - PAUSE_SECONDS
    await asyncio.to_thread(crowd.stdout.readline)
    return (time.perf_counter() - began) * 1000


def _crowd(stack: Stack, course: Opened, tabs: int) -> "subprocess.Popen[str]":
    words = ["--tabs", str(tabs), "--at", stack.url, course.slug]
    crowd = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.live_tabs", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert crowd.stdout is not None
    assert crowd.stdout.readline() == "watching\n"
    return crowd


def _leave(crowd: "subprocess.Popen[str]") -> None:
    crowd.communicate()


async def _watch(url: str, slug: str, tabs: int) -> None:
    """Be tabs at the page of a course until there is nothing more to read.

    After a line «count anew» say «counting», and «all» when each tab was told something.
    """
    async with AsyncExitStack() as leaving:
        open_ones = []
        for _ in range(tabs):
            tab = await SocketClient.open(url, Origin=url)
            leaving.push_async_callback(tab.close)
            await tab.emit(f"{CourseState.get_full_name()}.page_opened", {}, f"/courses/{slug}")
            await tab.until(slug)
            open_ones.append(tab)
        print("watching", flush=True)
        told = [asyncio.Event() for _ in open_ones]
        hearing = [asyncio.create_task(_hear(*pair)) for pair in zip(open_ones, told, strict=True)]
        while await asyncio.to_thread(sys.stdin.readline):
            for one in told:
                one.clear()
            print("counting", flush=True)
            await asyncio.gather(*(one.wait() for one in told))
            print("all", flush=True)
        for task in hearing:
            task.cancel()
        await asyncio.gather(*hearing, return_exceptions=True)


async def _hear(tab: SocketClient, told: asyncio.Event) -> None:
    while True:
        tab.received.clear()
        await tab.until("places", seconds=3600)
        told.set()


if __name__ == "__main__":
    main()
