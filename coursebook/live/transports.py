"""What carries topics from process to process, and which kind of it there is."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class TransportLost(Exception):
    """The connection is away; nothing can be said or heard at the moment."""


class Transport(Protocol):
    """Brings a text to every process that listens, this one included."""

    longest: int
    """How many topics fit into one message."""

    async def send(self, text: str) -> None:
        """Send one message. Raises WireLost."""

    def listening(self) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Listen: what is sent once the block has begun is heard. Raises WireLost at its end."""

    async def close(self) -> None:
        """Give connections back."""
