"""The roster of a course: who is coming, who is paying, who cancelled, and what they paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.booking import PaymentStatus, RosterList, SeatState, number_of
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.persistence.repositories.roster import RosterFilter, RosterSort
from coursebook.persistence.schema.tables import Booking, Course, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.balance import balance_of, payment_status
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.views import MoneyView

MAX_WORDS = 200


@dataclass(frozen=True)
class RosterQuery:
    """The filters, order and page of a roster. Without `listed`: all who are coming or paying."""

    listed: RosterList | None = None
    q: str = ""
    sort: RosterSort = "booked"
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True)
class RosterPerson:
    """One booking in a roster.

    `email` is None without the right to see contacts; `payment_status`, `price` and `received`
    (what we have of it after refunds) are None without the right to see money.
    """

    booking_id: str
    number: str
    name: str
    place: SeatState
    booked_at: datetime
    email: str | None
    payment_status: PaymentStatus | None
    price: MoneyView | None
    received: MoneyView | None


@dataclass(frozen=True)
class RosterPage:
    """One page of people. `counts` has no `owes` for somebody who may not see money."""

    items: tuple[RosterPerson, ...]
    next_cursor: str | None
    counts: Mapping[RosterList, int]
    title: str
    timezone: str


class Rosters:
    """Reads the people of courses, as far as the person who asks may see them."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def page(self, who: Principal | None, course_id: str, query: RosterQuery) -> RosterPage:
        """Return one page of the people of a course, in as many queries for any number of them.

        Raises Forbidden, CourseNotFound, Invalid for a bad cursor, RateLimited, Unavailable.
        """
        rights = await self.rights_of(who, course_id, query)
        async with reading(self._context.database) as work:
            course = await work.session.get(Course, course_id)
            if course is None:
                raise CourseNotFound
            items, next_cursor = await _people(work, course_id, query, rights)
            counts = await work.roster.counts(course_id)
        if not rights.allows(Permission.SEE_MONEY, course_id):
            del counts[RosterList.OWES]
        return RosterPage(items, next_cursor, counts, course.title, course.timezone)

    async def people(
        self, course_id: str, query: RosterQuery, rights: Rights
    ) -> tuple[tuple[RosterPerson, ...], str | None]:
        """Return the people of one page alone, and the cursor of the next one."""
        async with reading(self._context.database) as work:
            return await _people(work, course_id, query, rights)

    async def rights_of(self, who: Principal | None, course_id: str, query: RosterQuery) -> Rights:
        """Return the rights of a person who may see this list. Raises Forbidden, CourseNotFound."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE, course_id)
        if query.listed is RosterList.OWES:
            rights.require(Permission.SEE_MONEY, course_id)
        return rights


async def _people(
    work: UnitOfWork, course_id: str, query: RosterQuery, rights: Rights
) -> tuple[tuple[RosterPerson, ...], str | None]:
    kind = f"roster:{course_id}:{query.listed or ''}:{_KEYS[query.sort]}"
    chosen = RosterFilter(
        course_id,
        query.listed,
        query.q.strip(),
        in_emails=rights.allows(Permission.SEE_CONTACTS, course_id),
    )
    after = read_cursor(query.cursor, kind)
    rows = await work.roster.page(chosen, query.sort, after, query.limit + 1)
    shown, next_cursor = rows[: query.limit], None
    if len(rows) > len(shown):
        booking, _, sorted_name = shown[-1]
        key = booking.created_at if query.sort == "booked" else sorted_name
        next_cursor = write_cursor(kind, key, booking.id)
    return await _persons(work, shown, course_id, rights), next_cursor


_KEYS: dict[RosterSort, str] = {"booked": "booked_at", "name": "name"}


async def _persons(
    work: UnitOfWork, rows: list[tuple[Booking, User, str]], course_id: str, rights: Rights
) -> tuple[RosterPerson, ...]:
    sees_contacts = rights.allows(Permission.SEE_CONTACTS, course_id)
    sees_money = rights.allows(Permission.SEE_MONEY, course_id)
    ids = [booking.id for booking, *_ in rows] if sees_money else []
    attempts = await work.attempts.of_bookings(ids) if ids else {}
    refunds = await work.refunds.of_bookings(ids) if ids else {}
    persons = []
    for booking, user, _ in rows:
        status = received = price = None
        if sees_money:
            own = attempts.get(booking.id, []), refunds.get(booking.id, [])
            status = payment_status(booking, *own)
            received = MoneyView(balance_of(booking, *own).net_received, booking.currency)
            price = MoneyView(booking.price, booking.currency)
        persons.append(
            RosterPerson(
                booking_id=booking.id,
                number=number_of(booking.id),
                name=user.name,
                place=SeatState(booking.place),
                booked_at=booking.created_at,
                email=user.email if sees_contacts else None,
                payment_status=status,
                price=price,
                received=received,
            )
        )
    return tuple(persons)
