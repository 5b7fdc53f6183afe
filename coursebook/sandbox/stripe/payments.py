"""Attempts to pay an open session, and their outcomes."""

from dataclasses import dataclass
from typing import Literal

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.balance import book
from coursebook.sandbox.stripe.discounts import redeem
from coursebook.sandbox.stripe.disputes import open_dispute
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.fees import fee_of_charge
from coursebook.sandbox.stripe.payment_objects import (
    new_charge,
    new_intent,
    payment_error,
    receipt_number,
)
from coursebook.sandbox.stripe.resources import load, save
from coursebook.sandbox.stripe.session_objects import details
from coursebook.sandbox.stripe.test_cards import (
    BY_NAME,
    DEBIT_FAILED,
    NOT_AUTHENTICATED,
    Card,
    Decline,
)


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt; `event` is the id of `checkout.session.completed` if paid."""

    status: Literal["paid", "processing", "declined", "challenged", "closed"]
    message: str = ""
    event: str | None = None


def pay(context: Context, key: str, card: Card | None, email: str) -> Outcome:
    """Try to pay an open session. `card` is None when there is nothing to pay."""
    with context.store.transaction():
        session = load(context, "checkout.session", key, "session")
        if session["status"] != "open":
            return Outcome("closed")
        session["customer_details"] = details(email)
        if session["amount_total"] == 0 or card is None:
            if session["payment_intent"]:  # a discount after a declined card
                cancel_intent(context, session["payment_intent"])
                session["payment_intent"] = None
            return _complete(context, session, "no_payment_required")
        intent = _intent_of(context, session)
        if card.challenge:
            return _challenge(context, session, intent, card)
        return _charge(context, session, intent, card)


def answer_challenge(context: Context, key: str, *, passed: bool) -> Outcome:
    """Continue after the authentication page."""
    with context.store.transaction():
        session = load(context, "checkout.session", key, "session")
        name = session.pop("_challenge", None)
        if session["status"] != "open" or name is None:
            return Outcome("closed")
        save(context, session, due=session["_closes_at"])
        intent = load(context, "payment_intent", session["payment_intent"], "intent")
        intent["next_action"] = None
        if passed:
            return _charge(context, session, intent, BY_NAME[name])
        return _refuse(context, intent, NOT_AUTHENTICATED, None, "card")


def settle(context: Context, intent: Body, *, succeeds: bool) -> None:
    """Settle a delayed payment."""
    with context.store.transaction():
        session = load(context, "checkout.session", intent["_session"], "session")
        charge = load(context, "charge", intent["latest_charge"], "charge")
        if succeeds:
            _collect(context, intent, charge)
            session["payment_status"] = "paid"
            save(context, session)
            emit(context, "checkout.session.async_payment_succeeded", session)
            _dispute(context, charge)
        else:
            _fail_charge(context, charge, DEBIT_FAILED)
            _refuse(context, intent, DEBIT_FAILED, charge["id"], "sepa_debit")
            emit(context, "checkout.session.async_payment_failed", session)


def _intent_of(context: Context, session: Body) -> Body:
    if session["payment_intent"]:
        intent = load(context, "payment_intent", session["payment_intent"], "intent")
        intent["amount"] = session["amount_total"]  # a discount may have changed it
        return intent
    intent = new_intent(session, context.clock.seconds())
    session["payment_intent"] = intent["id"]
    save(context, session, due=session["_closes_at"])
    return save(context, intent)


def cancel_intent(context: Context, key: str) -> None:
    """Cancel a PaymentIntent that can no longer be paid."""
    intent = load(context, "payment_intent", key, "intent")
    intent |= {
        "status": "canceled",
        "canceled_at": context.clock.seconds(),
        "cancellation_reason": "automatic",
        "next_action": None,
    }
    save(context, intent)
    emit(context, "payment_intent.canceled", intent)


def _challenge(context: Context, session: Body, intent: Body, card: Card) -> Outcome:
    session["_challenge"] = card.name
    save(context, session, due=session["_closes_at"])
    page = f"{context.options.public_url}/c/pay/{session['id']}/challenge"
    target = {"return_url": None, "url": page}
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": target}
    save(context, intent)
    emit(context, "payment_intent.requires_action", intent)
    return Outcome("challenged")


def _charge(context: Context, session: Body, intent: Body, card: Card) -> Outcome:
    email = session["customer_details"]["email"]
    charge = new_charge(intent, card, email, context.clock.seconds(), context.options.public_url)
    save(context, charge)
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    if card.debit:
        return _debit(context, session, intent, charge, card)
    if card.decline:
        _fail_charge(context, charge, card.decline)
        save(context, session, due=session["_closes_at"])
        return _refuse(context, intent, card.decline, charge["id"], "card")
    _collect(context, intent, charge)
    outcome = _complete(context, session, "paid")
    _dispute(context, charge)
    return outcome


def _debit(context: Context, session: Body, intent: Body, charge: Body, card: Card) -> Outcome:
    assert card.debit is not None
    emit(context, "charge.pending", charge)
    intent |= {"status": "processing", "_succeeds": card.debit.succeeds, "last_payment_error": None}
    save(context, intent, due=context.clock.now() + card.debit.after)
    emit(context, "payment_intent.processing", intent)
    return _complete(context, session, "unpaid")


def _collect(context: Context, intent: Body, charge: Body) -> None:
    kind = "payment" if BY_NAME[charge["_card"]].debit else "charge"
    entry = book(context, charge, charge["amount"], kind, "charge", fee=fee_of_charge(charge))
    charge |= {
        "amount_captured": charge["amount"],
        "balance_transaction": entry["id"],
        "captured": True,
        "outcome": _network_outcome("approved_by_network", "authorized", "Payment complete."),
        "paid": True,
        "receipt_number": receipt_number(charge["id"]),
        "status": "succeeded",
    }
    save(context, charge)
    emit(context, "charge.succeeded", charge)
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "status": "succeeded",
    }
    save(context, intent)
    emit(context, "payment_intent.succeeded", intent)


def _dispute(context: Context, charge: Body) -> None:
    """Open the dispute that the test card causes."""
    spec = BY_NAME[charge["_card"]].dispute
    if spec is not None:
        open_dispute(context, charge, spec.reason, inquiry=spec.inquiry)


def _complete(context: Context, session: Body, payment_status: str) -> Outcome:
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    save(context, session)
    redeem(context, session)
    event = emit(context, "checkout.session.completed", session)
    status: Literal["paid", "processing"] = "processing" if payment_status == "unpaid" else "paid"
    return Outcome(status, event=event["id"])


def _fail_charge(context: Context, charge: Body, decline: Decline) -> None:
    outcome = _network_outcome("declined_by_network", "issuer_declined", decline.message)
    outcome["reason"] = decline.decline_code or decline.code
    charge |= {
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": outcome,
        "status": "failed",
    }
    save(context, charge)
    emit(context, "charge.failed", charge)


def _refuse(
    context: Context, intent: Body, decline: Decline, charge: str | None, method: str
) -> Outcome:
    intent |= {
        "last_payment_error": payment_error(decline, charge, method),
        "payment_method": None,
        "status": "requires_payment_method",
    }
    save(context, intent)
    emit(context, "payment_intent.payment_failed", intent)
    return Outcome("declined", decline.message)


def _network_outcome(status: str, kind: str, message: str) -> Body:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": status,
        "reason": None,
        "seller_message": message,
        "type": kind,
    }
