"""Test controls of payments, refunds and disputes."""

from coursebook.sandbox.checkout_page.form import card_of
from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.disputes import REASONS, escalate, open_dispute, save_dispute
from coursebook.sandbox.stripe.disputes import close_dispute as end_dispute
from coursebook.sandbox.stripe.payments import Outcome, answer_challenge, pay, settle
from coursebook.sandbox.stripe.refunds import allowed_amount, cancel_pending, fail, make
from coursebook.sandbox.stripe.resources import load, save, shown
from coursebook.sandbox.test_controls.arguments import flag, number, text


async def pay_session(context: Context, body: Body, key: str) -> Body:
    """Pay without a browser, through the code of the payment page."""
    session = load(context, "checkout.session", key, "session")
    card, problem = card_of(text(body, "card", fallback="4242424242424242"))
    if problem:
        raise StripeRefusal(problem, param="card")
    email = body.get("email") or session["customer_email"] or "buyer@example.test"
    outcome = pay(context, key, card, email)
    if outcome.status == "challenged" and body.get("challenge") != "leave":
        outcome = answer_challenge(context, key, passed=body.get("challenge") != "fail")
    if outcome.event and body.get("wait", True):
        await context.deliveries.first_answer(outcome.event, context.options.redirect_wait_seconds)
    return _outcome_json(context, key, outcome)


async def settle_session(context: Context, body: Body, key: str) -> Body:
    """Settle a delayed payment now."""
    succeeds = text(body, "outcome", ("succeeded", "failed")) == "succeeded"
    session = load(context, "checkout.session", key, "session")
    intent = context.store.get("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise StripeRefusal(f"No delayed payment is on its way for {key}.")
    settle(context, intent, succeeds=succeeds)
    return {"session": shown(context, load(context, "checkout.session", key, "session"))}


async def tamper_session(context: Context, body: Body, key: str) -> Body:
    """Change a session so that it differs from the one that was created."""
    session = load(context, "checkout.session", key, "session")
    allowed = {
        "amount_total": int,
        "currency": str,
        "livemode": bool,
        "mode": str,
        "metadata": dict,
    }
    for name, value in body.items():
        if name not in allowed or type(value) is not allowed[name]:
            raise StripeRefusal(f"Cannot tamper with {name} like that.", param=name)
        session[name] = value
    save(context, session, due=session["_closes_at"] if session["status"] == "open" else None)
    return {"session": shown(context, session)}


async def fail_refund(context: Context, _body: Body, key: str) -> Body:
    """Make a refund fail."""
    with context.store.transaction():
        refund = fail(context, load(context, "refund", key, "refund"))
    return {"refund": shown(context, refund)}


async def refund_charge(context: Context, body: Body, key: str) -> Body:
    """Refund as in Stripe's dashboard, without the product."""
    charge = load(context, "charge", key, "charge")
    amount = int(number(body, "amount", None)) if "amount" in body else None
    if amount is not None and amount < 1:
        raise StripeRefusal("At least 1 is refunded.", param="amount")
    amount = allowed_amount(context, charge, amount)
    with context.store.transaction():
        refund = make(context, charge, amount, "requested_by_customer", {})
    return {"refund": shown(context, refund)}


async def cancel_refund(context: Context, _body: Body, key: str) -> Body:
    """Cancel a pending refund, as in Stripe's dashboard."""
    with context.store.transaction():
        refund = cancel_pending(context, load(context, "refund", key, "refund"))
    return {"refund": shown(context, refund)}


async def dispute_charge(context: Context, body: Body, key: str) -> Body:
    """Open a dispute or an inquiry about a charge."""
    charge = load(context, "charge", key, "charge")
    inquiry = flag(body, "inquiry")
    reason = text(body, "reason", tuple(REASONS.split()), "general" if inquiry else "fraudulent")
    dispute = open_dispute(context, charge, reason, inquiry=inquiry)
    return {"dispute": shown(context, dispute)}


async def close_dispute(context: Context, body: Body, key: str) -> Body:
    """End a dispute as `won` or `lost`."""
    won = text(body, "outcome", ("won", "lost")) == "won"
    dispute = end_dispute(context, load(context, "dispute", key, "dispute"), won=won)
    return {"dispute": shown(context, dispute)}


async def tamper_dispute(context: Context, body: Body, key: str) -> Body:
    """Change a dispute so that it differs from its charge."""
    dispute = load(context, "dispute", key, "dispute")
    allowed = {"amount": int, "currency": str, "livemode": bool, "status": str}
    for name, value in body.items():
        if name not in allowed or type(value) is not allowed[name]:
            raise StripeRefusal(f"Cannot tamper with {name} like that.", param=name)
        dispute[name] = value
    save_dispute(context, dispute)
    return {"dispute": shown(context, dispute)}


async def escalate_dispute(context: Context, _body: Body, key: str) -> Body:
    """Escalate an inquiry to a dispute."""
    dispute = escalate(context, load(context, "dispute", key, "dispute"))
    return {"dispute": shown(context, dispute)}


def _outcome_json(context: Context, key: str, outcome: Outcome) -> Body:
    session = load(context, "checkout.session", key, "session")
    return {
        "outcome": outcome.status,
        "message": outcome.message,
        "event": outcome.event,
        "session": shown(context, session),
    }
