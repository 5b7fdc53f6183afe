"""The first load of public pages: this tree against an earlier commit, both served at once.

    python -m tests.bench --against COMMIT --only pages

Each side is started by its own `coursebook run` with the samples of its own commit; the loads take
turns, each in a new browser profile. Weight is that of all answers, compressed.
"""

import asyncio
import shutil
from contextlib import ExitStack
from pathlib import Path

from playwright.async_api import Browser

from tests.bench.paint_timings import Paint, median_of, strangers_paint
from tests.support.browser import chromium
from tests.support.server_programs import ROOT
from tests.support.stack import running_stack

PATHS = ("/courses", "/courses/tabla-first-rhythms")
COLUMNS = ("bytes before", "now", "grown", "LCP ms before", "now", "before/now")


def compare(folder: Path, tree: Path, rounds: int) -> None:
    """Print weight and largest paint of both sides. `tree` is the checked-out earlier commit."""
    web = ROOT / ".web" / "node_modules"
    if web.is_dir():  # spares the installation; the build checks them against the commit's own pins
        shutil.copytree(web, tree / ".web" / "node_modules", symlinks=True)
    with ExitStack() as stack:
        urls = []
        for name, home in (("before", tree), ("now", ROOT)):
            data = folder / name
            data.mkdir()
            served = running_stack(data, home=home, PYTHONPATH=str(home))
            urls.append(stack.enter_context(served).url)
        asyncio.run(_print_loads(urls, rounds))


async def _print_loads(urls: list[str], rounds: int) -> None:
    print(f"{'page':<46}" + "".join(f"{name:>15}" for name in COLUMNS))
    async with chromium() as browser:
        for path in PATHS:
            for is_slow in (True, False):
                before, now = await _take_turns(browser, urls, path, rounds, is_slow=is_slow)
                name = f"{path}, {'slow 4G phone' if is_slow else 'unthrottled'}"
                print(f"{name:<46}{_row(before, now)}", flush=True)


async def _take_turns(
    browser: Browser, urls: list[str], path: str, rounds: int, *, is_slow: bool
) -> list[Paint]:
    """Return the medians of both sides. The first round only warms up."""
    loads: list[list[Paint]] = [[] for _ in urls]
    for number in range(rounds + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            paint = await strangers_paint(browser, urls[side] + path, is_slow=is_slow)
            if number:
                loads[side].append(paint)
    return [median_of(each) for each in loads]


def _row(before: Paint, now: Paint) -> str:
    weights = f"{before.weight:>15.0f}{now.weight:>15.0f}{now.weight - before.weight:>+15.0f}"
    ratio = before.largest / now.largest
    return f"{weights}{before.largest:>15.0f}{now.largest:>15.0f}{ratio:>15.3f}"
