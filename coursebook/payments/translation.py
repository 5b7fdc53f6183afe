"""From Stripe's JSON to our dataclasses: Stripe's words stop here."""

import re
from datetime import UTC, datetime
from typing import Any

from coursebook.domain.dispute import FROM_STRIPE as DISPUTE_FROM_STRIPE
from coursebook.domain.dispute import DisputeState
from coursebook.domain.external_text import clean_id, clean_line, mail_address
from coursebook.domain.refund import FROM_STRIPE, RefundState
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.payments.gateway import (
    BadWebhook,
    DisputeFacts,
    PaymentFacts,
    RefundFacts,
    SessionFacts,
    WebhookFacts,
    maker_in,
)

OUR_IDS, LONGEST_SENTENCE = 40, 500
"""Characters of an id of ours, as columns hold them, and of what Stripe says in words."""
_ID = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*", re.ASCII)


def session_facts(raw: dict[str, Any]) -> SessionFacts:
    """Read a session; with its payment only when `payment_intent` was expanded."""
    intent = raw.get("payment_intent")
    opened = intent if isinstance(intent, dict) else {}
    charge = opened.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    mark = raw.get("metadata") or {}
    error = opened.get("last_payment_error") or {}
    status = _session_status(raw, opened)
    return SessionFacts(
        id=raw["id"],
        status=status,
        url=raw.get("url"),
        amount=raw.get("amount_total") or 0,
        currency=raw.get("currency") or "",
        mode=raw["mode"],
        livemode=raw["livemode"],
        maker=maker_in(mark),
        booking_id=clean_id(mark.get("booking_id"), OUR_IDS),
        attempt_number=_number_of(mark),
        payment_intent_id=_id_of(intent),
        last_error=clean_line(error.get("message"), LONGEST_SENTENCE) or None,
        receipt_url=charge.get("receipt_url"),
        payer_email=mail_address((raw.get("customer_details") or {}).get("email")),
        expires_at=datetime.fromtimestamp(raw["expires_at"], UTC),
        charged=charge.get("amount_captured") or 0,
        refunded=charge.get("amount_refunded") or 0,
        is_disputed=bool(charge.get("disputed")),
        taken_at=_taken_at(status, opened, charge),
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


def _taken_at(
    status: CheckoutSessionStatus, intent: dict[str, Any], charge: dict[str, Any]
) -> datetime | None:
    """Return when the money was taken or, for a debit, given.

    A charge is made when the person pays: a card's at once, a debit's still `pending`. A bank
    transfer has none before the money is there, but its PaymentIntent.
    """
    if status not in (CheckoutSessionStatus.PAID, CheckoutSessionStatus.PROCESSING):
        return None
    at = charge.get("created") or intent.get("created")
    return datetime.fromtimestamp(at, UTC) if at else None


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
        our_id=clean_id((raw.get("metadata") or {}).get("refund_id"), OUR_IDS),
        failure=clean_line(raw.get("failure_reason"), LONGEST_SENTENCE) or None,
        payment_intent_id=_id_of(raw.get("payment_intent")),
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


def dispute_facts(raw: dict[str, Any]) -> DisputeFacts:
    """Read a dispute, or an inquiry, which Stripe keeps in the same place."""
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
    )


def payment_facts(raw: dict[str, Any]) -> PaymentFacts:
    """Read a PaymentIntent whose charge was expanded."""
    charge = raw.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    mark = raw.get("metadata") or {}
    return PaymentFacts(
        id=raw["id"],
        maker=maker_in(mark),
        booking_id=clean_id(mark.get("booking_id"), OUR_IDS),
        attempt_number=_number_of(mark),
        received=raw.get("amount_received") or 0,
        refunded=charge.get("amount_refunded") or 0,
        currency=raw["currency"],
        created=datetime.fromtimestamp(raw["created"], UTC),
    )


def webhook_facts(raw: dict[str, Any]) -> WebhookFacts:
    """Read an event. Raises BadWebhook for what Stripe would not send."""
    data = raw.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    key, kind, livemode = raw.get("id"), raw.get("type"), raw.get("livemode")
    if not isinstance(thing, dict) or not isinstance(livemode, bool):
        raise BadWebhook("The body is not a Stripe event.")
    if not _fits(_ID, key, 255) or not _fits(_TYPE, kind, 120):
        raise BadWebhook("The body is not a Stripe event.")
    about = thing.get("id")
    is_intent = thing.get("object") == "payment_intent"
    return WebhookFacts(
        id=str(key),
        type=str(kind),
        object_id=str(about) if _fits(_ID, about, 255) else "",
        payment_intent_id=_id_of(thing if is_intent else thing.get("payment_intent")),
        livemode=livemode,
        payload=raw,
    )


def _number_of(mark: dict[str, Any]) -> int | None:
    number = str(mark.get("attempt", ""))
    return int(number) if re.fullmatch(r"[0-9]{1,8}", number) else None


def _id_of(given: object) -> str | None:
    """Return the id in a field that may hold the whole object instead."""
    found = given.get("id") if isinstance(given, dict) else given
    return str(found) if _fits(_ID, found, 255) else None


def _fits(shape: re.Pattern[str], given: object, longest: int) -> bool:
    return isinstance(given, str) and len(given) <= longest and bool(shape.fullmatch(given))
