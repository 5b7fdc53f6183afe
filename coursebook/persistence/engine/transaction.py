"""A transaction that commits or rolls back completely even when its task is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction, async_sessionmaker


@asynccontextmanager
async def transaction(
    sessions: async_sessionmaker[AsyncSession], on_commit: Callable[[], None] = lambda: None
) -> AsyncIterator[AsyncSession]:
    """Commit at the end, roll back on any exception. Return the connection in both cases.

    `on_commit` runs in the same shielded step, so a cancellation during the commit cannot skip it.

    SQLAlchemy shields only the closing of a session. Its commit already returns the connection,
    and a request that is cancelled at that moment loses the connection and logs an error.
    """
    session = sessions()
    session_transaction = await session.begin()
    try:
        yield session
    except BaseException as error:
        await shielded(_end(session, session_transaction, error))
        raise
    await shielded(_end(session, session_transaction, None, on_commit))


async def shielded(work: Coroutine[object, object, None]) -> None:
    """Wait until the work has ended, even when cancelled. Raise the cancellation afterwards."""
    task = asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancellation = error
        except Exception:  # noqa: BLE001, S110 - task.result() raises it below
            pass
    task.result()
    if cancellation:
        raise cancellation


async def _end(
    session: AsyncSession,
    session_transaction: AsyncSessionTransaction,
    error: BaseException | None,
    on_commit: Callable[[], None] = lambda: None,
) -> None:
    try:
        if session_transaction.is_active or error is None:
            await session_transaction.__aexit__(type(error) if error else None, error, None)
        if error is None:
            on_commit()
    finally:
        await session.close()
