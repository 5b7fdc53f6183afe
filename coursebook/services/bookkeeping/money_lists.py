"""Lists of payments, refunds and payouts, and what is in a payout."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from coursebook.domain.booking import number_of
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import PayoutNotFound
from coursebook.identity.principal import Principal
from coursebook.persistence.bookkeeping.money_lists import Row
from coursebook.persistence.schema.tables import PaymentAttempt, Payout, Refund
from coursebook.persistence.unit_of_work import reading
from coursebook.services.bookings.balance import received_money
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.views import MoneyView

PAYMENTS, REFUNDS, PAYOUTS = "payments:taken_at", "refunds:created_at", "payouts:created_at"
MAX_IN_PAYOUT = 5000
T = TypeVar("T")


@dataclass(frozen=True)
class MoneyMovement:
    """A payment or a refund that went through Stripe. `amount` is positive.

    `fee` and `net` are None until Stripe has said them; the `net` of a refund is negative. `name`
    is None for somebody who may not see people. `is_disputed`: a bank has the money.
    """

    id: str
    stripe_id: str
    booking_id: str
    number: str
    name: str | None
    course_id: str
    course: str
    at: datetime
    state: str
    amount: MoneyView
    fee: MoneyView | None
    net: MoneyView | None
    payout_id: str
    is_disputed: bool = False


@dataclass(frozen=True)
class PayoutView:
    """Money that Stripe sent to the bank.

    `other` is what is neither a payment nor a refund of ours, such as disputes and their fees, or
    money of other programs on the account; None while Stripe has not listed what is in it.
    """

    id: str
    amount: MoneyView
    state: str
    is_automatic: bool
    arrives_on: datetime
    created_at: datetime
    other: MoneyView | None


@dataclass(frozen=True)
class PayoutDetails:
    """A payout with the payments and refunds in it; with `other` they add up to its amount."""

    payout: PayoutView
    payments: Sequence[MoneyMovement]
    refunds: Sequence[MoneyMovement]


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """One page of a list, the newest first."""

    items: Sequence[T]
    next_cursor: str | None


class MoneyLists:
    """The use cases of the lists about money.

    Each raises Unauthenticated, Forbidden, Invalid for a wrong cursor, RateLimited and Unavailable.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def payments(
        self, who: Principal | None, limit: int = 20, cursor: str | None = None
    ) -> ListPage[MoneyMovement]:
        """Return payments by card."""
        rights, after = await self._rights(who), read_cursor(cursor, PAYMENTS)
        async with reading(self._context.database) as work:
            rows = await work.money_lists.payments(after, limit + 1)
        items = [_movement(row, rights) for row in rows]
        return _page(items, limit, PAYMENTS, lambda item: (item.at, item.id))

    async def refunds(
        self, who: Principal | None, limit: int = 20, cursor: str | None = None
    ) -> ListPage[MoneyMovement]:
        """Return refunds to cards."""
        rights, after = await self._rights(who), read_cursor(cursor, REFUNDS)
        async with reading(self._context.database) as work:
            rows = await work.money_lists.refunds(after, limit + 1)
        items = [_movement(row, rights) for row in rows]
        return _page(items, limit, REFUNDS, lambda item: (item.at, item.id))

    async def payouts(
        self, who: Principal | None, limit: int = 20, cursor: str | None = None
    ) -> ListPage[PayoutView]:
        """Return payouts."""
        await self._rights(who)
        after = read_cursor(cursor, PAYOUTS)
        async with reading(self._context.database) as work:
            rows = await work.money_lists.payouts(after, limit + 1)
        items = [_payout(row) for row in rows]
        return _page(items, limit, PAYOUTS, lambda item: (item.created_at, item.id))

    async def payout(self, who: Principal | None, payout_id: str) -> PayoutDetails:
        """Return a payout with what is in it. Raises PayoutNotFound too."""
        rights = await self._rights(who)
        async with reading(self._context.database) as work:
            row = await work.movements.find_payout(payout_id)
            if row is None:
                raise PayoutNotFound
            payments = await work.money_lists.payments_in(payout_id, MAX_IN_PAYOUT)
            refunds = await work.money_lists.refunds_in(payout_id, MAX_IN_PAYOUT)
        return PayoutDetails(
            _payout(row),
            [_movement(each, rights) for each in payments],
            [_movement(each, rights) for each in refunds],
        )

    async def _rights(self, who: Principal | None) -> Rights:
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_REPORTS)
        return rights


def _page(items: list[T], limit: int, kind: str, key: Any) -> ListPage[T]:  # noqa: ANN401
    shown = items[:limit]
    is_more = len(items) > limit
    return ListPage(shown, write_cursor(kind, *key(shown[-1])) if is_more else None)


def _movement(row: Row, rights: Rights) -> MoneyMovement:
    money, booking, user, course = row
    sees_people = rights.allows(Permission.SEE_PEOPLE, course.id)
    values: dict[str, Any] = {
        "id": money.id,
        "booking_id": booking.id,
        "number": number_of(booking.id),
        "name": (booking.participant_name or user.name) if sees_people else None,
        "course_id": course.id,
        "course": course.title,
        "state": money.state,
        "payout_id": money.payout_id or "",
    }
    return MoneyMovement(
        **values, **(_of_payment(money) if isinstance(money, PaymentAttempt) else _of_refund(money))
    )


def _of_payment(row: PaymentAttempt) -> dict[str, Any]:
    amount, currency = received_money(row)
    return {
        "stripe_id": row.payment_intent_id or "",
        "at": row.taken_at,
        "amount": MoneyView(amount, currency),
        "fee": None if row.fee is None else MoneyView(row.fee, currency),
        "net": None if row.net is None else MoneyView(row.net, currency),
        "is_disputed": row.is_disputed,
    }


def _of_refund(row: Refund) -> dict[str, Any]:
    net = None if row.fee is None else MoneyView(-row.amount - row.fee, row.currency)
    return {
        "stripe_id": row.stripe_refund_id or "",
        "at": row.created_at,
        "amount": MoneyView(row.amount, row.currency),
        "fee": None if row.fee is None else MoneyView(row.fee, row.currency),
        "net": net,
    }


def _payout(row: Payout) -> PayoutView:
    return PayoutView(
        id=row.id,
        amount=MoneyView(row.amount, row.currency),
        state=row.state,
        is_automatic=row.is_automatic,
        arrives_on=row.arrives_on,
        created_at=row.created_at,
        other=None if row.other_net is None else MoneyView(row.other_net, row.currency),
    )
