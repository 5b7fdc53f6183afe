"""How many processes serve, and how many connections to the database each of them may have."""

from coursebook.run.supervisor.processors import processors
from coursebook.settings import MOST_CONNECTIONS, Settings

MOST_PROCESSES = 8
USUAL_SERVER = 90
"""PostgreSQL allows 100 connections where nobody said otherwise; backup and doctor need some."""


def processes_of(settings: Settings) -> int:
    """Return how many processes serve: more than one needs a shared database and Redis."""
    if not settings.is_shared:
        return 1
    return settings.processes or min(processors(), MOST_PROCESSES)


def connections_of(settings: Settings) -> int:
    """Return how many connections to PostgreSQL each process may have."""
    usual = min(MOST_CONNECTIONS, USUAL_SERVER // processes_of(settings))
    return settings.database_connections or max(usual, 1)
