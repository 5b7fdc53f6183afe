"""PostgreSQL behind PgBouncer, whose connection to the server is another one in each transaction.

Settings of a session do not hold there, so each transaction brings its own, in the same message
that begins it: it costs no further way to the server. Prepared statements have no name, since a
name belongs to one connection of the server.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg


def unnamed_statements() -> dict[str, Any]:
    """Return the arguments for a connection that keeps no prepared statement."""
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,  # str() is ""
    }


def told_with_each_transaction(
    settings: Mapping[str, str], *, is_writing: bool
) -> type[asyncpg.Connection]:
    """Return a kind of connection whose transactions begin with these settings."""
    mode = "READ WRITE" if is_writing else "READ ONLY"
    told = [f" SET TRANSACTION ISOLATION LEVEL READ COMMITTED, {mode};"]
    told += [f" SET LOCAL {name} = '{value}';" for name, value in settings.items()]
    words = "".join(told)

    class Told(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
        """Begins a transaction with what it must know."""

        async def execute(self, query: str, *arguments: Any, timeout: float | None = None) -> str:  # noqa: ANN401, ASYNC109 - as asyncpg has it
            """Execute; see asyncpg."""
            if query.startswith("BEGIN"):
                query += words
            return str(await super().execute(query, *arguments, timeout=timeout))

    return Told
