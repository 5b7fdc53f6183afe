"""`python -m tests.bench.pages`: paint times and weight of the pages in Chromium.

Part of `make bench`. Prints a table without a verdict; targets and findings are in
`docs/performance.md`. Report the machine's load with the figures: on two busy cores a first paint
says little.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext

from tests.bench.paint_timings import Paint, paints
from tests.bench.renders import renders
from tests.e2e.people import Person
from tests.support.browser import DESKTOP, PHONE, chromium
from tests.support.stack import Stack, running_stack

HEADINGS = ("FCP ms", "LCP ms", "CLS", "KB", "requests", "other hosts")


def main() -> None:
    """Start the stack, measure, print."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        asyncio.run(measured(stack))


async def measured(stack: Stack) -> None:
    """Print the cost of this stack's pages for a visitor and for the product."""
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    print(f"{'page':<34}" + "".join(f"{name:>12}" for name in HEADINGS))
    async with chromium() as browser:
        for name, path, is_signed_in in (
            ("catalog", "/courses", False),
            ("course", "/courses/tabla-first-rhythms", False),
            ("dashboard", "/bookings", True),
        ):
            for is_slow in (True, False):
                open_profile = await _sam(browser, stack, is_slow=is_slow) if is_signed_in else None
                paint, _ = await paints(
                    browser, stack.url + path, is_slow=is_slow, known=open_profile
                )
                print(_row(f"{name}, {'slow 4G phone' if is_slow else 'unthrottled'}", paint))
    for name, rate in (await renders(stack)).items():
        print(f"{name:<34}{rate:>12.0f} per s")


async def _sam(browser: Browser, stack: Stack, *, is_slow: bool):
    """Return a function that opens a browser profile with Sam signed in."""
    context = await browser.new_context(base_url=stack.url)
    await Person(await context.new_page()).sign_in()
    storage = await context.storage_state()
    await context.close()

    async def opened() -> BrowserContext:
        size = PHONE if is_slow else DESKTOP
        return await browser.new_context(storage_state=storage, viewport=size, locale="en-GB")

    return opened


def _row(name: str, paint: Paint) -> str:
    times = f"{paint.first:>12.0f}{paint.largest:>12.0f}{paint.shift:>12.3f}"
    wire = f"{paint.weight / 1000:>12.0f}{paint.requests:>12.0f}{paint.foreign:>12.0f}"
    return f"{name:<34}{times}{wire}"


if __name__ == "__main__":
    main()
