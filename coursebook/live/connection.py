"""Keeps a wire alive: says what has to be said until it was said, hears what others say."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress

import structlog

from coursebook.live.batcher import ended
from coursebook.live.topics import EVERYTHING
from coursebook.live.transports import Transport, TransportLost

log = structlog.get_logger("coursebook.live")

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
BREATH_SECONDS = 0.05
"""Between two messages: what changes meanwhile, in a crowd a lot, goes into the next one."""
MOST_WAITING = 10_000
LAST_WORDS_SECONDS = 1.0


class Connection:
    """One end of a wire. `heard` gets the topics of other processes.

    After a lost connection it gets EVERYTHING, for something may have been missed.
    """

    def __init__(self, wire: Transport, heard: Callable[[Collection[str]], None]) -> None:
        self._wire, self._heard = wire, heard
        self._name = secrets.token_hex(6)
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()
        self.is_up = False
        """Whether others are heard at the moment."""

    def say(self, topics: Collection[str]) -> None:
        """Take topics to be sent; never waits."""
        self._waiting.update(topics)
        if len(self._waiting) > MOST_WAITING:  # nobody was reached for long
            self._waiting = {EVERYTHING}
        self._wake.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the line for as long as the block lasts; what is left to say is said at its end."""
        speaking = asyncio.create_task(self._speak(), name="live speaks")
        listening = asyncio.create_task(self._listen(), name="live listens")
        try:
            yield
        finally:
            await ended(speaking)
            await self._last_words()
            await ended(listening)
            await self._wire.close()

    async def _speak(self) -> None:
        """Send what is to be said, again until it was sent; until cancelled."""
        tries = 0
        while True:
            await self._wake.wait()
            try:
                await self._send_waiting()
                tries = 0
                await asyncio.sleep(BREATH_SECONDS)
            except Exception as problem:  # noqa: BLE001 - who stops speaking is never heard again
                _note_surprise(problem)
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1

    async def _listen(self) -> None:
        """Hear what others say, over one connection after the other; until cancelled."""
        tries, is_first = 0, True
        while True:
            try:
                async with self._wire.listening() as texts:
                    tries, self.is_up = 0, True
                    if not is_first:
                        log.info("live.line_back")
                        self._heard((EVERYTHING,))
                    is_first = False
                    async for text in texts:
                        self._hear(text)
            except Exception as problem:  # noqa: BLE001 - who stops listening hears no more
                _note_surprise(problem)
                if tries == 0:
                    log.warning("live.line_lost", said=str(problem))
            self.is_up = False
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    async def _last_words(self) -> None:
        with suppress(TransportLost, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self._send_waiting()

    async def _send_waiting(self) -> None:
        while self._waiting:
            some = set(sorted(self._waiting)[: self._wire.longest])
            self._waiting -= some  # what changes again while we send has to be sent again
            try:
                await self._wire.send(json.dumps({"from": self._name, "topics": sorted(some)}))
            except BaseException:
                self._waiting |= some
                raise
        self._wake.clear()

    def _hear(self, text: str) -> None:
        try:
            told = json.loads(text)
            speaker, topics = told["from"], told["topics"]
        except (ValueError, TypeError, KeyError):
            return
        if speaker != self._name and isinstance(topics, list):
            self._heard([topic for topic in topics if isinstance(topic, str)])


def _note_surprise(problem: Exception) -> None:
    """Log what is more than a lost connection; the line is tried again all the same."""
    if not isinstance(problem, TransportLost):
        log.error("live.line_broke", exc_info=problem)
