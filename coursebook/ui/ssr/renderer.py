"""The client of the program that renders pages (`server.mjs`), over a unix socket."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

log = structlog.get_logger(__name__)

TIMEOUT = 1.0
"""Seconds for rendering one page; then the static shell is sent."""
HASHES = ("x-scripts", "x-styles")
"""The headers with the hashes of what is inside a page."""
RETRY_DELAY = 1.0
"""Seconds without calls after a failure, so that a hanging program does not delay every page."""


class RenderFailed(Exception):
    """Raised when a page cannot be rendered; the static shell is sent instead."""


@dataclass(frozen=True)
class RenderedPage:
    """A rendered page, plain and in brotli.

    `scripts` and `styles` are the hashes of its inline scripts and style sheets.
    """

    html: bytes = field(repr=False)
    brotli: bytes = field(repr=False)
    scripts: tuple[str, ...] = field(default=(), repr=False)
    styles: tuple[str, ...] = field(default=(), repr=False)


class Renderer:
    """The client of the renderer. It logs a failure once, and the recovery once."""

    def __init__(self, socket: str, clock: Callable[[], float] = time.monotonic) -> None:
        # No TLS on a socket of this machine: reading the certificates took 30 ms of a start.
        transport = httpx.AsyncHTTPTransport(uds=socket, verify=False)
        self._client = httpx.AsyncClient(transport=transport, timeout=TIMEOUT)
        self._clock = clock
        self._is_failing = False
        self._ask_from = 0.0

    async def render(
        self,
        url: str,
        language: str,
        state: Mapping[str, Any],
        head: str,
        words: Mapping[str, str],
    ) -> RenderedPage:
        """Return the page at `url` with this language, state and tags. Raises RenderFailed.

        `words` are the texts that differ from the built ones.
        """
        if self._clock() < self._ask_from:
            raise RenderFailed
        try:
            async with asyncio.timeout(TIMEOUT):
                page = {"url": url, "language": language, "state": state}
                rendered = await self._ask({**page, "head": head, "words": words})
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._failed(error)
            raise RenderFailed from error
        self._worked()
        return rendered

    async def _ask(self, payload: dict[str, Any]) -> RenderedPage:
        answer = await self._client.post("http://renderer/", json=payload)
        if answer.status_code != httpx.codes.OK:
            raise ValueError(answer.text)
        length = int(answer.headers["x-brotli-length"])
        scripts, styles = (answer.headers.get(name, "").split() for name in HASHES)
        page, small = answer.content[length:], answer.content[:length]
        return RenderedPage(page, small, tuple(scripts), tuple(styles))

    def _failed(self, error: Exception) -> None:
        self._ask_from = self._clock() + RETRY_DELAY
        if not self._is_failing:
            reason = str(error) or type(error).__name__
            log.warning("page_renderer.failed", reason=reason, instead="static shell")
        self._is_failing = True

    def _worked(self) -> None:
        if self._is_failing:
            log.info("page_renderer.recovered")
        self._is_failing = False
