"""Responses of the lists of payments, refunds and payouts."""

from datetime import datetime

from pydantic import Field

from coursebook.api.schemas.manage.sums import Sum
from coursebook.api.schemas.models import NextCursor, ResponseModel
from coursebook.domain.bookkeeping.payout import PayoutState


class MoneyMovement(ResponseModel):
    """A payment or a refund that went through Stripe."""

    id: str
    stripe_id: str = Field(description="The PaymentIntent or the refund at Stripe.")
    booking_id: str
    number: str = Field(description="The number that people use; not unique.")
    name: str | None = Field(description="Null for callers who may not see people.")
    course_id: str
    course: str
    at: datetime
    state: str
    amount: Sum
    fee: Sum | None = Field(description="Null until Stripe has said it.")
    net: Sum | None = Field(description="What it moved; negative for a refund.")
    payout_id: str = Field(description="The payout that it went into; empty before.")
    is_disputed: bool


class MoneyMovements(ResponseModel):
    """One page of payments or refunds, the newest first."""

    items: list[MoneyMovement]
    next_cursor: NextCursor


class Payout(ResponseModel):
    """Money that Stripe sent to the bank."""

    id: str
    amount: Sum
    state: PayoutState
    is_automatic: bool = Field(description="Stripe lists what is in it only if it is.")
    arrives_on: datetime
    created_at: datetime
    other: Sum | None = Field(
        description="What is neither a payment nor a refund here: disputes, their fees, money of "
        "other programs. Null while Stripe has not listed it."
    )


class Payouts(ResponseModel):
    """One page of payouts, the newest first."""

    items: list[Payout]
    next_cursor: NextCursor


class PayoutDetails(ResponseModel):
    """A payout with what is in it: the `net` of all and `other` add up to its amount."""

    payout: Payout
    payments: list[MoneyMovement]
    refunds: list[MoneyMovement]
