"""PostgreSQL behind PgBouncer, which may use another server connection for each transaction.

Session settings are lost there, so each transaction sets them in the message that begins it, which
costs no extra round trip. Prepared statements have no name, because a name belongs to one server
connection.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg


def unnamed_statements() -> dict[str, Any]:
    """Return the arguments for a connection that caches no prepared statements."""
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,  # str() is ""
    }


def connection_with_settings(
    settings: Mapping[str, str], *, is_writing: bool
) -> type[asyncpg.Connection]:
    """Return a connection class whose transactions begin with these settings."""
    mode = "READ WRITE" if is_writing else "READ ONLY"
    statements = [f" SET TRANSACTION ISOLATION LEVEL READ COMMITTED, {mode};"]
    statements += [f" SET LOCAL {name} = '{value}';" for name, value in settings.items()]
    prologue = "".join(statements)

    class ConnectionWithSettings(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
        """Sends the settings with each BEGIN."""

        async def execute(self, query: str, *arguments: Any, timeout: float | None = None) -> str:  # noqa: ANN401, ASYNC109 - as asyncpg has it
            """Execute a query, as asyncpg does. Append the settings to BEGIN."""
            if query.startswith("BEGIN"):
                query += prologue
            return str(await super().execute(query, *arguments, timeout=timeout))

    return ConnectionWithSettings
