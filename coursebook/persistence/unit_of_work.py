"""One use case = one transaction.

`writing` commits when its block ends well and rolls back on any exception; `reading` never writes.
A database that does not answer becomes `Unavailable`: nothing was stored, try again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from coursebook.errors import Unavailable
from coursebook.persistence.course_search.courses import Courses
from coursebook.persistence.course_search.query import Finding
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.engine.transaction import transaction
from coursebook.persistence.repositories.attempts import Attempts
from coursebook.persistence.repositories.audit import Audit
from coursebook.persistence.repositories.booking_sections import Shelves
from coursebook.persistence.repositories.bookings import Bookings
from coursebook.persistence.repositories.disputes import Disputes
from coursebook.persistence.repositories.heartbeats import Pulses
from coursebook.persistence.repositories.idempotent_replies import Replies
from coursebook.persistence.repositories.installations import Installations
from coursebook.persistence.repositories.money_inbox import MoneyInbox
from coursebook.persistence.repositories.outbox import Outbox
from coursebook.persistence.repositories.reconciliations import Reconciliations
from coursebook.persistence.repositories.refunds import Refunds
from coursebook.persistence.repositories.users import Users
from coursebook.persistence.repositories.webhook_events import Events

AWAY = ("08", "28", "3D", "40", "53", "55", "57")
"""Classes of SQLSTATE that mean «not now»: connection, not let in, no such database, deadlock, no
resources, lock not had in time, shut down (postgresql.org/docs/current/errcodes-appendix.html).
SQLAlchemy gives most of them no class of its own."""


LIVE_BOOKING = ("uq_booking_live", "booking.user_id, booking.course_id")
"""How PostgreSQL and SQLite name the rule of one live booking per student and course."""


class SecondLiveBooking(Exception):
    """The database refused a second live booking of one student on one course."""


class UnitOfWork:
    """The tables, within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.courses = Courses(session)
        self.finding = Finding(session)
        self.users = Users(session)
        self.bookings = Bookings(session)
        self.shelves = Shelves(session)
        self.attempts = Attempts(session)
        self.reconciliations = Reconciliations(session)
        self.refunds = Refunds(session)
        self.disputes = Disputes(session)
        self.events = Events(session)
        self.audit = Audit(session)
        self.outbox = Outbox(session)
        self.inbox = MoneyInbox(session)
        self.replies = Replies(session)
        self.pulses = Pulses(session)
        self.installations = Installations(session)
        self.touched: set[str] = set()

    async def set_lock_timeout(self, seconds: int) -> None:
        """Wait this long for a row that another transaction holds, instead of the usual time."""
        connection = await self.session.connection()
        if connection.dialect.name == "postgresql":
            for name in ("lock_timeout", "statement_timeout"):
                await connection.execute(sa.text(f"SET LOCAL {name} = '{int(seconds)}s'"))

    def mark_changed(self, *topics: str) -> None:
        """Note what people may be looking at and what is different once this is committed."""
        self.touched.update(topics)


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[UnitOfWork]:
    """Open a transaction that commits at the end. Raises Unavailable when the database is away."""

    def committed() -> None:
        if work.touched:
            database.announce(work.touched)

    with _unavailable():
        async with transaction(database.write_session, committed) as session:
            work = UnitOfWork(session)
            yield work
            await work.audit.flush()


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[UnitOfWork]:
    """Open a transaction that only reads. Raises Unavailable when the database is away."""
    with _unavailable():
        async with transaction(database.read_session) as session:
            yield UnitOfWork(session)


class _unavailable:  # noqa: N801 - reads as a statement
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, IntegrityError):
            if any(name in str(problem.orig) for name in LIVE_BOOKING):
                raise SecondLiveBooking from problem
        elif problem is not None and _is_away(problem):
            raise Unavailable from problem


def _is_away(problem: BaseException) -> bool:
    if isinstance(problem, OperationalError | InterfaceError | PoolTimeout | OSError):
        return True
    if not isinstance(problem, DBAPIError):
        return False
    state = str(getattr(problem.orig, "sqlstate", None) or "")
    return problem.connection_invalidated or state.startswith(AWAY)
