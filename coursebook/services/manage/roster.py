"""The roster of a course: who is coming, who is paying, who cancelled, and what they paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import PaymentStatus, RosterList, RosterSort, SeatState, number_of
from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.persistence.repositories.roster import RosterFilter, RosterRow
from coursebook.persistence.schema.tables import Course, PaymentAttempt
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.balance import balance_of, payment_status
from coursebook.services.check_in.begun_meetings import (
    AttendanceMark,
    BegunMeeting,
    attendance_of,
)
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.course_query import kept_of
from coursebook.services.manage.course_views import kept_money, listed_view
from coursebook.services.manage.views import ListedManagedCourse
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.views import MoneyView

MAX_WORDS = 200
MAX_IDS = 200
"""Bookings that a list may be narrowed to."""


@dataclass(frozen=True)
class RosterQuery:
    """The filters, order and page of a roster. Without `listed`: all who are coming or paying.

    `ids`: only these bookings, on any list. Who waits comes in the order of the list, whatever
    `sort` says.
    """

    listed: RosterList | None = None
    q: str = ""
    sort: RosterSort = "booked"
    limit: int = 20
    cursor: str | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class RosterPerson:
    """One booking in a roster, or somebody who waits for a place (`entry_id`, `position`).

    `name` and `email` are those of who takes part; `booked_by` is the payer when that is somebody
    else; `email` is theirs when the former has none. `is_reserved`: the place is kept without a
    payment page. `email` is None without the right to see contacts; `payment_status`, `price`,
    `received` (what we have of it after refunds) and `owed` without the right to see money.
    `note` and `tags` are the school's own; the note of who waits is theirs. `attendance` is what is
    recorded at the last meeting that began or begins today, `times_here` at how many they were.
    `has_failed_mail`: the last mail to this address could not be sent; only with the right to see
    contacts.
    """

    booking_id: str | None
    number: str
    name: str
    booked_by: str
    place: SeatState | None
    booked_at: datetime
    held_until: datetime | None
    is_reserved: bool
    note: str
    tags: tuple[str, ...]
    email: str | None
    payment_status: PaymentStatus | None
    price: MoneyView | None
    received: MoneyView | None
    owed: MoneyView | None
    has_failed_mail: bool
    attendance: AttendanceMark | None = None
    times_here: int = 0
    entry_id: str | None = None
    position: int | None = None


@dataclass(frozen=True)
class RosterPage:
    """One page of people. `counts` has no `owes` for somebody who may not see money.

    `meeting` is the one whose attendance is shown, None before the day of the first one. `course`
    has the places, and the money that is kept for those who may see it. `expected` is the money by
    hand that is still to come, one sum for each currency, None for who may not see money.
    """

    items: tuple[RosterPerson, ...]
    next_cursor: str | None
    counts: Mapping[RosterList, int]
    course: ListedManagedCourse
    meeting: BegunMeeting | None = None
    expected: tuple[MoneyView, ...] | None = None


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
            items, next_cursor = await _page(work, course_id, query, rights)
            items, meeting = await _with_attendance(work, course, items, self._context.clock())
            counts = await work.roster.counts(course_id)
            kept = (await kept_of(work, [course_id], rights)).get(course_id)
            expected = None
            if rights.allows(Permission.SEE_MONEY, course_id):
                expected = kept_money(await work.roster.expected(course_id))
            else:
                del counts[RosterList.OWES]
        view = listed_view(course, self._context.clock(), meeting_count=0, revenue=kept)
        return RosterPage(items, next_cursor, counts, view, meeting, expected)

    async def ids_by_name(self, course_id: str, query: RosterQuery, rights: Rights) -> list[str]:
        """Return the bookings of a whole list by name."""
        async with reading(self._context.database) as work:
            return await work.roster.ids_by_name(_filter(course_id, query, rights))

    async def people(
        self, course_id: str, booking_ids: Sequence[str], rights: Rights
    ) -> tuple[RosterPerson, ...]:
        """Return the people of some bookings of a course, in the order of the ids."""
        async with reading(self._context.database) as work:
            rows = await work.roster.rows(booking_ids)
            people = await persons_of(work, rows, course_id, rights)
            course = await work.session.get(Course, course_id)
            if course is None:
                raise CourseNotFound
            return (await _with_attendance(work, course, people, self._context.clock()))[0]

    async def waiting(
        self, course_id: str, query: RosterQuery, rights: Rights, *, after: int, limit: int
    ) -> tuple[RosterPerson, ...]:
        """Return who waits for a place after that position of the list."""
        async with reading(self._context.database) as work:
            return await _waiting(work, _filter(course_id, query, rights), after, limit)

    async def rights_of(self, who: Principal | None, course_id: str, query: RosterQuery) -> Rights:
        """Return the rights of a person who may see this list. Raises Forbidden, CourseNotFound."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE, course_id)
        if query.listed is RosterList.OWES or query.sort == "payment":
            rights.require(Permission.SEE_MONEY, course_id)
        return rights


async def _with_attendance(
    work: UnitOfWork, course: Course, people: tuple[RosterPerson, ...], now: datetime
) -> tuple[tuple[RosterPerson, ...], BegunMeeting | None]:
    """Return the people with what is recorded of them, and at which meeting."""
    ids = [person.booking_id for person in people if person.booking_id is not None]
    found = await attendance_of(work, course, ids, now)
    if found is None:
        return people, None
    filled = []
    for person in people:
        booking_id = person.booking_id or ""
        mark = found.marks.get(booking_id)
        times = found.times.get(booking_id, int(_is_here(mark)))
        filled.append(replace(person, attendance=mark, times_here=times))
    return tuple(filled), found.meeting


def _is_here(mark: AttendanceMark | None) -> bool:
    return mark is not None and mark.state is AttendanceState.PRESENT


def _filter(course_id: str, query: RosterQuery, rights: Rights) -> RosterFilter:
    return RosterFilter(
        course_id,
        query.listed,
        query.q,
        in_emails=rights.allows(Permission.SEE_CONTACTS, course_id),
        ids=query.ids,
    )


async def _page(
    work: UnitOfWork, course_id: str, query: RosterQuery, rights: Rights
) -> tuple[tuple[RosterPerson, ...], str | None]:
    if query.listed is RosterList.WAITING:
        return await _waiting_page(work, course_id, query, rights)
    kind = f"roster:{course_id}:{query.listed or ''}:{_KEYS[query.sort]}"
    chosen = _filter(course_id, query, rights)
    after = read_cursor(query.cursor, kind)
    rows = await work.roster.page(chosen, query.sort, after, query.limit + 1)
    shown, next_cursor = rows[: query.limit], None
    if len(rows) > len(shown):
        booking, sorted_value = shown[-1]
        key = booking.created_at if query.sort == "booked" else sorted_value
        next_cursor = write_cursor(kind, key, booking.id)
    people = [row for row, _ in shown]
    return await persons_of(work, people, course_id, rights), next_cursor


async def _waiting_page(
    work: UnitOfWork, course_id: str, query: RosterQuery, rights: Rights
) -> tuple[tuple[RosterPerson, ...], str | None]:
    kind = f"roster:{course_id}:found:waiting"  # whose key is a number
    after = read_cursor(query.cursor, kind)
    first = after[0] if after else 0
    people = await _waiting(work, _filter(course_id, query, rights), first, query.limit + 1)
    shown, next_cursor = people[: query.limit], None
    if len(people) > len(shown):
        next_cursor = write_cursor(kind, shown[-1].position or 0, shown[-1].entry_id or "")
    return shown, next_cursor


async def _waiting(
    work: UnitOfWork, chosen: RosterFilter, after: int, limit: int
) -> tuple[RosterPerson, ...]:
    rows = await work.roster.waiting(chosen, after, limit)
    return tuple(
        RosterPerson(
            booking_id=None,
            number="",
            name=row.name,
            booked_by="",
            place=None,
            booked_at=row.joined_at,
            held_until=None,
            is_reserved=False,
            note=row.note,
            tags=(),
            email=row.email if chosen.in_emails else None,
            has_failed_mail=False,
            entry_id=row.entry_id,
            position=row.position,
            **vars(_NO_MONEY),
        )
        for row in rows
    )


_KEYS: dict[RosterSort, str] = {"booked": "booked_at", "name": "name", "payment": "payment:name"}


async def persons_of(
    work: UnitOfWork, rows: Sequence[RosterRow], course_id: str, rights: Rights
) -> tuple[RosterPerson, ...]:
    """Return bookings in the order of the rows, with what may be seen of people of that course."""
    sees_contacts = rights.allows(Permission.SEE_CONTACTS, course_id)
    ids = [booking.id for booking in rows]
    money = (
        await _money(work, rows) if ids and rights.allows(Permission.SEE_MONEY, course_id) else {}
    )
    failed = await work.outbox.with_failed_mail(ids) if ids and sees_contacts else set()
    persons = []
    for booking in rows:
        is_another = bool(booking.participant_name)
        email = (booking.participant_email or booking.payer_email) if sees_contacts else None
        persons.append(
            RosterPerson(
                booking_id=booking.id,
                number=number_of(booking.id),
                name=booking.participant_name or booking.payer,
                booked_by=booking.payer if is_another else "",
                place=SeatState(booking.place),
                booked_at=booking.created_at,
                held_until=_held_until(booking),
                is_reserved=booking.reserved_until is not None,
                note=booking.note,
                tags=tuple(booking.tags),
                email=email,
                has_failed_mail=booking.id in failed,
                **vars(money.get(booking.id, _NO_MONEY)),
            )
        )
    return tuple(persons)


def _held_until(booking: RosterRow) -> datetime | None:
    is_held = booking.place == SeatState.HELD.value
    return booking.reserved_until or booking.hold_expires_at if is_held else None


@dataclass(frozen=True)
class _PersonMoney:
    payment_status: PaymentStatus | None = None
    price: MoneyView | None = None
    received: MoneyView | None = None
    owed: MoneyView | None = None


_NO_MONEY = _PersonMoney()


async def _money(work: UnitOfWork, rows: Sequence[RosterRow]) -> dict[str, _PersonMoney]:
    ids = [booking.id for booking in rows]
    attempts = await work.attempts.of_bookings(ids)
    refunds = await work.refunds.of_bookings(ids)
    money = {}
    for booking in rows:
        own = attempts.get(booking.id, []), refunds.get(booking.id, [])
        received = balance_of(booking, *own).net_received
        owed = booking.price - _paid_by_card(booking, own[0]) - booking.received_by_hand
        is_coming = booking.place == SeatState.CONFIRMED.value
        money[booking.id] = _PersonMoney(
            payment_status(booking, *own),
            *(
                MoneyView(amount, booking.currency)
                for amount in (booking.price, received, max(0, owed) if is_coming else 0)
            ),
        )
    return money


def _paid_by_card(booking: RosterRow, attempts: Sequence[PaymentAttempt]) -> int:
    """Return what counts for the price; what differs from the amount due does not."""
    return sum(
        attempt.amount
        for attempt in attempts
        if attempt.state == AttemptState.SUCCEEDED.value
        and attempt.received_amount is None
        and attempt.currency == booking.currency
    )
