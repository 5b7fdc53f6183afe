"""Rows of the dashboard's lists: payments, refunds, disputes, events."""

from dataclasses import dataclass

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.labels import (
    OF_DELIVERY,
    OF_DISPUTE,
    OF_PAYOUT,
    OF_REFUND,
    StatusLabel,
    method_in_words,
    payment_status_label,
    status_label,
)
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.disputes import is_open
from coursebook.sandbox.stripe.payouts import UNDER_WAY

DELIVERY = "delivery"
NO_ENDPOINT = StatusLabel("No webhook address", "calm")
MAX_ID_LENGTH = 32
CAN_FAIL = ("pending", "succeeded")


@dataclass(frozen=True)
class PaymentRow:
    """One row of a list of payments."""

    session: Body
    title: str
    status_label: StatusLabel
    method: str
    paid_by: str


@dataclass(frozen=True)
class RefundRow:
    """One row of a list of refunds; `payment` is an address."""

    refund: Body
    status_label: StatusLabel
    payment: str
    can_fail: bool


@dataclass(frozen=True)
class PayoutRow:
    """One row of a list of payouts."""

    payout: Body
    status_label: StatusLabel
    is_under_way: bool


@dataclass(frozen=True)
class DisputeRow:
    """One row of a list of disputes; `payment` is an address."""

    dispute: Body
    status_label: StatusLabel
    payment: str
    is_open: bool
    is_inquiry: bool


@dataclass(frozen=True)
class EventRow:
    """One row of a list of events."""

    id: str
    type: str
    about: str
    created: int
    status_label: StatusLabel
    attempts: int

    @property
    def about_short(self) -> str:
        """The id of the object, shortened in the middle if it is long."""
        key = self.about
        return key if len(key) <= MAX_ID_LENGTH else f"{key[:16]}…{key[-6:]}"


def payment_row(context: Context, session: Body) -> PaymentRow:
    """Return the row of one session."""
    intent = context.store.get("payment_intent", session["payment_intent"] or "")
    charge = context.store.get("charge", (intent or {}).get("latest_charge") or "")
    dispute = context.store.get("dispute", (charge or {}).get("_dispute", ""))
    items = session["_line_items"]
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return PaymentRow(
        session=session,
        title=items[0]["description"] + more,
        status_label=payment_status_label(session, intent, charge, dispute),
        method=method_in_words(charge) if charge else "",
        paid_by=(session["customer_details"] or {}).get("email") or "",
    )


def refund_row(context: Context, refund: Body) -> RefundRow:
    """Return the row of one refund."""
    return RefundRow(
        refund=refund,
        status_label=status_label(OF_REFUND, refund["status"]),
        payment=payment_address(context, refund["payment_intent"]),
        can_fail=refund["status"] in CAN_FAIL,
    )


def payout_row(payout: Body) -> PayoutRow:
    """Return the row of one payout."""
    status = payout["status"]
    return PayoutRow(payout, status_label(OF_PAYOUT, status), is_under_way=status in UNDER_WAY)


def dispute_row(context: Context, dispute: Body) -> DisputeRow:
    """Return the row of one dispute."""
    return DisputeRow(
        dispute=dispute,
        status_label=status_label(OF_DISPUTE, dispute["status"]),
        payment=payment_address(context, dispute["payment_intent"]),
        is_open=is_open(dispute),
        is_inquiry=dispute["status"].startswith("warning_"),
    )


def event_row(context: Context, event: Body) -> EventRow:
    """Return the row of one event; its status is that of its newest delivery."""
    newest = context.store.find(DELIVERY, Filter(parent=event["id"]), limit=1)
    return EventRow(
        id=event["id"],
        type=event["type"],
        about=event["data"]["object"]["id"],
        created=event["created"],
        status_label=status_label(OF_DELIVERY, newest[0]["state"]) if newest else NO_ENDPOINT,
        attempts=len(newest[0]["answers"]) if newest else 0,
    )


def payment_address(context: Context, intent_id: str | None) -> str:
    """Return the address of the payment page of a PaymentIntent, or an empty text."""
    intent = context.store.get("payment_intent", intent_id or "")
    return f"/payments/{intent['_session']}" if intent else ""
