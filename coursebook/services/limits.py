"""How often somebody may try what costs us or Stripe work: per person, and per network address."""

from dataclasses import dataclass
from typing import Any, Literal

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from coursebook.errors import RateLimited
from coursebook.services.tools import Clock
from coursebook.services.window import MemoryWindow

log = structlog.get_logger("coursebook.limits")
PATIENCE_SECONDS = 2

Action = Literal["checkout", "unknown_session", "search", "token"]
"""What is counted by itself. Checkouts, retries and cancels are one: each costs calls to Stripe."""


@dataclass(frozen=True)
class Rates:
    """How often, written like `10/minute`: one person each action, one address each action."""

    checkout: str
    search: str
    token: str
    address: str


class Limits:
    """Counts tries in memory, or in Redis when several processes share them."""

    def __init__(self, rates: Rates, redis_url: str, clock: Clock) -> None:
        """Raises ValueError for a rate of another form."""
        self._alone = MemoryWindow()
        self._pool = _pool(redis_url) if redis_url else None
        self._shared = _shared(redis_url, self._pool) if self._pool else None
        checkout = parse(rates.checkout)
        self._per_person: dict[Action, RateLimitItem] = {
            "checkout": checkout,
            "unknown_session": checkout,
            "search": parse(rates.search),
            "token": parse(rates.token),
        }
        self._per_address = parse(rates.address)
        self._clock = clock

    async def count(self, action: Action, subject: str, address: str = "") -> None:
        """Count one try. Raises RateLimited with the seconds to wait."""
        await self._hit(self._per_person[action], action, subject)
        if address:
            await self.count_address(action, address)

    async def count_address(self, action: Action, address: str) -> None:
        """Count one try of somebody who need not be signed in. Raises RateLimited."""
        await self._hit(self._per_address, action, f"address {address}")

    async def close(self) -> None:
        """Give connections back."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _hit(self, limit: RateLimitItem, action: str, whose: str) -> None:
        if self._shared is None:
            key = limit.key_for(action, whose)
            seconds = self._alone.wait(key, limit.amount, limit.get_expiry())
        else:
            seconds = await self._hit_shared(self._shared, limit, action, whose)
        if seconds is not None:
            raise RateLimited(int(seconds) + 1)

    async def _hit_shared(
        self, window: MovingWindowRateLimiter, limit: RateLimitItem, action: str, whose: str
    ) -> float | None:
        """Count one try for all processes; return the seconds to wait when it is one too many."""
        try:
            if await window.hit(limit, action, whose):
                return None
            stats = await window.get_window_stats(limit, action, whose)
        except (RedisError, OSError) as problem:  # nobody is kept from booking by a lost counter
            log.warning("limits.not_counted", kind=type(problem).__name__)
            return None
        return float(stats.reset_time) - self._clock().timestamp()


def _pool(redis_url: str) -> ConnectionPool:
    return ConnectionPool.from_url(
        redis_url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )


def _shared(redis_url: str, pool: ConnectionPool) -> MovingWindowRateLimiter:
    options: Any = {"connection_pool": pool, "implementation": "redispy"}
    storage = storage_from_string(f"async+{redis_url}", **options)
    assert isinstance(storage, Storage), "async+ gives an asynchronous storage"
    return MovingWindowRateLimiter(storage)
