"""Topics through Redis, to every process on the same Redis database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from coursebook.live.connection import TransportLost

TIMEOUT = 5
PING_INTERVAL = 10


class RedisTransport:
    """Redis' publish and subscribe. Channels span all databases, so the name holds the number.

    The client must not retry: a subscription that it restored silently would have missed messages.
    """

    max_topics = 1000

    def __init__(self, url: str) -> None:
        self._client = Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT,
            socket_timeout=TIMEOUT,
            health_check_interval=PING_INTERVAL,
            retry=Retry(NoBackoff(), 0),
        )
        self._channel = f"coursebook:live:{parse_url(url).get('db') or 0}"

    async def send(self, text: str) -> None:
        """Send one message. Raises TransportLost."""
        try:
            await self._client.publish(self._channel, text)
        except (RedisError, OSError) as error:
            raise TransportLost(str(error)) from error

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        """Listen. Raises TransportLost when the connection ends."""
        try:
            async with self._client.pubsub() as channel:
                await channel.subscribe(self._channel)
                answer = await channel.get_message(timeout=TIMEOUT)
                if answer is None or answer["type"] != "subscribe":
                    raise TransportLost("the server does not let us listen")
                yield _texts(channel)
        except (RedisError, OSError) as error:
            raise TransportLost(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def _texts(channel: PubSub) -> AsyncIterator[str]:
    while True:
        message = await channel.get_message(timeout=PING_INTERVAL)
        if message is not None and message["type"] == "message":
            yield bytes(message["data"]).decode(errors="replace")
