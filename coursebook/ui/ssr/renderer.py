"""The wire to the program that draws pages (`server.mjs`), over a unix socket of this host."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

log = structlog.get_logger(__name__)

TIMEOUT = 1.0
"""A page that takes longer is not worth waiting for: the static shell is there at once."""
RETRY_DELAY = 1.0
"""How long nothing is asked after a failure, so that a stuck program slows nobody down."""


class NotDrawn(Exception):
    """The page could not be drawn; the static shell has to do."""


@dataclass(frozen=True)
class Drawn:
    """A page, plain and in brotli. `scripts` are the hashes of the inline scripts it may run."""

    html: bytes = field(repr=False)
    brotli: bytes = field(repr=False)
    scripts: tuple[str, ...] = field(default=(), repr=False)


class Renderer:
    """Asks for pages. It warns once when the program fails, and says once when it is back."""

    def __init__(self, socket: str, clock: Callable[[], float] = time.monotonic) -> None:
        transport = httpx.AsyncHTTPTransport(uds=socket)
        self._client = httpx.AsyncClient(transport=transport, timeout=TIMEOUT)
        self._clock = clock
        self._is_failing = False
        self._ask_from = 0.0

    async def draw(self, url: str, language: str, state: Mapping[str, Any], head: str) -> Drawn:
        """Return the page at `url` in this language, with this state and tags. Raises NotDrawn."""
        if self._clock() < self._ask_from:
            raise NotDrawn
        try:
            async with asyncio.timeout(TIMEOUT):
                drawn = await self._ask(
                    {"url": url, "language": language, "state": state, "head": head}
                )
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._failed(error)
            raise NotDrawn from error
        self._worked()
        return drawn

    async def _ask(self, wanted: dict[str, Any]) -> Drawn:
        answer = await self._client.post("http://renderer/", json=wanted)
        if answer.status_code != httpx.codes.OK:
            raise ValueError(answer.text)
        length = int(answer.headers["x-brotli-length"])
        scripts = tuple(answer.headers.get("x-scripts", "").split())
        return Drawn(answer.content[length:], answer.content[:length], scripts)

    def _failed(self, error: Exception) -> None:
        self._ask_from = self._clock() + RETRY_DELAY
        if not self._is_failing:
            said = str(error) or type(error).__name__
            log.warning("pages_are_not_drawn", reason=said, instead="static shell")
        self._is_failing = True

    def _worked(self) -> None:
        if self._is_failing:
            log.info("pages_are_drawn_again")
        self._is_failing = False
