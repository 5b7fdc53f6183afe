"""Topics through Redis, to every process on the same Redis database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from coursebook.live.transports import TransportLost

PATIENCE_SECONDS = 5
PING_SECONDS = 10


class RedisWire:
    """Redis' publish and subscribe. A channel is of the whole server, so its name has the number.

    Without retries of its own: a subscription that silently came back would have missed messages.
    """

    longest = 1000

    def __init__(self, url: str) -> None:
        self._client = Redis.from_url(
            url,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            health_check_interval=PING_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._channel = f"coursebook:live:{parse_url(url).get('db') or 0}"

    async def send(self, text: str) -> None:
        """Send one message. Raises WireLost."""
        try:
            await self._client.publish(self._channel, text)
        except (RedisError, OSError) as problem:
            raise TransportLost(str(problem)) from problem

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        """Listen. Raises WireLost when the connection ends."""
        try:
            async with self._client.pubsub() as channel:
                await channel.subscribe(self._channel)
                answer = await channel.get_message(timeout=PATIENCE_SECONDS)
                if answer is None or answer["type"] != "subscribe":
                    raise TransportLost("the server does not let us listen")
                yield _texts(channel)
        except (RedisError, OSError) as problem:
            raise TransportLost(str(problem)) from problem

    async def close(self) -> None:
        """Give connections back."""
        await self._client.aclose()


async def _texts(channel: PubSub) -> AsyncIterator[str]:
    while True:
        message = await channel.get_message(timeout=PING_SECONDS)
        if message is not None and message["type"] == "message":
            yield bytes(message["data"]).decode(errors="replace")
