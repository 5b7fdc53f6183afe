"""One transaction that is brought to its end although who asked for it is cut off meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session


@asynccontextmanager
async def transaction(
    sessions: async_sessionmaker[AsyncSession], committed: Callable[[], None] = lambda: None
) -> AsyncIterator[AsyncSession]:
    """Commit at the end, roll back on any exception; the connection goes back in both cases.

    It begins with the first statement. `committed` is told in the same breath, so whoever is cut
    off during the commit is heard of.

    SQLAlchemy shields only the closing of a session. But its commit already gives the connection
    back, and a request that is cancelled just then costs the connection and an error in the log.
    """
    session = sessions()
    try:
        yield session
    except BaseException:
        await to_the_end(session.run_sync(_undone))
        raise
    await to_the_end(session.run_sync(_done, committed))


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


def _done(session: Session, committed: Callable[[], None]) -> None:
    try:
        session.commit()
        committed()
    finally:
        session.close()


def _undone(session: Session) -> None:
    try:
        session.rollback()
    finally:
        session.close()
