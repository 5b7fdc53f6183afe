"""Translate Stripe's JSON into our dataclasses."""

import re
from datetime import UTC, datetime
from typing import Any

from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.domain.dispute import FROM_STRIPE as DISPUTE_FROM_STRIPE
from coursebook.domain.dispute import DisputeState
from coursebook.domain.external_text import clean_id, clean_line, mail_address
from coursebook.domain.refund import FROM_STRIPE, RefundState
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.payments.gateway import (
    BadWebhook,
    DisputeFacts,
    MovementFacts,
    PaymentFacts,
    PayoutFacts,
    RefundFacts,
    SessionFacts,
    WebhookFacts,
    maker_in,
)

MAX_OUR_ID, MAX_TEXT = 40, 500
MAX_RECEIPT_NUMBER = 40
"""Maximum characters of our ids (the width of their column) and of Stripe's texts."""
_ID = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*", re.ASCII)


def session_facts(raw: dict[str, Any]) -> SessionFacts:
    """Read a session. It has its payment only when `payment_intent` was expanded."""
    intent = raw.get("payment_intent")
    payment = intent if isinstance(intent, dict) else {}
    charge = payment.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    metadata = raw.get("metadata") or {}
    last_error = payment.get("last_payment_error") or {}
    status = _session_status(raw, payment)
    return SessionFacts(
        id=raw["id"],
        status=status,
        url=raw.get("url"),
        amount=raw.get("amount_total") or 0,
        currency=raw.get("currency") or "",
        mode=raw["mode"],
        livemode=raw["livemode"],
        maker=maker_in(metadata),
        booking_id=clean_id(metadata.get("booking_id"), MAX_OUR_ID),
        attempt_number=_number_of(metadata),
        payment_intent_id=_id_of(intent),
        last_error=clean_line(last_error.get("message"), MAX_TEXT) or None,
        receipt_url=charge.get("receipt_url"),
        receipt_number=_receipt_number(charge),
        payer_email=mail_address((raw.get("customer_details") or {}).get("email")),
        expires_at=datetime.fromtimestamp(raw["expires_at"], UTC),
        charged=charge.get("amount_captured") or 0,
        refunded=charge.get("amount_refunded") or 0,
        is_disputed=bool(charge.get("disputed")),
        taken_at=_taken_at(status, payment, charge),
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


def _receipt_number(charge: dict[str, Any]) -> str:
    """Return the number of the receipt that Stripe mailed, "" before that."""
    return clean_line(charge.get("receipt_number"), MAX_RECEIPT_NUMBER)


def _taken_at(
    status: CheckoutSessionStatus, intent: dict[str, Any], charge: dict[str, Any]
) -> datetime | None:
    """Return when the money was taken or a debit accepted.

    Stripe creates the charge when the student pays; a debit's charge is then still `pending`. A
    bank transfer has no charge before the money arrives, so use its PaymentIntent.
    """
    if status not in (CheckoutSessionStatus.PAID, CheckoutSessionStatus.PROCESSING):
        return None
    taken_at = charge.get("created") or intent.get("created")
    return datetime.fromtimestamp(taken_at, UTC) if taken_at else None


def _session_status(raw: dict[str, Any], intent: dict[str, Any]) -> CheckoutSessionStatus:
    if raw["status"] == "open":
        return CheckoutSessionStatus.OPEN
    if raw["status"] == "expired":
        return CheckoutSessionStatus.EXPIRED
    if raw["payment_status"] == "paid":
        return CheckoutSessionStatus.PAID
    if raw["payment_status"] == "no_payment_required":
        return CheckoutSessionStatus.NOTHING_TO_PAY
    failed = intent.get("status") in ("requires_payment_method", "canceled")
    return CheckoutSessionStatus.FAILED if failed else CheckoutSessionStatus.PROCESSING


def refund_facts(raw: dict[str, Any]) -> RefundFacts:
    """Read a refund."""
    return RefundFacts(
        id=raw["id"],
        state=FROM_STRIPE.get(raw.get("status") or "pending", RefundState.PENDING),
        amount=raw["amount"],
        currency=raw["currency"],
        our_id=clean_id((raw.get("metadata") or {}).get("refund_id"), MAX_OUR_ID),
        failure=clean_line(raw.get("failure_reason"), MAX_TEXT) or None,
        payment_intent_id=_id_of(raw.get("payment_intent")),
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


def dispute_facts(raw: dict[str, Any]) -> DisputeFacts:
    """Read a dispute or an inquiry, which Stripe keeps in the same list."""
    due = (raw.get("evidence_details") or {}).get("due_by")
    return DisputeFacts(
        id=raw["id"],
        state=DISPUTE_FROM_STRIPE.get(raw.get("status") or "", DisputeState.OPEN),
        amount=raw["amount"],
        currency=raw["currency"],
        reason=clean_line(raw.get("reason"), 60) or "general",
        livemode=raw["livemode"],
        payment_intent_id=_id_of(raw.get("payment_intent")),
        answer_by=datetime.fromtimestamp(due, UTC) if due else None,
        created=datetime.fromtimestamp(raw["created"], UTC),
        fee=sum(
            movement["fee"]
            for movement in raw.get("balance_transactions") or ()
            if movement["currency"] == raw["currency"]
        ),
    )


def payment_facts(raw: dict[str, Any]) -> PaymentFacts:
    """Read a PaymentIntent whose charge was expanded."""
    charge = raw.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    metadata = raw.get("metadata") or {}
    return PaymentFacts(
        id=raw["id"],
        maker=maker_in(metadata),
        booking_id=clean_id(metadata.get("booking_id"), MAX_OUR_ID),
        attempt_number=_number_of(metadata),
        received=raw.get("amount_received") or 0,
        refunded=charge.get("amount_refunded") or 0,
        currency=raw["currency"],
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


PAYMENT_TYPES, REFUND_TYPES = ("charge", "payment"), ("refund", "payment_refund")
"""The types of the balance transaction that a payment or a refund itself makes."""


def movement_facts(raw: dict[str, Any]) -> MovementFacts:
    """Read a balance transaction. Only an expanded `source` says which payment it belongs to."""
    source = raw.get("source")
    source = source if isinstance(source, dict) else {}
    is_refund = raw["type"] in REFUND_TYPES
    return MovementFacts(
        id=raw["id"],
        amount=raw["amount"],
        fee=raw["fee"],
        net=raw["net"],
        currency=raw["currency"],
        available_on=datetime.fromtimestamp(raw["available_on"], UTC),
        payment_intent_id=(
            _id_of(source.get("payment_intent")) if raw["type"] in PAYMENT_TYPES else None
        ),
        refund_id=_id_of(source or raw.get("source")) if is_refund else None,
        created=datetime.fromtimestamp(raw["created"], UTC),
        receipt_number=_receipt_number(source),
    )


def payout_facts(raw: dict[str, Any]) -> PayoutFacts:
    """Read a payout. A state that we do not know counts as pending."""
    states = {state.value: state for state in PayoutState}
    return PayoutFacts(
        id=raw["id"],
        amount=raw["amount"],
        currency=raw["currency"],
        state=states.get(raw["status"], PayoutState.PENDING),
        is_automatic=bool(raw["automatic"]),
        arrives_on=datetime.fromtimestamp(raw["arrival_date"], UTC),
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


def webhook_facts(raw: dict[str, Any]) -> WebhookFacts:
    """Read an event. Raises BadWebhook for JSON that Stripe would not send."""
    data = raw.get("data")
    target = data.get("object") if isinstance(data, dict) else None
    key, kind, livemode = raw.get("id"), raw.get("type"), raw.get("livemode")
    if not isinstance(target, dict) or not isinstance(livemode, bool):
        raise BadWebhook("The body is not a Stripe event.")
    if not _fits(_ID, key, 255) or not _fits(_TYPE, kind, 120):
        raise BadWebhook("The body is not a Stripe event.")
    object_id = target.get("id")
    is_intent = target.get("object") == "payment_intent"
    return WebhookFacts(
        id=str(key),
        type=str(kind),
        object_id=str(object_id) if _fits(_ID, object_id, 255) else "",
        payment_intent_id=_id_of(target if is_intent else target.get("payment_intent")),
        livemode=livemode,
        payload=raw,
    )


def _number_of(metadata: dict[str, Any]) -> int | None:
    number = str(metadata.get("attempt", ""))
    return int(number) if re.fullmatch(r"[0-9]{1,8}", number) else None


def _id_of(value: object) -> str | None:
    """Return the id in a field that may hold the whole object instead."""
    stripe_id = value.get("id") if isinstance(value, dict) else value
    return str(stripe_id) if _fits(_ID, stripe_id, 255) else None


def _fits(shape: re.Pattern[str], value: object, max_length: int) -> bool:
    return isinstance(value, str) and len(value) <= max_length and bool(shape.fullmatch(value))
