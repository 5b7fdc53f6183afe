"""The people that the rule of a message means at this moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.booking import LIVE, RosterList, SeatState
from coursebook.domain.messaging.audience import JUST_CANCELLED, Audience, AudienceKind
from coursebook.persistence.repositories.roster import RosterFilter
from coursebook.persistence.schema.message_tables import MessageRecipient
from coursebook.persistence.schema.tables import (
    Booking,
    PaymentAttempt,
    User,
    WaitingListEntry,
)
from coursebook.persistence.waiting_list.entries import SERVING_ORDER, waits_for

_LIVE = [place.value for place in LIVE]
_LISTS = {
    AudienceKind.ALL: None,
    AudienceKind.COMING: RosterList.COMING,
    AudienceKind.PAYING: RosterList.PAYING,
    AudienceKind.OWES: RosterList.OWES,
}


class AudienceRow(NamedTuple):
    """One person that a rule means. `email` is that of the participant, else of who booked.

    `booking_id` is None for somebody who waits for a place.
    """

    booking_id: str | None
    user_id: str
    name: str
    email: str
    participant_name: str
    participant_email: str


class Audiences:
    """Reads the people of a course by the rule of a message."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def people(
        self,
        course_id: str,
        audience: Audience,
        now: datetime,
        *,
        without_recipients_of: str | None = None,
    ) -> list[AudienceRow]:
        """Return each person once, by name, for the live booking if there is one.

        Who waits comes in the order of the list. `without_recipients_of`: leave out whom this
        message has, by person and by booking.
        """
        if audience.kind is AudienceKind.WAITING:
            return await self._waiting(course_id, without_recipients_of)
        query = (
            sa.select(
                *(col(Booking.id), col(Booking.user_id), col(User.name), col(User.email)),
                *(col(Booking.participant_name), col(Booking.participant_email)),
            )
            .join(User, col(User.id) == col(Booking.user_id))
            .where(*_conditions(course_id, audience, now))
            .order_by(sa.func.lower(col(User.name)), col(Booking.id))
        )
        if without_recipients_of is not None:
            query = query.where(~_has(without_recipients_of))
        rows = [AudienceRow(*row) for row in await self._session.execute(query)]
        by_person = {row.user_id: row for row in reversed(rows)}
        people = [row for row in rows if by_person[row.user_id] is row]
        return await self._with_addresses(people)

    async def counts(
        self, course_id: str, kinds: Sequence[AudienceKind], now: datetime
    ) -> dict[AudienceKind, int]:
        """Return how many people each rule means, in one query."""
        parts = [_count(course_id, Audience(kind), now).label(kind.value) for kind in kinds]
        row = (await self._session.execute(sa.select(*parts))).mappings().one()
        return {kind: int(row[kind.value]) for kind in kinds}

    async def _waiting(self, course_id: str, message_id: str | None) -> list[AudienceRow]:
        query = (
            sa.select(col(User.id), col(User.name), col(User.email))
            .join(WaitingListEntry, col(WaitingListEntry.user_id) == col(User.id))
            .where(*waits_for(course_id))
            .order_by(*SERVING_ORDER)
        )
        if message_id is not None:
            is_recipient = sa.exists().where(
                col(MessageRecipient.message_id) == message_id,
                col(MessageRecipient.user_id) == col(User.id),
            )
            query = query.where(~is_recipient)
        rows = await self._session.execute(query)
        return [AudienceRow(None, *row, "", "") for row in rows]

    async def _with_addresses(self, rows: list[AudienceRow]) -> list[AudienceRow]:
        """Give everybody an address: the participant's, the payer's, or one typed at Stripe."""
        without = [r.booking_id for r in rows if not r.participant_email and not r.email]
        typed: dict[str | None, str | None] = {}
        if without:
            query = (
                sa.select(col(PaymentAttempt.booking_id), col(PaymentAttempt.payer_email))
                .where(
                    col(PaymentAttempt.booking_id).in_(without),
                    col(PaymentAttempt.payer_email).is_not(None),
                )
                .order_by(col(PaymentAttempt.created_at))
            )
            typed = dict((await self._session.execute(query)).tuples().all())
        own = ((row, row.participant_email or row.email) for row in rows)
        return [row._replace(email=email or typed.get(row.booking_id) or "") for row, email in own]


def _conditions(course_id: str, audience: Audience, now: datetime) -> list[sa.ColumnElement[bool]]:
    if audience.kind in _LISTS:
        return RosterFilter(course_id, _LISTS[audience.kind]).conditions()
    of_course = col(Booking.course_id) == course_id
    if audience.kind is AudienceKind.CANCELLED:
        return [of_course, *_just_cancelled(now)]
    is_chosen = col(Booking.id).in_(audience.booking_ids)
    is_live = col(Booking.place).in_(_LIVE)
    return [of_course, is_chosen, sa.or_(is_live, sa.and_(*_just_cancelled(now)))]


def _just_cancelled(now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a booking cancelled not long ago, by somebody without a new one."""
    other = aliased(Booking)
    has_other = sa.exists().where(
        col(other.user_id) == col(Booking.user_id),
        col(other.course_id) == col(Booking.course_id),
        col(other.place).in_(_LIVE),
    )
    return [
        col(Booking.place) == SeatState.CANCELLED.value,
        col(Booking.cancelled_at) >= now - JUST_CANCELLED,
        ~has_other,
    ]


def _has(message_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that the message has a recipient for this person or booking."""
    return sa.exists().where(
        col(MessageRecipient.message_id) == message_id,
        sa.or_(
            col(MessageRecipient.user_id) == col(Booking.user_id),
            col(MessageRecipient.booking_id) == col(Booking.id),
        ),
    )


def _count(course_id: str, audience: Audience, now: datetime) -> sa.ScalarSelect[Any]:
    if audience.kind is AudienceKind.WAITING:
        waiting = sa.select(sa.func.count()).select_from(WaitingListEntry)
        return waiting.where(*waits_for(course_id)).scalar_subquery()
    people = sa.func.count(sa.distinct(col(Booking.user_id)))
    query = sa.select(people).where(*_conditions(course_id, audience, now))
    return query.scalar_subquery()
