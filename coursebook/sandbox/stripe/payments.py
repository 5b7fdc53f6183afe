"""What happens when somebody tries to pay: one attempt on an open session, and its outcome."""

from dataclasses import dataclass
from typing import Literal

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.balance import book
from coursebook.sandbox.stripe.discounts import redeem
from coursebook.sandbox.stripe.disputes import open_dispute
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.payment_objects import new_charge, new_intent, payment_error
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
    """How an attempt ended; `event` is the id of `checkout.session.completed` when it was paid."""

    word: Literal["paid", "processing", "declined", "challenged", "closed"]
    message: str = ""
    event: str | None = None


def pay(world: Context, key: str, card: Card | None, email: str) -> Outcome:
    """Try to pay an open session. `card` is None when there is nothing to pay."""
    with world.store.transaction():
        session = load(world, "checkout.session", key, "session")
        if session["status"] != "open":
            return Outcome("closed")
        session["customer_details"] = details(email)
        if session["amount_total"] == 0 or card is None:
            if session["payment_intent"]:  # a discount came after a declined card
                cancel_intent(world, session["payment_intent"])
                session["payment_intent"] = None
            return _complete(world, session, "no_payment_required")
        intent = _intent_of(world, session)
        if card.challenge:
            return _ask(world, session, intent, card)
        return _charge(world, session, intent, card)


def answer_challenge(world: Context, key: str, *, passed: bool) -> Outcome:
    """Go on after the authentication page."""
    with world.store.transaction():
        session = load(world, "checkout.session", key, "session")
        name = session.pop("_challenge", None)
        if session["status"] != "open" or name is None:
            return Outcome("closed")
        save(world, session, due=session["_closes_at"])
        intent = load(world, "payment_intent", session["payment_intent"], "intent")
        intent["next_action"] = None
        if passed:
            return _charge(world, session, intent, BY_NAME[name])
        return _refuse(world, intent, NOT_AUTHENTICATED, None, "card")


def settle(world: Context, intent: Body, *, succeeds: bool) -> None:
    """Bring a delayed payment to its end."""
    with world.store.transaction():
        session = load(world, "checkout.session", intent["_session"], "session")
        charge = load(world, "charge", intent["latest_charge"], "charge")
        if succeeds:
            _collect(world, intent, charge)
            session["payment_status"] = "paid"
            save(world, session)
            emit(world, "checkout.session.async_payment_succeeded", session)
            _dispute(world, charge)
        else:
            _fail_charge(world, charge, DEBIT_FAILED)
            _refuse(world, intent, DEBIT_FAILED, charge["id"], "sepa_debit")
            emit(world, "checkout.session.async_payment_failed", session)


def _intent_of(world: Context, session: Body) -> Body:
    if session["payment_intent"]:
        intent = load(world, "payment_intent", session["payment_intent"], "intent")
        intent["amount"] = session["amount_total"]  # a discount may have come in between
        return intent
    intent = new_intent(session, world.clock.seconds())
    session["payment_intent"] = intent["id"]
    save(world, session, due=session["_closes_at"])
    return save(world, intent)


def cancel_intent(world: Context, key: str) -> None:
    """Cancel a started payment that can no longer be made."""
    intent = load(world, "payment_intent", key, "intent")
    intent |= {
        "status": "canceled",
        "canceled_at": world.clock.seconds(),
        "cancellation_reason": "automatic",
        "next_action": None,
    }
    save(world, intent)
    emit(world, "payment_intent.canceled", intent)


def _ask(world: Context, session: Body, intent: Body, card: Card) -> Outcome:
    session["_challenge"] = card.name
    save(world, session, due=session["_closes_at"])
    page = f"{world.options.public_url}/c/pay/{session['id']}/challenge"
    target = {"return_url": None, "url": page}
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": target}
    save(world, intent)
    emit(world, "payment_intent.requires_action", intent)
    return Outcome("challenged")


def _charge(world: Context, session: Body, intent: Body, card: Card) -> Outcome:
    email = session["customer_details"]["email"]
    charge = new_charge(intent, card, email, world.clock.seconds(), world.options.public_url)
    save(world, charge)
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    if card.debit:
        return _debit(world, session, intent, charge, card)
    if card.decline:
        _fail_charge(world, charge, card.decline)
        save(world, session, due=session["_closes_at"])
        return _refuse(world, intent, card.decline, charge["id"], "card")
    _collect(world, intent, charge)
    outcome = _complete(world, session, "paid")
    _dispute(world, charge)
    return outcome


def _debit(world: Context, session: Body, intent: Body, charge: Body, card: Card) -> Outcome:
    assert card.debit is not None
    emit(world, "charge.pending", charge)
    intent |= {"status": "processing", "_succeeds": card.debit.succeeds, "last_payment_error": None}
    save(world, intent, due=world.clock.now() + card.debit.after)
    emit(world, "payment_intent.processing", intent)
    return _complete(world, session, "unpaid")


def _collect(world: Context, intent: Body, charge: Body) -> None:
    charge |= {
        "amount_captured": charge["amount"],
        "balance_transaction": book(world, charge, charge["amount"], "charge")["id"],
        "captured": True,
        "outcome": _network("approved_by_network", "authorized", "Payment complete."),
        "paid": True,
        "status": "succeeded",
    }
    save(world, charge)
    emit(world, "charge.succeeded", charge)
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "status": "succeeded",
    }
    save(world, intent)
    emit(world, "payment_intent.succeeded", intent)


def _dispute(world: Context, charge: Body) -> None:
    """Open the dispute that the number has in store."""
    habit = BY_NAME[charge["_card"]].dispute
    if habit is not None:
        open_dispute(world, charge, habit.reason, inquiry=habit.inquiry)


def _complete(world: Context, session: Body, payment_status: str) -> Outcome:
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    save(world, session)
    redeem(world, session)
    event = emit(world, "checkout.session.completed", session)
    word: Literal["paid", "processing"] = "processing" if payment_status == "unpaid" else "paid"
    return Outcome(word, event=event["id"])


def _fail_charge(world: Context, charge: Body, decline: Decline) -> None:
    outcome = _network("declined_by_network", "issuer_declined", decline.message)
    outcome["reason"] = decline.decline_code or decline.code
    charge |= {
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": outcome,
        "status": "failed",
    }
    save(world, charge)
    emit(world, "charge.failed", charge)


def _refuse(
    world: Context, intent: Body, decline: Decline, charge: str | None, method: str
) -> Outcome:
    intent |= {
        "last_payment_error": payment_error(decline, charge, method),
        "payment_method": None,
        "status": "requires_payment_method",
    }
    save(world, intent)
    emit(world, "payment_intent.payment_failed", intent)
    return Outcome("declined", decline.message)


def _network(status: str, kind: str, message: str) -> Body:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": status,
        "reason": None,
        "seller_message": message,
        "type": kind,
    }
