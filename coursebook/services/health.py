"""Readiness: whether the database, its migrations, Redis and the worker answer."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coursebook.errors import CoursebookError
from coursebook.persistence.maintenance.migrate import (
    head_revision,
    knows_revision,
    stored_revision,
)
from coursebook.persistence.unit_of_work import reading
from coursebook.services.cache import MicroCache
from coursebook.services.context import Context
from coursebook.services.views import ReadyView

log = structlog.get_logger("coursebook.health")

PULSE = "worker"
MAX_SILENCE = timedelta(minutes=2)
CACHE_SECONDS = 1.0
"""The route is public, so the parts are checked at most once a second."""
REDIS_TIMEOUT_SECONDS = 3


class Health:
    """Checks every part that the product needs, one after the other.

    The newest migration is read once, at the start: a running process keeps the code that it has
    loaded, even when a newer version is installed beside it.
    """

    def __init__(self, context: Context, redis_url: str) -> None:
        self._context = context
        self._head = _head()
        self._redis = _client(redis_url) if redis_url else None
        self._cache = MicroCache[ReadyView](CACHE_SECONDS, 1, lambda: context.clock().timestamp())

    async def ready(self) -> ReadyView:
        """Return `ok` or a short reason for database, migrations, redis and worker."""
        return await self._cache.get("", self._look)

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _look(self) -> ReadyView:
        parts = {"database": "does not answer", "migrations": "unknown", "worker": "unknown"}
        try:
            async with reading(self._context.database) as work:
                current = await stored_revision(work.session)
                parts |= {"database": "ok", "migrations": self._migrations(current)}
                if current is not None:
                    parts["worker"] = self._worker(await work.heartbeats.last(PULSE))
        except CoursebookError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
            log.warning("health.check_failed", kind=type(error).__name__)
        parts["redis"] = await self._ping()
        is_ready = all(state in ("ok", "not used") for state in parts.values())
        return ReadyView(is_ready, {name: parts[name] for name in ORDER})

    def _migrations(self, current: str | None) -> str:
        if self._head is None:
            return "unknown"
        if current == self._head:
            return "ok"
        if current is not None and not knows_revision(current):
            return f"at {current}, from a newer coursebook (this one knows {self._head})"
        return f"at {current}, wanted {self._head}: coursebook migrate"

    def _worker(self, last: datetime | None) -> str:
        if last is None:
            return "has not run yet"
        return (
            "ok"
            if self._context.clock() - last < MAX_SILENCE
            else f"last seen at {last.isoformat()}"
        )

    async def _ping(self) -> str:
        if self._redis is None:
            return "not used"
        try:
            await cast(Awaitable[bool], self._redis.ping())
        except (RedisError, OSError):
            return "does not answer"
        return "ok"


ORDER = ("database", "migrations", "redis", "worker")


def _head() -> str | None:
    try:
        return head_revision()
    except Exception as error:  # noqa: BLE001 - this must never block a booking
        log.warning("health.migrations_failed", kind=type(error).__name__)
        return None


def _client(redis_url: str) -> Redis:
    return Redis.from_url(
        redis_url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    )
