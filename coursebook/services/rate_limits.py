"""Rate limits for actions that cost us or Stripe work.

A signed-in person has a budget of their own. Strangers share the budget of their network, because
everything else about them can be forged. A tab of our pages has its own share of a larger budget:
programs without a tab cannot use up the budget of the pages, and one tab cannot use up all of it.
"""

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from coursebook.client_address import network_of
from coursebook.errors import RateLimited
from coursebook.services.context import Clock

log = structlog.get_logger("coursebook.limits")
REDIS_TIMEOUT_SECONDS = 2
SWEEP_INTERVAL = 1000
"""Attempts between two sweeps over all keys for expired ones."""
TABS_TOGETHER = 10
"""The limit of all tabs of a network together, as a multiple of the network's limit."""

Action = Literal["checkout", "unknown_session", "search", "token", "manage", "export", "message"]
"""Actions with a count of their own. Checkouts, retries, cancels share one: each calls Stripe.
`manage` counts what somebody with a role does on the operator's side, `export` the
files with people that they take, `message` the messages that they send, plan or try."""


@dataclass(frozen=True)
class Rates:
    """How often, written like `10/minute`.

    Of one person, `checkout`, `search`, `token`, `manage`, `export` and `message`. Of strangers,
    each action: `address` of one network, `visitor` of one tab.
    """

    checkout: str
    search: str
    token: str
    address: str
    visitor: str
    manage: str = "120/minute"
    export: str = "10/hour"
    message: str = "20/hour"


class MemoryWindow:
    """A moving window for each key, counted in this process. `clock` gives monotonic seconds.

    Ours and not a library's: the memory storage of `limits` (5.8) scans all keys on every attempt,
    each time in a thread. Here an attempt reads its own key only, and an occasional sweep drops
    the expired keys.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[str, list[float]] = {}
        self._ends: dict[str, float] = {}
        self._since_sweep = 0

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._tries)

    def wait(self, key: str, most: int, seconds: float) -> float | None:
        """Count one try and return None, or return the seconds until the next one may come.

        At most `most` tries count within any `seconds`. One that has to wait does not count.
        """
        now = self._clock()
        self._sweep(now)
        tries = self._tries.setdefault(key, [])
        del tries[: bisect_right(tries, now - seconds)]
        if len(tries) >= most:
            return seconds - (now - tries[0] if tries else 0.0)
        tries.append(now)
        self._ends[key] = now + seconds
        return None

    def _sweep(self, now: float) -> None:
        self._since_sweep += 1
        if self._since_sweep < SWEEP_INTERVAL:
            return
        self._since_sweep = 0
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._tries[key], self._ends[key]


class Limits:
    """Counts tries in memory, or in Redis when several processes share them."""

    def __init__(self, rates: Rates, redis_url: str, clock: Clock) -> None:
        """Raises ValueError for a rate of another form."""
        self._memory = MemoryWindow()
        self._pool = _pool(redis_url) if redis_url else None
        self._shared = _shared(redis_url, self._pool) if self._pool else None
        checkout = parse(rates.checkout)
        self._per_person: dict[Action, RateLimitItem] = {
            "checkout": checkout,
            "unknown_session": checkout,
            "search": parse(rates.search),
            "token": parse(rates.token),
            "manage": parse(rates.manage),
            "export": parse(rates.export),
            "message": parse(rates.message),
        }
        address = self._per_address = parse(rates.address)
        self._per_tab = parse(rates.visitor)
        self._per_tabs = type(address)(address.amount * TABS_TOGETHER, address.multiples)
        self._clock = clock

    async def count(self, action: Action, subject: str) -> None:
        """Count one try of a person. Raises RateLimited with the seconds to wait."""
        await self._hit(self._per_person[action], action, subject)

    async def count_stranger(self, action: Action, address: str, tab: str = "") -> None:
        """Count one request of an anonymous visitor. Raises RateLimited.

        `tab` is the id of the browser tab with our page, "" for any other client.
        """
        network = network_of(address)
        if not tab:
            await self._hit(self._per_address, action, f"address {network}")
            return
        await self._hit(self._per_tab, action, f"tab {tab}")
        await self._hit(self._per_tabs, action, f"tabs {network}")

    async def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _hit(self, limit: RateLimitItem, action: str, subject: str) -> None:
        if self._shared is None:
            key = limit.key_for(action, subject)
            seconds = self._memory.wait(key, limit.amount, limit.get_expiry())
        else:
            seconds = await self._hit_shared(self._shared, limit, action, subject)
        if seconds is not None:
            raise RateLimited(int(seconds) + 1)

    async def _hit_shared(
        self, window: MovingWindowRateLimiter, limit: RateLimitItem, action: str, subject: str
    ) -> float | None:
        """Count one try for all processes; return the seconds to wait when it is one too many."""
        try:
            if await window.hit(limit, action, subject):
                return None
            stats = await window.get_window_stats(limit, action, subject)
        except (RedisError, OSError) as error:  # a lost counter must not block bookings
            log.warning("rate_limit.failed", kind=type(error).__name__)
            return None
        return float(stats.reset_time) - self._clock().timestamp()


def _pool(redis_url: str) -> ConnectionPool:
    return ConnectionPool.from_url(
        redis_url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    )


def _shared(redis_url: str, pool: ConnectionPool) -> MovingWindowRateLimiter:
    options: Any = {"connection_pool": pool, "implementation": "redispy"}
    storage = storage_from_string(f"async+{redis_url}", **options)
    assert isinstance(storage, Storage), "async+ gives an asynchronous storage"
    return MovingWindowRateLimiter(storage)
