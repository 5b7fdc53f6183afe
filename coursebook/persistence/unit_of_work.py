"""One transaction for each use case.

`writing` commits when its block ends normally and rolls back on any exception. `reading` never
writes. A database that does not answer raises `Unavailable`: nothing was stored, so try again.
A call that answers with stored values reads them in the same transaction (`Answer`): nothing that
can fail follows the commit.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from coursebook.errors import Unavailable
from coursebook.persistence.bookkeeping.day_queries import DayQueries
from coursebook.persistence.bookkeeping.ledger_queries import LedgerQueries
from coursebook.persistence.bookkeeping.money_lists import MoneyLists
from coursebook.persistence.bookkeeping.movements import Movements
from coursebook.persistence.check_in.attendances import Attendances
from coursebook.persistence.course_search.courses import Courses
from coursebook.persistence.course_search.managed_list import ManagedList
from coursebook.persistence.course_search.query import WordSearch
from coursebook.persistence.course_search.series_dates import SeriesDates
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.engine.new_rows import NewRows
from coursebook.persistence.engine.transaction import transaction
from coursebook.persistence.messaging.audiences import Audiences
from coursebook.persistence.messaging.message_rows import Messages
from coursebook.persistence.messaging.reminders import Reminders
from coursebook.persistence.people_search.bookings import BookingSearch
from coursebook.persistence.repositories.attempts import Attempts
from coursebook.persistence.repositories.audit import Audit
from coursebook.persistence.repositories.booking_sections import BookingSections
from coursebook.persistence.repositories.bookings import Bookings
from coursebook.persistence.repositories.claims import Claims
from coursebook.persistence.repositories.course_cancellations import CourseCancellations
from coursebook.persistence.repositories.course_changes import CourseChanges
from coursebook.persistence.repositories.course_teachers import CourseTeachers
from coursebook.persistence.repositories.disputes import Disputes
from coursebook.persistence.repositories.grants import Grants
from coursebook.persistence.repositories.heartbeats import Heartbeats
from coursebook.persistence.repositories.idempotent_replies import Replies
from coursebook.persistence.repositories.installations import Installations
from coursebook.persistence.repositories.meetings import Meetings
from coursebook.persistence.repositories.money_inbox import MoneyInbox
from coursebook.persistence.repositories.offline_payments import OfflinePayments
from coursebook.persistence.repositories.outbox import Outbox
from coursebook.persistence.repositories.pictures import Pictures
from coursebook.persistence.repositories.readiness import ReadinessQueries
from coursebook.persistence.repositories.reconciliations import Reconciliations
from coursebook.persistence.repositories.refunds import Refunds
from coursebook.persistence.repositories.roster import Roster
from coursebook.persistence.repositories.school_settings import SchoolSettings
from coursebook.persistence.repositories.slug_redirects import SlugRedirects
from coursebook.persistence.repositories.users import Users
from coursebook.persistence.repositories.webhook_events import Events
from coursebook.persistence.waiting_list.entries import Entries

UNAVAILABLE_SQLSTATES = ("08", "28", "3D", "40", "53", "55", "57")
"""Classes of SQLSTATE that mean "not now": connection failure, refused login, no such database,
deadlock, no resources, lock timeout, shutdown (postgresql.org/docs/current/errcodes-appendix.html).
SQLAlchemy maps most of them to no class of its own."""


LIVE_BOOKING_CONSTRAINT = ("uq_booking_live", "booking.user_id, booking.course_id")
"""How PostgreSQL and SQLite name the rule of one live booking per student and course."""


T = TypeVar("T")


class SecondLiveBooking(Exception):
    """The database refused a second live booking of one student on one course."""


class Answer(Generic[T]):
    """What a transaction stores, read as its last step before the commit. See `read_last`."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read

    async def fetch(self) -> None:
        """Read it. If that fails, nothing is stored."""
        self._value = await self._read()

    @property
    def value(self) -> T:
        """What was read. There is none before the transaction has ended."""
        return self._value


class UnitOfWork:
    """The repositories of one transaction. Each is built on first use: few calls need them all."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.changed_topics: set[str] = set()
        self.moved_offers: set[str] = set()
        self.answers: list[Answer[Any]] = []

    @cached_property
    def new_rows(self) -> NewRows:
        """Rows that are inserted together."""
        return NewRows(self.session)

    @cached_property
    def courses(self) -> Courses:
        """Courses and their seats."""
        return Courses(self.session)

    @cached_property
    def word_search(self) -> WordSearch:
        """The search for courses by words."""
        return WordSearch(self.session)

    @cached_property
    def managed_list(self) -> ManagedList:
        """The lists of courses on the operator's side."""
        return ManagedList(self.session)

    @cached_property
    def meetings(self) -> Meetings:
        """The meetings of courses."""
        return Meetings(self.session)

    @cached_property
    def attendances(self) -> Attendances:
        """Who comes to a meeting, and who came."""
        return Attendances(self.session)

    @cached_property
    def series(self) -> SeriesDates:
        """Series of courses and their dates."""
        return SeriesDates(self.session)

    @cached_property
    def slug_redirects(self) -> SlugRedirects:
        """Addresses that courses had before."""
        return SlugRedirects(self.session)

    @cached_property
    def course_teachers(self) -> CourseTeachers:
        """The people who teach a course."""
        return CourseTeachers(self.session)

    @cached_property
    def pictures(self) -> Pictures:
        """Pictures of courses."""
        return Pictures(self.session)

    @cached_property
    def users(self) -> Users:
        """People."""
        return Users(self.session)

    @cached_property
    def bookings(self) -> Bookings:
        """Bookings."""
        return Bookings(self.session, self.new_rows)

    @cached_property
    def roster(self) -> Roster:
        """The people of a course."""
        return Roster(self.session)

    @cached_property
    def booking_search(self) -> BookingSearch:
        """The search over all bookings."""
        return BookingSearch(self.session)

    @cached_property
    def booking_sections(self) -> BookingSections:
        """A student's bookings by section."""
        return BookingSections(self.session)

    @cached_property
    def course_cancellations(self) -> CourseCancellations:
        """Courses that the school cancelled."""
        return CourseCancellations(self.session)

    @cached_property
    def course_changes(self) -> CourseChanges:
        """Changes of what the people of a course were promised."""
        return CourseChanges(self.session)

    @cached_property
    def reminders(self) -> Reminders:
        """Starts of courses of which people were reminded."""
        return Reminders(self.session)

    @cached_property
    def waiting_list(self) -> Entries:
        """The people who wait for a place on a course."""
        return Entries(self.session)

    @cached_property
    def messages(self) -> Messages:
        """Messages to the people of a course, and their recipients."""
        return Messages(self.session)

    @cached_property
    def audiences(self) -> Audiences:
        """Whom messages go to."""
        return Audiences(self.session)

    @cached_property
    def attempts(self) -> Attempts:
        """Payment attempts."""
        return Attempts(self.session, self.new_rows)

    @cached_property
    def ledger(self) -> LedgerQueries:
        """Every movement of money, and its sums."""
        return LedgerQueries(self.session)

    @cached_property
    def money_lists(self) -> MoneyLists:
        """Lists of payments, refunds and payouts."""
        return MoneyLists(self.session)

    @cached_property
    def day(self) -> DayQueries:
        """What needs somebody today."""
        return DayQueries(self.session)

    @cached_property
    def movements(self) -> Movements:
        """Fees of payments, and payouts."""
        return Movements(self.session)

    @cached_property
    def reconciliations(self) -> Reconciliations:
        """The progress of comparisons with Stripe."""
        return Reconciliations(self.session)

    @cached_property
    def refunds(self) -> Refunds:
        """Refunds."""
        return Refunds(self.session)

    @cached_property
    def disputes(self) -> Disputes:
        """Disputes."""
        return Disputes(self.session)

    @cached_property
    def claims(self) -> Claims:
        """Links that add a guest's bookings to an account."""
        return Claims(self.session)

    @cached_property
    def offline_payments(self) -> OfflinePayments:
        """Money that the school takes by hand."""
        return OfflinePayments(self.session)

    @cached_property
    def events(self) -> Events:
        """Stripe's events."""
        return Events(self.session)

    @cached_property
    def audit(self) -> Audit:
        """The audit trail. `writing` writes it before the commit."""
        return Audit(self.session)

    @cached_property
    def outbox(self) -> Outbox:
        """Work to be done after the commit."""
        return Outbox(self.session)

    @cached_property
    def inbox(self) -> MoneyInbox:
        """The money inbox."""
        return MoneyInbox(self.session)

    @cached_property
    def replies(self) -> Replies:
        """Stored replies to idempotent requests."""
        return Replies(self.session)

    @cached_property
    def heartbeats(self) -> Heartbeats:
        """The last run of each periodic job."""
        return Heartbeats(self.session)

    @cached_property
    def installations(self) -> Installations:
        """The installation that this database belongs to."""
        return Installations(self.session)

    @cached_property
    def grants(self) -> Grants:
        """Roles of people, and invitations to them."""
        return Grants(self.session)

    @cached_property
    def school_settings(self) -> SchoolSettings:
        """What the owners set on the settings page."""
        return SchoolSettings(self.session)

    @cached_property
    def readiness(self) -> ReadinessQueries:
        """Whether a school is ready to sell."""
        return ReadinessQueries(self.session)

    async def flush(self) -> None:
        """Write every change so far, but for the audit trail."""
        await self.session.flush()
        await self.new_rows.flush()

    async def set_lock_timeout(self, seconds: int) -> None:
        """Wait this long for locked rows instead of the default time (PostgreSQL only)."""
        connection = await self.session.connection()
        if connection.dialect.name == "postgresql":
            for name in ("lock_timeout", "statement_timeout"):
                await connection.execute(sa.text(f"SET LOCAL {name} = '{int(seconds)}s'"))

    def mark_offer(self, booking_id: str) -> None:
        """Note that a place from the waiting list has another state, so that its entry follows."""
        self.moved_offers.add(booking_id)

    def read_last(self, read: Callable[[], Awaitable[T]]) -> Answer[T]:
        """Read something when all is written, also what became of places that were freed."""
        answer = Answer(read)
        self.answers.append(answer)
        return answer

    def mark_changed(self, *topics: str) -> None:
        """Publish these topics after the commit, so that open pages reload what changed."""
        self.changed_topics.update(topics)


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[UnitOfWork]:
    """Open a transaction that commits at the end. Raises Unavailable when the database is down.

    `database.finish` has the last word before the commit: it offers places that became free.
    """

    def announce() -> None:
        if work.changed_topics:
            database.announce(work.changed_topics)

    with _unavailable():
        async with transaction(database.write_session, announce) as session:
            work = UnitOfWork(session)
            yield work
            await database.finish(work)
            await work.session.flush()
            await work.new_rows.flush(work.audit.take_rows())
            for answer in work.answers:
                await answer.fetch()


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[UnitOfWork]:
    """Open a transaction that only reads. Raises Unavailable when the database is down."""
    with _unavailable():
        async with transaction(database.read_session) as session:
            yield UnitOfWork(session)


class _unavailable:  # noqa: N801 - reads as a statement
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, IntegrityError):
            if any(name in str(error.orig) for name in LIVE_BOOKING_CONSTRAINT):
                raise SecondLiveBooking from error
        elif error is not None and _is_unavailable(error):
            raise Unavailable from error


def _is_unavailable(error: BaseException) -> bool:
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(UNAVAILABLE_SQLSTATES)
