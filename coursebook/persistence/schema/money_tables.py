"""Tables about money: attempts, refunds, disputes, payouts, the money inbox, reconciliation."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.attempt import AttemptState
from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.columns import (
    ID_LENGTH,
    json,
    moment,
    one_of,
    partial_index,
    switch,
    text,
)

TAKEN = "state = 'succeeded'"
"""The condition of the index of payments that came, for the ledger."""
UNPRICED_PAYMENT = f"{TAKEN} AND balance_id IS NULL AND payment_intent_id IS NOT NULL"
UNPRICED_REFUND = "state <> 'failed' AND balance_id IS NULL AND stripe_refund_id IS NOT NULL"
"""Conditions of the indexes of payments and refunds whose balance transaction is not known yet."""
PAID_OUT = "payout_id IS NOT NULL"
RECEIPTED = "receipt_number IS NOT NULL"


class PaymentAttempt(SQLModel, table=True):
    """One Checkout Session of a booking. Key and parameters are stored before Stripe is called.

    `asked_at`: when Stripe was last asked about the session; the code calls this "checked", but a
    new column name is not worth a migration. `received_…`: the amount that Stripe took, when it
    differs from the amount due. `taken_at`: when Stripe took the money, or accepted a debit.
    `payer_email`: the address entered on the payment page. `receipt_number`: that of the receipt
    that Stripe mailed, null before. `is_foreign`: made by the installation
    that this database was copied from; never act on it at Stripe.

    `fee` and `net` (minor units of what Stripe took), `balance_id` and `available_on` are those of
    Stripe's balance transaction, `payout_id` is the payout that it went into; all null until
    Stripe was asked (`balance_asked_at`).
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        one_of("state", AttemptState),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.UniqueConstraint("booking_id", "number"),
        sa.Index("ix_payment_attempt_state_asked_at", "state", "asked_at"),
        sa.Index("ix_payment_attempt_created_at_id", "created_at", "id"),
        partial_index("ix_payment_attempt_taken", "taken_at", "id", where=TAKEN),
        partial_index("ix_payment_attempt_unpriced", "balance_asked_at", where=UNPRICED_PAYMENT),
        partial_index("ix_payment_attempt_payout_id", "payout_id", where=PAID_OUT),
        partial_index("ix_payment_attempt_receipt_number", "receipt_number", where=RECEIPTED),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    booking_id: str = Field(foreign_key="booking.id", max_length=ID_LENGTH)
    number: int
    state: str = Field(max_length=20)
    amount: int
    currency: str = Field(max_length=3)
    idempotency_key: str = Field(unique=True, max_length=255)
    params: dict[str, Any] = Field(sa_column=json())
    expires_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    session_id: str | None = Field(default=None, unique=True, max_length=255)
    checkout_url: str | None = Field(default=None, sa_column=text(nullable=True))
    payment_intent_id: str | None = Field(default=None, index=True, max_length=255)
    is_disputed: bool = False
    is_foreign: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    received_amount: int | None = None
    received_currency: str | None = Field(default=None, max_length=3)
    last_error: str | None = Field(default=None, sa_column=text(nullable=True))
    receipt_url: str | None = Field(default=None, sa_column=text(nullable=True))
    receipt_number: str | None = Field(default=None, max_length=40)
    payer_email: str | None = Field(default=None, max_length=320)
    taken_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    fee: int | None = None
    net: int | None = None
    balance_id: str | None = Field(default=None, max_length=255)
    available_on: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    payout_id: str | None = Field(default=None, max_length=255)
    balance_asked_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    asked_at: datetime = Field(sa_column=moment())
    reconciled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())


class Refund(SQLModel, table=True):
    """A refund: ours, or made in Stripe's dashboard (then without our key).

    `reason`: why, in an operator's own words, `note`: a message to the student, `asked_by`: the
    operator; all empty when a rule asked for it. The mail about the refund has both texts.
    `fee`, `balance_id` and `payout_id` are as those of a payment attempt.
    """

    __tablename__ = "refund"
    __table_args__ = (
        one_of("state", RefundState),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.Index("ix_refund_state_updated_at", "state", "updated_at"),
        sa.Index("ix_refund_created_at_id", "created_at", "id"),
        partial_index("ix_refund_unpriced", "balance_asked_at", where=UNPRICED_REFUND),
        partial_index("ix_refund_payout_id", "payout_id", where=PAID_OUT),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    booking_id: str = Field(foreign_key="booking.id", index=True, max_length=ID_LENGTH)
    attempt_id: str = Field(foreign_key="payment_attempt.id", index=True, max_length=ID_LENGTH)
    state: str = Field(max_length=20)
    amount: int
    currency: str = Field(max_length=3)
    cause: str = Field(max_length=60)
    idempotency_key: str | None = Field(default=None, unique=True, max_length=255)
    stripe_refund_id: str | None = Field(default=None, unique=True, max_length=255)
    last_error: str | None = Field(default=None, sa_column=text(nullable=True))
    reason: str = Field(default="", sa_column=text(server_default=""))
    note: str = Field(default="", sa_column=text(server_default=""))
    asked_by: str = Field(default="", sa_column=text(160, server_default=""))
    fee: int | None = None
    balance_id: str | None = Field(default=None, max_length=255)
    payout_id: str | None = Field(default=None, max_length=255)
    balance_asked_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())


class Dispute(SQLModel, table=True):
    """A dispute as Stripe reports it: a bank questions a payment or has reversed it.

    `fee`: what Stripe took for it so far, null before Stripe said so.
    """

    __tablename__ = "dispute"
    __table_args__ = (one_of("state", DisputeState),)

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    booking_id: str = Field(foreign_key="booking.id", index=True, max_length=ID_LENGTH)
    attempt_id: str = Field(foreign_key="payment_attempt.id", index=True, max_length=ID_LENGTH)
    stripe_dispute_id: str = Field(unique=True, max_length=255)
    state: str = Field(max_length=20, index=True)
    amount: int
    currency: str = Field(max_length=3)
    reason: str = Field(max_length=60)
    answer_by: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    fee: int | None = None
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())


class Payout(SQLModel, table=True):
    """Money that Stripe sent to the school's bank. `id` is Stripe's.

    `other_net`: the net amount in it that is no payment or refund of ours, such as disputes or
    payments of other programs; null until Stripe listed what is in it. For a payout that is not
    `is_automatic`, Stripe does not list anything.
    """

    __tablename__ = "payout"
    __table_args__ = (
        one_of("state", PayoutState),
        sa.Index("ix_payout_created_at_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, max_length=255)
    amount: int
    currency: str = Field(max_length=3)
    state: str = Field(max_length=20)
    is_automatic: bool = Field(default=True, sa_column=switch())
    arrives_on: datetime = Field(sa_column=moment())
    other_net: int | None = None
    created_at: datetime = Field(sa_column=moment())
    looked_at: datetime = Field(sa_column=moment())


class MoneyInboxEntry(SQLModel, table=True):
    """A decision about money for a person, one for each cause.

    `subject_id`: the refund, dispute or outbox message that it is about. `acted_at`: when its
    action began. It closes (`resolved_at`) when its cause is gone, or by a person.
    """

    __tablename__ = "money_inbox_entry"
    __table_args__ = (
        sa.Index(
            "ix_money_inbox_entry_open",
            "created_at",
            "id",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
        sa.Index(
            "ix_money_inbox_entry_closed",
            "created_at",
            "id",
            sqlite_where=sa.text("resolved_at IS NOT NULL"),
            postgresql_where=sa.text("resolved_at IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    dedupe_key: str = Field(unique=True, max_length=255)
    kind: str = Field(max_length=60)
    booking_id: str | None = Field(
        default=None, foreign_key="booking.id", index=True, max_length=ID_LENGTH
    )
    attempt_id: str | None = Field(default=None, max_length=ID_LENGTH)
    subject_id: str | None = Field(default=None, max_length=255)
    session_id: str | None = Field(default=None, max_length=255)
    amount: int | None = None
    currency: str | None = Field(default=None, max_length=3)
    detail: str = Field(sa_column=text())
    created_at: datetime = Field(sa_column=moment())
    acted_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    acted_by: str | None = Field(default=None, max_length=160)
    resolved_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    resolved_by: str | None = Field(default=None, max_length=160)
    resolution: str | None = Field(default=None, max_length=20)
    note: str | None = Field(default=None, sa_column=text(nullable=True))


class Reconciliation(SQLModel, table=True):
    """The progress of a comparison with Stripe, so that an interrupted run can continue."""

    __tablename__ = "reconciliation"

    name: str = Field(primary_key=True, max_length=60)
    since: datetime = Field(sa_column=moment())
    stage: str = Field(max_length=20)
    cursor: str | None = Field(default=None, max_length=255)
    looked_at: int = 0
    found: list[dict[str, Any]] = Field(sa_column=json())
    leased_until: datetime = Field(sa_column=moment())
    started_at: datetime = Field(sa_column=moment())
    finished_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
