"""Chromium through Playwright. A console error fails the test that opened the page."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.support.server_programs import find_chromium

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
]
SAVES_DATA = (
    """Object.defineProperty(NetworkInformation.prototype, "saveData", {get: () => true})"""
)
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)  # a busy machine is slow, not broken
SCREENSHOTS = Path(__file__).resolve().parents[2] / "test-results"


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """Start Chromium (Debian's or Playwright's own), with extra `flags`."""
    program = find_chromium()
    if program is None:
        raise RuntimeError("Chromium is missing; `make test` installs it or says how.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Visitors:
    """Opens pages for the visitors of one test, each in its own browser profile."""

    browser: Browser
    base_url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    _forgiven: list[re.Pattern[str]] = field(default_factory=list)

    async def open(
        self,
        *,
        phone: bool = False,
        locale: str = "en-GB",
        zone: str = "Europe/Berlin",
        prefetches: bool = False,
        **options: Any,
    ) -> Page:
        """Return an empty page of a new visitor; `page.goto("/courses")` is relative.

        Unless it `prefetches`, it asks pages to save data: fetching the code of all other pages
        when a page is idle took a quarter of Chromium's time.
        """
        context = await self.browser.new_context(
            base_url=self.base_url,
            viewport=PHONE if phone else DESKTOP,
            locale=locale,
            timezone_id=zone,
            **options,
        )
        if not prefetches:
            await context.add_init_script(SAVES_DATA)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"exception: {error.error}"))
        self.contexts.append(context)
        return await context.new_page()

    def forgive(self, pattern: str) -> None:
        """Allow console errors that match, for example after a test kills a server."""
        self._forgiven.append(re.compile(pattern))

    def unforgiven(self) -> list[str]:
        """Return the console errors that no test allowed."""
        return [
            said for said in self.trouble if not any(each.search(said) for each in self._forgiven)
        ]

    async def screenshots(self, name: str) -> list[Path]:
        """Save a screenshot of every open page, to look at after a failure."""
        SCREENSHOTS.mkdir(exist_ok=True)
        pages = [page for context in self.contexts for page in context.pages]
        paths = [SCREENSHOTS / f"{name}-{number}.png" for number, _ in enumerate(pages, 1)]
        for page, path in zip(pages, paths, strict=True):
            await page.screenshot(path=path, full_page=True)
        return paths

    async def leave(self) -> None:
        """Close every page."""
        for context in self.contexts:
            await context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location or {}
            self._note(f"console: {message.text} ({place.get('url', '')})")

    def _note(self, text: str) -> None:
        self.trouble.append(text)
