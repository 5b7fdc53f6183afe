"""How often somebody may try what costs us or Stripe work: per student, and per network address."""

from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from coursebook.errors import RateLimited
from coursebook.services.tools import Clock

log = structlog.get_logger("coursebook.limits")
PATIENCE_SECONDS = 2


class Limits:
    """Counts tries in memory, or in Redis when several processes share them."""

    def __init__(self, per_student: str, per_address: str, redis_url: str, clock: Clock) -> None:
        """Limits are written like `10/minute`. Raises ValueError for anything else."""
        self._pool = _pool(redis_url) if redis_url else None
        storage = _storage(redis_url, self._pool)
        assert isinstance(storage, Storage), "async+ gives an asynchronous storage"
        self._window = MovingWindowRateLimiter(storage)
        self._per_student = parse(per_student)
        self._per_address = parse(per_address)
        self._clock = clock

    async def count(self, action: str, subject: str, address: str = "") -> None:
        """Count one try. Raises RateLimited with the seconds to wait."""
        await self._hit(self._per_student, action, subject)
        if address:
            await self.count_address(action, address)

    async def count_address(self, action: str, address: str) -> None:
        """Count one try of somebody who need not be signed in. Raises RateLimited."""
        await self._hit(self._per_address, action, f"address {address}")

    async def close(self) -> None:
        """Give connections back."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _hit(self, limit: RateLimitItem, action: str, whose: str) -> None:
        try:
            if await self._window.hit(limit, action, whose):
                return
            stats = await self._window.get_window_stats(limit, action, whose)
        except (RedisError, OSError) as problem:  # nobody is kept from booking by a lost counter
            log.warning("limits.not_counted", kind=type(problem).__name__)
            return
        raise RateLimited(int(stats.reset_time - self._clock().timestamp()) + 1)


def _pool(redis_url: str) -> ConnectionPool:
    return ConnectionPool.from_url(
        redis_url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )


def _storage(redis_url: str, pool: ConnectionPool | None) -> object:
    if pool is None:
        return storage_from_string("async+memory://")
    options: Any = {"connection_pool": pool, "implementation": "redispy"}
    return storage_from_string(f"async+{redis_url}", **options)
