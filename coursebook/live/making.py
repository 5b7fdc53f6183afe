"""Which wire there is: Redis, else PostgreSQL; SQLite serves one process, which needs none.

A pooler between us and PostgreSQL lets nobody listen; without Redis one process serves there too.
"""

from coursebook.live.postgres import PostgresWire
from coursebook.live.redis import RedisWire
from coursebook.live.transports import Transport
from coursebook.settings import Settings


def transport_of(settings: Settings) -> Transport | None:
    """Return the wire to the other processes. Opens no connection yet."""
    if settings.redis_url:
        return RedisWire(settings.redis_url)
    if settings.database_url.startswith("postgres") and not settings.database_pooler:
        return PostgresWire(settings.database_url)
    return None
