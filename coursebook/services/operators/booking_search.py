"""Search over all bookings, as far as the person who asks may see them."""

import re
import unicodedata
from dataclasses import dataclass

from coursebook.domain.booking import NUMBER_LETTERS, SeatState
from coursebook.domain.rights import Permission, Rights
from coursebook.domain.search import MAX_WORDS, typed_person_words
from coursebook.identity.principal import Principal
from coursebook.persistence.people_search.bookings import BookingFilter
from coursebook.persistence.repositories.roster import RosterRow
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.roster import RosterPerson, persons_of
from coursebook.services.pagination import read_cursor, write_cursor

_NUMBER = re.compile(rf"(?:cb-|bkg_[a-z0-9]*)?([a-z0-9]{{{NUMBER_LETTERS}}})")
_PAYMENT = re.compile(r"(?:cs|pi|re|pyr)_[A-Za-z0-9_]{6,250}")
"""Ids of Stripe's: of a payment page, a payment, a refund."""
_RECEIPT = re.compile(r"#?((?:[A-Z0-9]{4,12}-)+[A-Z0-9]{4,12})")
"""The number of a receipt of Stripe's: groups of digits, such as `2451-7093`."""
EVERYWHERE = "-"
"""Stands for a course that nobody teaches: who may see something there may see it everywhere."""


@dataclass(frozen=True)
class BookingQuery:
    """The words, the filter and the page of a search."""

    q: str = ""
    place: SeatState | None = None
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True)
class FoundBooking:
    """One booking in a list, with its course. `person` is as in a roster."""

    person: RosterPerson
    course_id: str
    course_title: str
    timezone: str


@dataclass(frozen=True)
class FoundPage:
    """One page of bookings, the newest first."""

    items: tuple[FoundBooking, ...]
    next_cursor: str | None


class BookingSearches:
    """Finds bookings by name, mail address, number, or a number of Stripe's."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def page(self, who: Principal | None, query: BookingQuery) -> FoundPage:
        """Return one page of bookings, in as many queries for any number of them.

        Mail addresses are searched only for who may see them. Raises Forbidden, Invalid for a bad
        cursor, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE)
        kind = f"bookings:{query.place or ''}:created_at"
        after = read_cursor(query.cursor, kind)
        chosen = _filter(query, rights)
        if query.q.strip() and not (chosen.words or chosen.number or chosen.payment):
            return FoundPage((), None)  # nothing but signs
        async with reading(self._context.database) as work:
            rows = await work.booking_search.page(chosen, after, query.limit + 1)
            shown = rows[: query.limit]
            courses = await work.courses.by_ids({booking.course_id for booking, _ in shown})
            sight = EVERYWHERE if chosen.courses is None else next(iter(courses), EVERYWHERE)
            roster_rows = [RosterRow.of(booking, user) for booking, user in shown]
            people = await persons_of(work, roster_rows, sight, rights)
        items = tuple(
            _found(person, courses[booking.course_id])
            for person, (booking, _) in zip(people, shown, strict=True)
        )
        next_cursor = None
        if len(rows) > len(shown):
            last = shown[-1][0]
            next_cursor = write_cursor(kind, last.created_at, last.id)
        return FoundPage(items, next_cursor)


def _found(person: RosterPerson, course: Course) -> FoundBooking:
    return FoundBooking(person, course.id, course.title, course.timezone)


def _filter(query: BookingQuery, rights: Rights) -> BookingFilter:
    sees_all = rights.allows(Permission.SEE_PEOPLE, EVERYWHERE)
    courses = None if sees_all else rights.taught
    sight = EVERYWHERE if sees_all else next(iter(rights.taught), EVERYWHERE)
    payment = query.q.strip() if rights.allows(Permission.SEE_MONEY, sight) else ""
    receipt = _RECEIPT.fullmatch(payment.upper())
    if _PAYMENT.fullmatch(payment):
        return BookingFilter(place=query.place, courses=courses, payment=payment)
    return BookingFilter(
        words=typed_person_words(query.q),
        texts=tuple(unicodedata.normalize("NFC", query.q).split()[:MAX_WORDS]),
        number=_number(query.q),
        place=query.place,
        courses=courses,
        in_contacts=rights.allows(Permission.SEE_CONTACTS, sight),
        receipt=receipt[1] if receipt else "",
    )


def _number(q: str) -> str:
    """Return the end of a booking's id if the words can be one: `CB-7K3F9M`, `7k3 f9m`."""
    match = _NUMBER.fullmatch("".join(q.split()).lower())
    return match[1] if match else ""
