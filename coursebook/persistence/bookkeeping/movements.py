"""Stripe's balance transactions on payments and refunds, and the payouts that they went into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.money_tables import (
    PAID_OUT,
    UNPRICED_PAYMENT,
    UNPRICED_REFUND,
    PaymentAttempt,
    Payout,
    Refund,
)

_OURS = col(PaymentAttempt.is_foreign).is_(False)


@dataclass(frozen=True)
class Movement:
    """What a balance transaction says: the columns of a payment or a refund.

    `fee` and `net` are None when Stripe exchanged the money into another currency.
    `receipt_number` is "" for a refund, and before Stripe mailed a receipt.
    """

    balance_id: str
    fee: int | None
    net: int | None
    available_on: datetime
    payout_id: str | None = None
    receipt_number: str = ""


class Movements:
    """The columns of `payment_attempt` and `refund` about fees, and the table `payout`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim_payments(
        self, asked_before: datetime, now: datetime, limit: int
    ) -> list[tuple[str, str]]:
        """Take payments without a fee: their ids and PaymentIntents. They count as asked now."""
        query = unpriced_payments(asked_before).limit(limit).with_for_update(skip_locked=True)
        attempts = (await self._session.scalars(query)).all()
        for attempt in attempts:
            attempt.balance_asked_at = now
        return [(attempt.id, str(attempt.payment_intent_id)) for attempt in attempts]

    async def claim_refunds(
        self, asked_before: datetime, now: datetime, limit: int
    ) -> list[tuple[str, str]]:
        """Take refunds without a balance transaction: their ids and those at Stripe."""
        query = unpriced_refunds(asked_before).limit(limit).with_for_update(skip_locked=True)
        refunds = (await self._session.scalars(query)).all()
        for refund in refunds:
            refund.balance_asked_at = now
        return [(refund.id, str(refund.stripe_refund_id)) for refund in refunds]

    async def store_of_payment(self, attempt_id: str, movement: Movement) -> None:
        """Store what Stripe says of a payment."""
        values = _values(movement)
        if movement.receipt_number:
            values["receipt_number"] = movement.receipt_number
        await self._store(PaymentAttempt, attempt_id, values)

    async def store_of_refund(self, refund_id: str, movement: Movement) -> None:
        """Store what Stripe says of a refund."""
        values = _values(movement)
        del values["net"], values["available_on"]
        await self._store(Refund, refund_id, values)

    async def payments_of(self, payment_intent_ids: Sequence[str]) -> dict[str, PaymentAttempt]:
        """Return our payments by their PaymentIntents, fresh from the database."""
        query = sa.select(PaymentAttempt).where(
            col(PaymentAttempt.payment_intent_id).in_(payment_intent_ids), _OURS
        )
        fresh = query.execution_options(populate_existing=True)
        return {str(a.payment_intent_id): a for a in (await self._session.scalars(fresh)).all()}

    async def refunds_of(self, stripe_refund_ids: Sequence[str]) -> dict[str, Refund]:
        """Return our refunds by their ids at Stripe, fresh from the database."""
        query = sa.select(Refund).where(col(Refund.stripe_refund_id).in_(stripe_refund_ids))
        fresh = query.execution_options(populate_existing=True)
        return {str(r.stripe_refund_id): r for r in (await self._session.scalars(fresh)).all()}

    async def find_payout(self, payout_id: str) -> Payout | None:
        """Return one payout, fresh from the database."""
        return await self._session.get(Payout, payout_id, populate_existing=True)

    async def keep_payout(self, payout: Payout) -> None:
        """Store a payout as Stripe has it now."""
        values = payout.model_dump()
        if not await insert_once(self._session, Payout, values, ["id"]):
            statement = sa.update(Payout).where(col(Payout.id) == payout.id).values(values)
            await self._session.execute(statement.execution_options(synchronize_session=False))

    async def newest_payout(self) -> datetime | None:
        """Return when the newest payout was made."""
        return await self._session.scalar(
            sa.select(col(Payout.created_at)).order_by(col(Payout.created_at).desc()).limit(1)
        )

    async def payouts_under_way(self, limit: int) -> list[str]:
        """Return the ids of payouts that have not arrived yet, oldest look first."""
        states = [state.value for state in PayoutState if state.is_under_way]
        query = (
            sa.select(col(Payout.id))
            .where(col(Payout.state).in_(states))
            .order_by(col(Payout.looked_at))
            .limit(limit)
        )
        return list((await self._session.scalars(query)).all())

    async def net_of_payout(self, payout_id: str) -> int | None:
        """Return the net sum of our payments and refunds in a payout.

        None when the fee of one is not known, since Stripe exchanged it into another currency.
        """
        net = sa.select(
            sa.func.coalesce(sa.func.sum(col(PaymentAttempt.net)), 0),
            sa.func.count() - sa.func.count(col(PaymentAttempt.net)),
        ).where(col(PaymentAttempt.payout_id) == payout_id, sa.text(PAID_OUT))
        back = sa.select(
            sa.func.coalesce(sa.func.sum(col(Refund.amount) + col(Refund.fee)), 0),
            sa.func.count() - sa.func.count(col(Refund.fee)),
        ).where(col(Refund.payout_id) == payout_id, sa.text(PAID_OUT))
        came, came_unknown = (await self._session.execute(net)).one()
        went, went_unknown = (await self._session.execute(back)).one()
        return None if came_unknown or went_unknown else int(came or 0) - int(went or 0)

    async def _store(
        self, table: type[PaymentAttempt | Refund], row_id: str, values: dict[str, Any]
    ) -> None:
        if values.get("payout_id") is None:
            values.pop("payout_id", None)  # an older answer must not forget it
        statement = sa.update(table).where(col(table.id) == row_id).values(values)
        await self._session.execute(statement.execution_options(synchronize_session=False))


def _values(movement: Movement) -> dict[str, Any]:
    return {
        "balance_id": movement.balance_id,
        "fee": movement.fee,
        "net": movement.net,
        "available_on": movement.available_on,
        "payout_id": movement.payout_id,
    }


def unpriced_payments(asked_before: datetime) -> sa.Select[PaymentAttempt]:
    """Return the query for payments without a fee, last asked about before then."""
    is_due = _is_due(PaymentAttempt, asked_before)
    return sa.select(PaymentAttempt).where(sa.text(UNPRICED_PAYMENT), is_due, _OURS)


def unpriced_refunds(asked_before: datetime) -> sa.Select[Refund]:
    """Return the query for refunds without a balance transaction, last asked about before then."""
    return sa.select(Refund).where(sa.text(UNPRICED_REFUND), _is_due(Refund, asked_before))


def _is_due(table: type[PaymentAttempt | Refund], asked_before: datetime) -> sa.ColumnElement[bool]:
    asked_at = col(table.balance_asked_at)
    return sa.or_(asked_at.is_(None), asked_at < asked_before)
