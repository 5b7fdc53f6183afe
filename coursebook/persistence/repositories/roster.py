"""The roster of a course: bookings with their people, by list, words and order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, RosterList, SeatState
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.keyset import below
from coursebook.persistence.schema.tables import Booking, PaymentAttempt, Refund, User

RosterSort = Literal["name", "booked"]
MAX_COUNTED = 9999
"""A list with more people is not counted further."""
_SORT_NAME = sa.func.lower(col(User.name))


@dataclass(frozen=True)
class RosterFilter:
    """The filters of a roster. Without `listed`: everybody who is coming or paying.

    `words` are looked for in names, in the end of the booking's id, and with `in_emails` in mail
    addresses.
    """

    course_id: str
    listed: RosterList | None = None
    words: str = ""
    in_emails: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions."""
        return [col(Booking.course_id) == self.course_id, *_of_list(self.listed), *self._words()]

    def _words(self) -> list[sa.ColumnElement[bool]]:
        if not self.words:
            return []
        lower = self.words.lower()
        name = col(User.name)
        places = [
            sa.func.lower(name).contains(lower, autoescape=True),
            name.contains(self.words, autoescape=True),  # SQLite lowers ASCII letters only
            col(Booking.id).endswith(lower.removeprefix("cb-"), autoescape=True),
        ]
        if self.in_emails:
            places.append(sa.func.lower(col(User.email)).contains(lower, autoescape=True))
        return [sa.or_(*places)]


class Roster:
    """Pages of people of a course."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, chosen: RosterFilter, sort: RosterSort, after: tuple[Any, str] | None, limit: int
    ) -> list[tuple[Booking, User, str]]:
        """Return bookings, people and names as sorted, after a key (sort value, id).

        By name from A, or booked last first; at most `limit`.
        """
        query = sa.select(Booking, User, _SORT_NAME).join(
            User, col(User.id) == col(Booking.user_id)
        )
        query = query.where(*chosen.conditions()).limit(limit)
        booking_id = col(Booking.id)
        if sort == "name":
            query = query.order_by(_SORT_NAME, booking_id)
            if after is not None:
                query = query.where(sa.tuple_(_SORT_NAME, booking_id) > _values(after))
        else:
            query = query.order_by(col(Booking.created_at).desc(), booking_id.desc())
            if after is not None:
                query = query.where(below(Booking.created_at, Booking.id, after))
        return [(*row,) for row in await self._session.execute(query)]

    async def counts(self, course_id: str) -> dict[RosterList, int]:
        """Return how many people are on each list, in one query."""
        parts = [_count(course_id, listed).label(listed.value) for listed in RosterList]
        row = (await self._session.execute(sa.select(*parts))).mappings().one()
        return {listed: int(row[listed.value]) for listed in RosterList}


def _count(course_id: str, listed: RosterList) -> sa.ScalarSelect[int]:
    some = sa.select(sa.literal(1)).select_from(Booking)
    some = some.where(*RosterFilter(course_id, listed).conditions()).limit(MAX_COUNTED + 1)
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
    return [is_confirmed, *([_owes()] if listed is RosterList.OWES else [])]


def _owes() -> sa.ColumnElement[bool]:
    """Return the condition of less money than the price, as `domain.balance` counts it.

    A payment that differs from the amount due does not count: the money inbox covers it.
    """
    counts = [
        col(PaymentAttempt.booking_id) == col(Booking.id),
        col(PaymentAttempt.state) == AttemptState.SUCCEEDED.value,
        col(PaymentAttempt.received_amount).is_(None),
        col(PaymentAttempt.currency) == col(Booking.currency),
    ]
    paid = sa.select(sa.func.coalesce(sa.func.sum(col(PaymentAttempt.amount)), 0)).where(*counts)
    returned = (
        sa.select(sa.func.coalesce(sa.func.sum(col(Refund.amount)), 0))
        .join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
        .where(*counts, col(Refund.state) != RefundState.FAILED.value)
    )
    scalars = [query.correlate(Booking).scalar_subquery() for query in (paid, returned)]
    return col(Booking.price) > scalars[0] - scalars[1]


def _values(key: tuple[str, str]) -> sa.ColumnElement[tuple[str, str]]:
    return sa.tuple_(*(sa.literal(value, sa.String()) for value in key))
