"""Reads the ledger: sums by course, time or method, and its lines in order.

Four sources, each by an index on its time: payments by card, refunds, disputes, money by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking import number_of
from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.domain.bookkeeping.ledger_lines import CARD, LedgerLine, LineKind, Sums
from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.domain.bookkeeping.school_days import Period
from coursebook.domain.course_edits.course_state import CourseStatus
from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.money_tables import (
    PAID_OUT,
    Dispute,
    PaymentAttempt,
    Payout,
    Refund,
)
from coursebook.persistence.schema.tables import Booking, Course, OfflinePayment

Key = tuple[datetime | date, str]
"""The time and the id of the last line of a batch of one source."""
_TAKEN = "payment_attempt.state = 'succeeded'"
_AMOUNT = sa.func.coalesce(col(PaymentAttempt.received_amount), col(PaymentAttempt.amount))
_CURRENCY = sa.func.coalesce(col(PaymentAttempt.received_currency), col(PaymentAttempt.currency))
_GOES_BACK = sa.func.coalesce(col(Refund.state), "").in_(
    [state.value for state in RefundState if state.counts]
)
_NET_OF_REFUND = -col(Refund.amount) - sa.func.coalesce(col(Refund.fee), 0)
_RECEIVED = sa.func.coalesce(col(OfflinePayment.state), "") == OfflineState.RECEIVED.value
"""In a function, so that SQLite takes the index on the time: nearly all rows have these states."""


@dataclass(frozen=True)
class LedgerSum:
    """Sums of one key, in one currency. `key` is an id, a method, a slice of time or a day."""

    key: str | int | date
    currency: str
    sums: Sums


@dataclass(frozen=True)
class PlacesRow:
    """A course with its capacity, confirmed and held places."""

    id: str
    title: str
    starts_at: datetime
    places: tuple[int, int, int]


class LedgerQueries:
    """Queries over every movement of money."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sums(self, period: Period, by: str) -> list[LedgerSum]:
        """Return the sums of a period, by `course`, `method` or `time`.

        By time, the keys are slices of the period, and days for money by hand.
        """
        return [
            *await self._payments(period, by),
            *await self._refunds(period, by),
            *await self._by_hand(period, by),
            *_dispute_sums(await self.disputes(period), by),
            *await self._on_the_way(period, by),
        ]

    async def first_day(self, period: Period) -> date | None:
        """Return the day of the first movement of all, in the zone of the period."""
        taken = await self._session.scalar(
            sa.select(col(PaymentAttempt.taken_at))
            .where(is_taken(self._session), col(PaymentAttempt.taken_at).is_not(None), _AMOUNT > 0)
            .order_by(col(PaymentAttempt.taken_at))
            .limit(1)
        )
        by_hand = await self._session.scalar(
            sa.select(sa.func.min(col(OfflinePayment.received_on)))
        )
        days = [period.day_of(taken)] if taken else []
        return min([*days, *([by_hand] if by_hand else [])], default=None)

    async def _payments(self, period: Period, by: str) -> list[LedgerSum]:
        key = self._key(period, by, col(PaymentAttempt.taken_at))
        query = (
            sa.select(
                key,
                _CURRENCY,
                sa.func.count(),
                sa.func.sum(_AMOUNT),
                sa.func.coalesce(sa.func.sum(col(PaymentAttempt.fee)), 0),
                sa.func.count() - sa.func.count(col(PaymentAttempt.fee)),
            )
            .where(is_taken(self._session), *_within(PaymentAttempt.taken_at, period), _AMOUNT > 0)
            .group_by(*_grouped(key, by), _CURRENCY)
        )
        if by == "course":
            query = query.join(Booking, col(Booking.id) == col(PaymentAttempt.booking_id))
        return [
            LedgerSum(
                key_value,
                currency,
                Sums(payments=n, received=int(s), fees=int(fees), fees_unknown=unknown),
            )
            for key_value, currency, n, s, fees, unknown in await self._session.execute(query)
        ]

    async def _refunds(self, period: Period, by: str) -> list[LedgerSum]:
        key = self._key(period, by, col(Refund.created_at))
        query = (
            sa.select(
                key,
                col(Refund.currency),
                sa.func.count(),
                sa.func.sum(col(Refund.amount)),
                sa.func.coalesce(sa.func.sum(col(Refund.fee)), 0),
            )
            .where(_GOES_BACK, *_within(Refund.created_at, period))
            .group_by(*_grouped(key, by), col(Refund.currency))
        )
        if by == "course":
            query = query.join(Booking, col(Booking.id) == col(Refund.booking_id))
        return [
            LedgerSum(key_value, currency, Sums(refunds=n, given_back=int(s), fees=int(fees)))
            for key_value, currency, n, s, fees in await self._session.execute(query)
        ]

    async def _by_hand(self, period: Period, by: str) -> list[LedgerSum]:
        key: Any = col(OfflinePayment.received_on)
        if by != "time":
            key = col(Booking.course_id if by == "course" else OfflinePayment.method)
        query = (
            sa.select(
                key,
                col(OfflinePayment.currency),
                col(OfflinePayment.direction),
                sa.func.count(),
                sa.func.sum(col(OfflinePayment.amount)),
            )
            .where(
                _RECEIVED,
                col(OfflinePayment.received_on).between(period.first, period.last),
            )
            .group_by(key, col(OfflinePayment.currency), col(OfflinePayment.direction))
        )
        if by == "course":
            query = query.join(Booking, col(Booking.id) == col(OfflinePayment.booking_id))
        rows = (await self._session.execute(query)).all()
        on_its_way = await self.expected_back(period)
        return [
            *(LedgerSum(k, c, _hand_sums(d, n, int(s))) for k, c, d, n, s in rows),
            *(
                LedgerSum(_key_of(line, by), line.currency, _hand_sums("out", 1, -line.amount))
                for line in on_its_way
            ),
        ]

    async def _on_the_way(self, period: Period, by: str) -> list[LedgerSum]:
        """Return what payouts have of the period that have not arrived: a few days' money."""
        under_way = sa.select(col(Payout.id)).where(
            col(Payout.state).in_([state.value for state in PayoutState if state.is_under_way])
        )
        sums: list[LedgerSum] = []
        for table, moment, net, currency in (
            (PaymentAttempt, col(PaymentAttempt.taken_at), col(PaymentAttempt.net), _CURRENCY),
            (Refund, col(Refund.created_at), _NET_OF_REFUND, col(Refund.currency)),
        ):
            key = self._key(period, by, moment)
            query = (
                sa.select(key, currency, sa.func.coalesce(sa.func.sum(net), 0))
                .where(
                    col(table.payout_id).in_(under_way),
                    sa.text(f"{table.__tablename__}.{PAID_OUT}"),
                    *_within(moment, period),
                )
                .group_by(*_grouped(key, by), currency)
            )
            if by == "course":
                query = query.join(Booking, col(Booking.id) == col(table.booking_id))
            sums += [
                LedgerSum(key_value, code, Sums(on_the_way=int(amount)))
                for key_value, code, amount in await self._session.execute(query)
            ]
        return sums

    async def expected_back(self, period: Period) -> list[LedgerLine]:
        """Return money that is still to be given back by hand: a few rows, by their creation."""
        query = (
            sa.select(OfflinePayment, col(Booking.course_id))
            .join(Booking, col(Booking.id) == col(OfflinePayment.booking_id))
            .where(
                col(OfflinePayment.state) == OfflineState.EXPECTED.value,
                col(OfflinePayment.direction) == Direction.OUT.value,
                *_within(OfflinePayment.created_at, period),
            )
            .order_by(col(OfflinePayment.created_at), col(OfflinePayment.id))
        )
        return [
            _hand_line(row, course_id, period.day_of(row.created_at))
            for row, course_id in await self._session.execute(query)
        ]

    async def disputes(self, period: Period) -> list[LedgerLine]:
        """Return what banks hold or took: a few rows, by the creation of the dispute.

        The amount is what is left of the payment, so that the sum of the ledger is that of the
        bookings: what was refunded before is not away twice.
        """
        back = (
            sa.select(sa.func.coalesce(sa.func.sum(col(Refund.amount)), 0))
            .where(col(Refund.attempt_id) == col(PaymentAttempt.id), _GOES_BACK)
            .correlate(PaymentAttempt)
            .scalar_subquery()
        )
        query = (
            sa.select(Dispute, _AMOUNT - back, _CURRENCY, col(Booking.course_id))
            .join(PaymentAttempt, col(PaymentAttempt.id) == col(Dispute.attempt_id))
            .join(Booking, col(Booking.id) == col(Dispute.booking_id))
            .where(*_within(Dispute.created_at, period))
            .order_by(col(Dispute.created_at), col(Dispute.id))
        )
        lines, seen = [], set[str]()
        for row, left, currency, course_id in await self._session.execute(query):
            takes = DisputeState(row.state).takes_money and row.attempt_id not in seen
            if takes:
                seen.add(row.attempt_id)
            if takes or row.fee:
                line = LedgerLine(
                    *(LineKind.DISPUTE, row.id, period.day_of(row.created_at), row.booking_id),
                    *(course_id, CARD, row.state, currency),
                    amount=-max(0, int(left)) if takes else 0,
                    fee=row.fee or 0,
                )
                lines.append(line)
        return lines

    async def payments_after(
        self, period: Period, key: Key | None, limit: int
    ) -> list[tuple[Key, LedgerLine]]:
        """Return payments by card in the order of their time, after a key."""
        query = (
            sa.select(PaymentAttempt, col(Booking.course_id))
            .join(Booking, col(Booking.id) == col(PaymentAttempt.booking_id))
            .where(is_taken(self._session), *_within(PaymentAttempt.taken_at, period), _AMOUNT > 0)
            .order_by(col(PaymentAttempt.taken_at), col(PaymentAttempt.id))
            .limit(limit)
        )
        query = query.where(*_after(PaymentAttempt.taken_at, PaymentAttempt.id, key))
        return [
            ((row.taken_at, row.id), _payment_line(row, course_id, period.day_of(row.taken_at)))
            for row, course_id in await self._session.execute(query)
            if row.taken_at is not None
        ]

    async def refunds_after(
        self, period: Period, key: Key | None, limit: int
    ) -> list[tuple[Key, LedgerLine]]:
        """Return refunds in the order of their time, after a key."""
        query = (
            sa.select(Refund, col(Booking.course_id))
            .join(Booking, col(Booking.id) == col(Refund.booking_id))
            .where(_GOES_BACK, *_within(Refund.created_at, period))
            .order_by(col(Refund.created_at), col(Refund.id))
            .limit(limit)
        )
        query = query.where(*_after(Refund.created_at, Refund.id, key))
        return [
            ((row.created_at, row.id), _refund_line(row, course_id, period.day_of(row.created_at)))
            for row, course_id in await self._session.execute(query)
        ]

    async def by_hand_after(
        self, period: Period, key: Key | None, limit: int
    ) -> list[tuple[Key, LedgerLine]]:
        """Return money handed over in the order of its day, after a key."""
        query = (
            sa.select(OfflinePayment, col(Booking.course_id))
            .join(Booking, col(Booking.id) == col(OfflinePayment.booking_id))
            .where(
                _RECEIVED,
                col(OfflinePayment.received_on).between(period.first, period.last),
            )
            .order_by(col(OfflinePayment.received_on), col(OfflinePayment.id))
            .limit(limit)
        )
        query = query.where(*_after(OfflinePayment.received_on, OfflinePayment.id, key))
        return [
            ((row.received_on, row.id), _hand_line(row, course_id, row.received_on))
            for row, course_id in await self._session.execute(query)
            if row.received_on is not None
        ]

    async def places(self, period: Period) -> list[PlacesRow]:
        """Return the places of the published courses that begin in a period, by their start."""
        query = (
            sa.select(
                *(col(Course.id), col(Course.title), col(Course.starts_at)),
                *(col(Course.capacity), col(Course.confirmed), col(Course.held)),
            )
            .where(
                col(Course.status) == CourseStatus.PUBLISHED.value,
                *_within(Course.starts_at, period),
            )
            .order_by(col(Course.starts_at), col(Course.id))
        )
        return [
            PlacesRow(course_id, title, starts_at, (capacity, confirmed, held))
            for course_id, title, starts_at, capacity, confirmed, held in (
                await self._session.execute(query)
            )
        ]

    async def titles_of(self, course_ids: Sequence[str]) -> dict[str, str]:
        """Return the titles of courses."""
        query = sa.select(col(Course.id), col(Course.title)).where(col(Course.id).in_(course_ids))
        return {row.id: row.title for row in await self._session.execute(query)}

    def _key(self, period: Period, by: str, moment: Any) -> Any:  # noqa: ANN401 - a column
        if by == "course":
            return col(Booking.course_id)
        if by == "method":
            return sa.literal_column(f"'{CARD}'")
        return slice_of(self._session, period, moment)


def is_taken(session: AsyncSession) -> sa.TextClause:
    """Return the condition of a payment by card, as the partial index on the time has it.

    Without statistics SQLite takes a state for rare, and another index: it read and sorted all
    payments for 500 lines (3 s among 100,000). `likely` says that nearly all have it.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sa.text(f"likely({_TAKEN})" if is_sqlite else _TAKEN)


def slice_of(session: AsyncSession, period: Period, moment: Any) -> sa.ColumnElement[Any]:  # noqa: ANN401 - a column
    """Return the number of the slice of the period that a moment is in."""
    length: sa.ColumnElement[int] = sa.literal_column(str(period.slice_seconds))
    if session.get_bind().dialect.name == "sqlite":
        seconds = sa.cast(sa.func.strftime("%s", moment), sa.Integer())
        return seconds.op("/")(length)
    return sa.cast(sa.func.floor(sa.extract("epoch", moment) / length), sa.Integer())


def _within(column: Any, period: Period) -> tuple[sa.ColumnElement[bool], ...]:  # noqa: ANN401
    return col(column) >= period.starts_at, col(column) < period.ends_at


def _after(column: Any, row_id: Any, key: Key | None) -> tuple[sa.ColumnElement[bool], ...]:  # noqa: ANN401
    if key is None:
        return ()
    values = sa.tuple_(sa.literal(key[0], column.type), sa.literal(key[1]))
    return (sa.tuple_(col(column), col(row_id)) > values,)


def _grouped(key: Any, by: str) -> tuple[Any, ...]:  # noqa: ANN401 - a column
    """Return what to group by: everything by card has one method, and a constant groups nothing."""
    return () if by == "method" else (key,)


def _hand_sums(direction: str, number: int, amount: int) -> Sums:
    if direction == Direction.IN.value:
        return Sums(payments=number, received=amount)
    return Sums(refunds=number, given_back=amount)


def _dispute_sums(lines: list[LedgerLine], by: str) -> list[LedgerSum]:
    return [
        LedgerSum(
            _key_of(line, by), line.currency, Sums(at_the_bank=-line.amount, fees=line.fee or 0)
        )
        for line in lines
    ]


def _key_of(line: LedgerLine, by: str) -> str | date:
    return {"course": line.course_id, "method": line.method}.get(by) or line.day


def _payment_line(row: PaymentAttempt, course_id: str, day: date) -> LedgerLine:
    amount = row.amount if row.received_amount is None else row.received_amount
    return LedgerLine(
        *(LineKind.PAYMENT, row.id, day, row.booking_id, course_id, CARD, row.state),
        currency=row.received_currency or row.currency,
        amount=amount,
        fee=row.fee,
        payout_id=row.payout_id or "",
        number=number_of(row.booking_id),
    )


def _refund_line(row: Refund, course_id: str, day: date) -> LedgerLine:
    return LedgerLine(
        *(LineKind.REFUND, row.id, day, row.booking_id, course_id, CARD, row.state),
        currency=row.currency,
        amount=-row.amount,
        fee=row.fee,
        payout_id=row.payout_id or "",
        number=number_of(row.booking_id),
    )


def _hand_line(row: OfflinePayment, course_id: str, day: date) -> LedgerLine:
    is_in = row.direction == Direction.IN.value
    return LedgerLine(
        *(LineKind.BY_HAND, row.id, day, row.booking_id, course_id, row.method, row.state),
        currency=row.currency,
        amount=row.amount if is_in else -row.amount,
        number=number_of(row.booking_id),
    )
