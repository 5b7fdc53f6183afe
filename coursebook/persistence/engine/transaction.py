"""One transaction that is brought to its end although who asked for it is cut off meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction, async_sessionmaker


@asynccontextmanager
async def transaction(
    sessions: async_sessionmaker[AsyncSession], committed: Callable[[], None] = lambda: None
) -> AsyncIterator[AsyncSession]:
    """Commit at the end, roll back on any exception; the connection goes back in both cases.

    `committed` is told in the same breath, so whoever is cut off during the commit is heard of.

    SQLAlchemy shields only the closing of a session. But its commit already gives the connection
    back, and a request that is cancelled just then costs the connection and an error in the log.
    """
    session = sessions()
    begun = await session.begin()
    try:
        yield session
    except BaseException as problem:
        await to_the_end(_end(session, begun, problem))
        raise
    await to_the_end(_end(session, begun, None, committed))


async def to_the_end(work: Coroutine[object, object, None]) -> None:
    """Wait until work has ended, however often we are cancelled; then be cancelled."""
    task = asyncio.ensure_future(work)
    cut_off: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as cut:
            cut_off = cut
        except Exception:  # noqa: BLE001, S110 - raised below, from the task
            pass
    task.result()
    if cut_off:
        raise cut_off


async def _end(
    session: AsyncSession,
    begun: AsyncSessionTransaction,
    problem: BaseException | None,
    committed: Callable[[], None] = lambda: None,
) -> None:
    try:
        if begun.is_active or problem is None:
            await begun.__aexit__(type(problem) if problem else None, problem, None)
        if problem is None:
            committed()
    finally:
        await session.close()
