"""Paint times, weight and layout shifts of a page in Chromium.

Each run uses a new browser profile with an empty cache; the printed figures are medians. "Slow" is
Lighthouse's slow 4G: 1.6 Mbit/s, 150 ms, a CPU slowed down four times. Unthrottled figures depend
on the machine; the slow ones mostly on the page.
"""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from tests.support.browser import DESKTOP, PATIENCE_MS, PHONE

RUNS = 5
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOW_CPU = 4
SIGN_IN_CALLS = ("/api/identity", "/v1/client")
WATCH = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver((list) => {
  for (const paint of list.getEntries()) window.seen.lcp = paint.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.seen.cls += shift.value;
}).observe({type: "layout-shift", buffered: true});
"""
READ = """() => [
  performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  window.seen.lcp, window.seen.cls,
]"""


@dataclass(frozen=True)
class Paint:
    """One load. Times in ms after navigation began; `weight` in bytes over the wire."""

    first: float
    largest: float
    shift: float
    weight: float
    requests: float
    foreign: float


class NetworkTraffic:
    """Counts network traffic: bytes on the wire, requests, and requests to other hosts."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.weight = self.requests = self.foreign = 0
        self.parts: dict[str, int] = {}
        self._urls: dict[str, str] = {}

    def listen(self, cdp: CDPSession) -> None:
        """Attach to a page."""
        cdp.on("Network.requestWillBeSent", self._asked)
        cdp.on("Network.loadingFinished", self._came)

    def _asked(self, said: dict[str, Any]) -> None:
        url = said["request"]["url"]
        if url.startswith("data:"):
            return
        self._urls[said["requestId"]] = url
        self.requests += 1
        self.foreign += urlsplit(url).hostname != self._host

    def _came(self, said: dict[str, Any]) -> None:
        weight = int(said["encodedDataLength"])
        self.weight += weight
        self.parts[self._urls.get(said["requestId"], "")] = weight


async def paints(
    browser: Browser, url: str, *, is_slow: bool, known: Callable[[], Any] | None = None
) -> tuple[Paint, dict[str, int]]:
    """Return the medians of some loads of `url`, and the weights in the last one.

    `known` creates a signed-in profile; without it, each load is anonymous.
    """
    loads, wire = [], NetworkTraffic("")
    for _ in range(RUNS):
        context = await (known() if known else _stranger(browser, is_slow=is_slow))
        try:
            load, wire = await _load(context, url, is_slow=is_slow)
        finally:
            await context.close()
        loads.append(load)
    return median_of(loads), wire.parts


async def strangers_paint(browser: Browser, url: str, *, is_slow: bool) -> Paint:
    """Return the first load of `url` by somebody new.

    Its weight is without the calls of the sign-in, which end at any time after the page.
    """
    async with await _stranger(browser, is_slow=is_slow) as context:
        paint, wire = await _load(context, url, is_slow=is_slow)
    later = [size for path, size in wire.parts.items() if urlsplit(path).path in SIGN_IN_CALLS]
    return replace(paint, weight=paint.weight - sum(later))


def median_of(loads: Iterable[Paint]) -> Paint:
    """Return the median of each figure."""
    return Paint(*(statistics.median(each) for each in zip(*map(astuple, loads), strict=True)))


async def _stranger(browser: Browser, *, is_slow: bool) -> BrowserContext:
    return await browser.new_context(viewport=PHONE if is_slow else DESKTOP, locale="en-GB")


async def _load(
    context: BrowserContext, url: str, *, is_slow: bool
) -> tuple[Paint, NetworkTraffic]:
    page = await context.new_page()
    page.set_default_timeout(4 * PATIENCE_MS)
    cdp = await context.new_cdp_session(page)
    await cdp.send("Network.enable")
    await cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if is_slow:
        await cdp.send("Network.emulateNetworkConditions", SLOW)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    await page.add_init_script(WATCH)
    wire = NetworkTraffic(urlsplit(url).hostname or "")
    wire.listen(cdp)
    await page.goto(url)
    await _settled(page)
    first, largest, shift = await page.evaluate(READ)
    return Paint(first, largest, shift, wire.weight, wire.requests, wire.foreign), wire


async def _settled(page: Page) -> None:
    """Wait until the page is hydrated and idle."""
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(500)
