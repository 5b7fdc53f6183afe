"""Whether everything that we need answers."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import cast

import structlog

from coursebook.errors import CoursebookError
from coursebook.persistence.migrate import current_and_head
from coursebook.persistence.work import reading
from coursebook.services.tools import Tools
from coursebook.services.views import ReadyView

log = structlog.get_logger("coursebook.health")

PULSE = "worker"
LATE = timedelta(minutes=2)


class Health:
    """Asks every part that we need, one after the other."""

    def __init__(self, tools: Tools, database_url: str, redis_url: str) -> None:
        self._tools = tools
        self._database_url = database_url
        self._redis_url = redis_url

    async def ready(self) -> ReadyView:
        """Return `ok` or a short reason for database, migrations, redis and worker."""
        parts = {
            "database": await self._database(),
            "migrations": await self._migrations(),
            "redis": await self._redis(),
            "worker": await self._worker(),
        }
        return ReadyView(all(said in ("ok", "not used") for said in parts.values()), parts)

    async def _database(self) -> str:
        try:
            async with reading(self._tools.database) as work:
                await work.pulses.last(PULSE)
        except CoursebookError:
            return "does not answer"
        return "ok"

    async def _migrations(self) -> str:
        try:
            current, head = await current_and_head(self._database_url)
        except Exception as problem:  # noqa: BLE001 - whatever it is, we are not ready
            log.warning("health.migrations_unknown", kind=type(problem).__name__)
            return "unknown"
        return "ok" if current == head else f"at {current}, wanted {head}: coursebook migrate"

    async def _redis(self) -> str:
        if not self._redis_url:
            return "not used"
        from redis.asyncio import Redis  # noqa: PLC0415 - only where it is used
        from redis.exceptions import RedisError  # noqa: PLC0415

        client = Redis.from_url(self._redis_url, socket_timeout=3, socket_connect_timeout=3)
        try:
            await cast(Awaitable[bool], client.ping())
        except (RedisError, OSError):
            return "does not answer"
        finally:
            await client.aclose()
        return "ok"

    async def _worker(self) -> str:
        try:
            async with reading(self._tools.database) as work:
                last = await work.pulses.last(PULSE)
        except CoursebookError:
            return "unknown"
        if last is None:
            return "has not come round yet"
        return "ok" if self._tools.clock() - last < LATE else f"last seen at {last.isoformat()}"
