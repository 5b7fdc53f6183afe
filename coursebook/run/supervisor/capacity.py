"""The number of serving processes, and of database connections for each."""

from coursebook.run.supervisor.processors import processors
from coursebook.settings import MAX_CONNECTIONS, Settings

MAX_PROCESSES = 8
DEFAULT_SERVER_CONNECTIONS = 90
"""PostgreSQL's default limit is 100 connections; backup and doctor need some of them."""


def processes_of(settings: Settings) -> int:
    """Return the number of serving processes; more than one needs PostgreSQL and Redis."""
    if not settings.is_shared:
        return 1
    return settings.processes or min(processors(), MAX_PROCESSES)


def connections_of(settings: Settings) -> int:
    """Return the number of PostgreSQL connections that each process may open."""
    usual = min(MAX_CONNECTIONS, DEFAULT_SERVER_CONNECTIONS // processes_of(settings))
    return settings.database_connections or max(usual, 1)
