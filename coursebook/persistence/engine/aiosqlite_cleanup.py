"""Roll back an SQLite connection that is abandoned in the middle of a statement.

SQLite closes a connection only when its last statement is finalized, and a statement lives as long
as the traceback of the cancelled task. Until then the connection would hold the write lock and
block every other writer (sqlite.org/c3ref/close.html, "zombie connection").
"""

import asyncio
from contextlib import suppress
from typing import Any

_rollbacks: set[asyncio.Task[None]] = set()


def roll_back_soon(connection: Any) -> None:  # noqa: ANN401 - the type belongs to the dialect
    """Release the locks in a separate task, which a cancelled caller cannot interrupt."""
    with suppress(RuntimeError):  # no loop: the process is ending
        task = asyncio.get_running_loop().create_task(_roll_back(connection.driver_connection))
        _rollbacks.add(task)
        task.add_done_callback(_rollbacks.discard)


async def _roll_back(driver: Any) -> None:  # noqa: ANN401 - an aiosqlite connection
    with suppress(Exception):  # the connection is closed already
        await driver.rollback()
