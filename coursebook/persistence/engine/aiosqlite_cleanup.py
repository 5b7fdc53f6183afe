"""What is done about a connection of SQLite that is given up in the middle of a statement.

SQLite closes a connection for good when its last statement is gone, and a statement lives as long
as the traceback of whoever was cut off. Until then it would hold the one lock for writing, and
everybody else would wait for it in vain (sqlite.org/c3ref/close.html, «zombie connection»).
"""

import asyncio
from contextlib import suppress
from typing import Any

_rolling_back: set[asyncio.Task[None]] = set()


def roll_back_soon(connection: Any) -> None:  # noqa: ANN401 - what the dialect hands over
    """Give the locks back, before the connection is closed and whoever is cancelled meanwhile."""
    with suppress(RuntimeError):  # no loop: the process is ending
        task = asyncio.get_running_loop().create_task(_roll_back(connection.driver_connection))
        _rolling_back.add(task)
        task.add_done_callback(_rolling_back.discard)


async def _roll_back(driver: Any) -> None:  # noqa: ANN401 - an aiosqlite connection
    with suppress(Exception):  # it was closed already
        await driver.rollback()
