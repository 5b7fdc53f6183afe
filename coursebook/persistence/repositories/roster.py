"""The roster of a course: bookings with their people, by list, words and order."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, RosterList, RosterSort, SeatState
from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.persistence.schema.folded_text import fold, folded
from coursebook.persistence.schema.keyset import below
from coursebook.persistence.schema.tables import (
    Booking,
    OfflinePayment,
    PaymentAttempt,
    User,
    WaitingListEntry,
)
from coursebook.persistence.waiting_list.entries import SERVING_ORDER, waits_for

MAX_COUNTED = 9999
"""A list with more people is not counted further."""
MAX_WORDS_USED = 8
"""Words of one search that are used; the rest is ignored."""
SORTED_LETTERS = 40
"""Letters of a name that are sorted; a cursor has to hold them."""


@dataclass(frozen=True)
class RosterFilter:
    """The filters of a roster. Without `listed`: everybody who is coming or paying.

    Each of the `words` has to be part of a name, the end of the booking's id, or with `in_emails`
    part of a mail address. `ids`: only these bookings, on any list. Those who wait have no booking;
    `Roster.waiting` reads them.
    """

    course_id: str
    listed: RosterList | None = None
    words: str = ""
    in_emails: bool = False
    ids: tuple[str, ...] = ()

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions."""
        of_course = col(Booking.course_id) == self.course_id
        if self.ids:
            return [of_course, col(Booking.id).in_(self.ids), *self._words()]
        return [of_course, *_of_list(self.listed), *self._words()]

    def _words(self) -> list[sa.ColumnElement[bool]]:
        return [self._word(word) for word in _split(self.words)]

    def _word(self, word: str) -> sa.ColumnElement[bool]:
        number = word.lower().removeprefix("cb-")
        texts = [col(User.name), col(Booking.participant_name)]
        if self.in_emails:
            texts += [col(User.email), col(Booking.participant_email)]
        is_number = col(Booking.id).endswith(number, autoescape=True)
        return sa.or_(*_in_texts(word, texts), is_number)


class WaitingRow(NamedTuple):
    """One person who waits for a place. `position`: 1 is served next."""

    entry_id: str
    name: str
    email: str
    note: str
    joined_at: datetime
    position: int


class RosterRow(NamedTuple):
    """What a roster needs of a booking. `payer` and `payer_email` are of who booked.

    Plain columns: making whole objects of many thousand rows took as long as reading them.
    """

    id: str
    place: str
    price: int
    currency: str
    received_by_hand: int
    returned_by_hand: int
    expected_by_hand: int
    created_at: datetime
    hold_expires_at: datetime | None
    reserved_until: datetime | None
    participant_name: str
    participant_email: str
    note: str
    tags: list[str]
    payer: str
    payer_email: str

    @classmethod
    def of(cls, booking: Booking, user: User) -> "RosterRow":
        """Build it from whole objects."""
        own = {name: getattr(booking, name) for name in cls._fields if name not in _OF_PAYER}
        return cls(**own, payer=user.name, payer_email=user.email)


_OF_PAYER = {"payer": col(User.name), "payer_email": col(User.email)}
_COLUMNS = [
    _OF_PAYER[name] if name in _OF_PAYER else getattr(Booking, name) for name in RosterRow._fields
]


class Roster:
    """Pages of people of a course."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, chosen: RosterFilter, sort: RosterSort, after: tuple[Any, str] | None, limit: int
    ) -> list[tuple[RosterRow, str]]:
        """Return bookings and values as sorted, after a key (value, id); at most `limit`.

        By name from A, booked last first, or by payment: who owes, who is paying, all others, each
        by name.
        """
        value, booking_id = _sorted_value(sort), col(Booking.id)
        query = _rows(value).where(*chosen.conditions()).limit(limit)
        if sort == "booked":
            query = query.order_by(col(Booking.created_at).desc(), booking_id.desc())
            if after is not None:
                query = query.where(below(Booking.created_at, Booking.id, after))
        else:
            query = query.order_by(value, booking_id)
            if after is not None:
                query = query.where(sa.tuple_(value, booking_id) > _values(after))
        return [(RosterRow(*row[:-1]), row[-1]) for row in await self._session.execute(query)]

    async def waiting(self, chosen: RosterFilter, after: int, limit: int) -> list[WaitingRow]:
        """Return who waits after that position, in the order of the list; at most `limit`.

        Of the filter only the words count; they do not change the positions.
        """
        position = sa.func.row_number().over(order_by=SERVING_ORDER).label("position")
        everybody = (
            sa.select(
                *(col(WaitingListEntry.id), col(User.name), col(User.email)),
                *(col(WaitingListEntry.note), col(WaitingListEntry.joined_at), position),
            )
            .join(User, col(User.id) == col(WaitingListEntry.user_id))
            .where(*waits_for(chosen.course_id))
            .subquery()
        )
        texts = [everybody.c.name, *([everybody.c.email] if chosen.in_emails else [])]
        words = [sa.or_(*_in_texts(word, texts)) for word in _split(chosen.words)]
        query = sa.select(everybody).where(everybody.c.position > after, *words)
        query = query.order_by(everybody.c.position).limit(limit)
        return [WaitingRow(*row) for row in await self._session.execute(query)]

    async def ids_by_name(self, chosen: RosterFilter) -> list[str]:
        """Return the ids of all bookings of a list, in the order of their names."""
        query = _people(col(Booking.id)).where(*chosen.conditions())
        query = query.order_by(_sorted_value("name"), col(Booking.id))
        return list(await self._session.scalars(query))

    async def rows(self, booking_ids: Sequence[str]) -> list[RosterRow]:
        """Return bookings in the order of the ids; what no longer exists is missing."""
        query = _rows().where(col(Booking.id).in_(booking_ids))
        rows = {row[0]: RosterRow(*row) for row in await self._session.execute(query)}
        return [rows[booking_id] for booking_id in booking_ids if booking_id in rows]

    async def expected(self, course_id: str) -> dict[str, int]:
        """Return the money by hand that is still to come for a course, by currency."""
        query = (
            sa.select(col(OfflinePayment.currency), sa.func.sum(col(OfflinePayment.amount)))
            .join(Booking, col(Booking.id) == col(OfflinePayment.booking_id))
            .where(
                col(OfflinePayment.state) == OfflineState.EXPECTED.value,
                col(OfflinePayment.direction) == Direction.IN.value,
                col(Booking.course_id) == course_id,
            )
            .group_by(col(OfflinePayment.currency))
        )
        return {code: int(amount) for code, amount in await self._session.execute(query)}

    async def counts(self, course_id: str) -> dict[RosterList, int]:
        """Return how many people are on each list, in one query."""
        parts = [_count(course_id, listed).label(listed.value) for listed in RosterList]
        row = (await self._session.execute(sa.select(*parts))).mappings().one()
        return {listed: int(row[listed.value]) for listed in RosterList}


def _split(words: str) -> list[str]:
    return unicodedata.normalize("NFC", words).split()[:MAX_WORDS_USED]


def _in_texts(word: str, texts: Sequence[Any]) -> list[sa.ColumnElement[bool]]:
    return [folded(text).contains(fold(word), autoescape=True) for text in texts]


def _people(*columns: Any) -> sa.Select[Any]:  # noqa: ANN401 - columns of any type
    return sa.select(*columns).select_from(Booking).join(User, col(User.id) == col(Booking.user_id))


def _rows(*values: sa.ColumnElement[str]) -> sa.Select[Any]:
    return _people(*_COLUMNS, *values)


def _sorted_value(sort: RosterSort) -> sa.ColumnElement[str]:
    """Return the value that a page is sorted by: who takes part, or their payment and then that."""
    own = sa.func.nullif(col(Booking.participant_name), "")
    name = sa.func.substr(folded(sa.func.coalesce(own, col(User.name))), 1, SORTED_LETTERS)
    if sort != "payment":
        return name
    place = col(Booking.place)
    rank = sa.case(
        (sa.and_(place == SeatState.CONFIRMED.value, is_owed()), "0"),
        (place == SeatState.HELD.value, "1"),
        else_="2",
    )
    return rank + name


def _count(course_id: str, listed: RosterList) -> sa.ScalarSelect[int]:
    if listed is RosterList.WAITING:
        some = sa.select(sa.literal(1)).select_from(WaitingListEntry).where(*waits_for(course_id))
    else:
        some = sa.select(sa.literal(1)).select_from(Booking)
        some = some.where(*RosterFilter(course_id, listed).conditions())
    some = some.limit(MAX_COUNTED + 1)
    return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()


def _of_list(listed: RosterList | None) -> Sequence[sa.ColumnElement[bool]]:
    place = col(Booking.place)
    if listed is None:
        return [place.in_([state.value for state in LIVE])]
    if listed is RosterList.PAYING:
        return [place == SeatState.HELD.value]
    if listed is RosterList.CANCELLED:
        return [place == SeatState.CANCELLED.value]
    is_confirmed = place == SeatState.CONFIRMED.value
    return [is_confirmed, *([is_owed()] if listed is RosterList.OWES else [])]


def is_owed() -> sa.ColumnElement[bool]:
    """Return the condition of less money than the price, by card and by hand.

    What the school gave back is not owed again. A payment that differs from the amount due does not
    count: the money inbox covers it.
    """
    return owed_sum() > 0


def owed_sum() -> sa.ColumnElement[int]:
    """Return the price of a booking without what was paid for it, in minor units."""
    by_card = sa.select(sa.func.coalesce(sa.func.sum(col(PaymentAttempt.amount)), 0)).where(
        col(PaymentAttempt.booking_id) == col(Booking.id),
        col(PaymentAttempt.state) == AttemptState.SUCCEEDED.value,
        col(PaymentAttempt.received_amount).is_(None),
        col(PaymentAttempt.currency) == col(Booking.currency),
    )
    paid = by_card.correlate(Booking).scalar_subquery()
    return col(Booking.price) - paid - col(Booking.received_by_hand)


def _values(key: tuple[str, str]) -> sa.ColumnElement[tuple[str, str]]:
    return sa.tuple_(*(sa.literal(value, sa.String()) for value in key))
