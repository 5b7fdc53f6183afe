"""Levers of payments, refunds and disputes."""

from coursebook.sandbox.checkout_page.form import card_of
from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.disputes import REASONS, escalate, keep, open_dispute
from coursebook.sandbox.stripe.disputes import close_dispute as end_dispute
from coursebook.sandbox.stripe.payments import Outcome, answer_challenge, pay, settle
from coursebook.sandbox.stripe.refunds import allowed_amount, call_off, fail, make
from coursebook.sandbox.stripe.resources import load, save, shown
from coursebook.sandbox.test_controls.arguments import flag, number, word


async def pay_session(context: Context, said: Body, key: str) -> Body:
    """Pay without a browser, on the road the payment page takes."""
    session = load(context, "checkout.session", key, "session")
    card, problem = card_of(word(said, "card", fallback="4242424242424242"))
    if problem:
        raise StripeRefusal(problem, param="card")
    email = said.get("email") or session["customer_email"] or "buyer@example.test"
    outcome = pay(context, key, card, email)
    if outcome.word == "challenged" and said.get("challenge") != "leave":
        outcome = answer_challenge(context, key, passed=said.get("challenge") != "fail")
    if outcome.event and said.get("wait", True):
        await context.deliveries.first_answer(outcome.event, context.options.redirect_wait_seconds)
    return _told(context, key, outcome)


async def settle_session(context: Context, said: Body, key: str) -> Body:
    """Bring a delayed payment to its end before its time."""
    succeeds = word(said, "outcome", ("succeeded", "failed")) == "succeeded"
    session = load(context, "checkout.session", key, "session")
    intent = context.store.get("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise StripeRefusal(f"No delayed payment is on its way for {key}.")
    settle(context, intent, succeeds=succeeds)
    return {"session": shown(context, load(context, "checkout.session", key, "session"))}


async def tamper_session(context: Context, said: Body, key: str) -> Body:
    """Change what Stripe says about a session, so that it differs from what was asked for."""
    session = load(context, "checkout.session", key, "session")
    allowed = {
        "amount_total": int,
        "currency": str,
        "livemode": bool,
        "mode": str,
        "metadata": dict,
    }
    for name, value in said.items():
        if name not in allowed or type(value) is not allowed[name]:
            raise StripeRefusal(f"Cannot tamper with {name} like that.", param=name)
        session[name] = value
    save(context, session, due=session["_closes_at"] if session["status"] == "open" else None)
    return {"session": shown(context, session)}


async def fail_refund(context: Context, _said: Body, key: str) -> Body:
    """Let a refund fail."""
    with context.store.transaction():
        refund = fail(context, load(context, "refund", key, "refund"))
    return {"refund": shown(context, refund)}


async def refund_charge(context: Context, said: Body, key: str) -> Body:
    """Refund as somebody does in Stripe's dashboard, unseen by the product."""
    charge = load(context, "charge", key, "charge")
    asked = int(number(said, "amount", None)) if "amount" in said else None
    if asked is not None and asked < 1:
        raise StripeRefusal("At least 1 is refunded.", param="amount")
    amount = allowed_amount(context, charge, asked)
    with context.store.transaction():
        refund = make(context, charge, amount, "requested_by_customer", {})
    return {"refund": shown(context, refund)}


async def cancel_refund(context: Context, _said: Body, key: str) -> Body:
    """Cancel a pending refund, as in Stripe's dashboard."""
    with context.store.transaction():
        refund = call_off(context, load(context, "refund", key, "refund"))
    return {"refund": shown(context, refund)}


async def dispute_charge(context: Context, said: Body, key: str) -> Body:
    """Let the buyer's bank dispute a charge, or only inquire."""
    charge = load(context, "charge", key, "charge")
    inquiry = flag(said, "inquiry")
    reason = word(said, "reason", tuple(REASONS.split()), "general" if inquiry else "fraudulent")
    dispute = open_dispute(context, charge, reason, inquiry=inquiry)
    return {"dispute": shown(context, dispute)}


async def close_dispute(context: Context, said: Body, key: str) -> Body:
    """End a dispute as `won` or `lost`."""
    won = word(said, "outcome", ("won", "lost")) == "won"
    dispute = end_dispute(context, load(context, "dispute", key, "dispute"), won=won)
    return {"dispute": shown(context, dispute)}


async def tamper_dispute(context: Context, said: Body, key: str) -> Body:
    """Change what Stripe says about a dispute, so that it is about something else."""
    dispute = load(context, "dispute", key, "dispute")
    allowed = {"amount": int, "currency": str, "livemode": bool, "status": str}
    for name, value in said.items():
        if name not in allowed or type(value) is not allowed[name]:
            raise StripeRefusal(f"Cannot tamper with {name} like that.", param=name)
        dispute[name] = value
    keep(context, dispute)
    return {"dispute": shown(context, dispute)}


async def escalate_dispute(context: Context, _said: Body, key: str) -> Body:
    """Let an inquiry become a dispute."""
    dispute = escalate(context, load(context, "dispute", key, "dispute"))
    return {"dispute": shown(context, dispute)}


def _told(context: Context, key: str, outcome: Outcome) -> Body:
    session = load(context, "checkout.session", key, "session")
    return {
        "outcome": outcome.word,
        "message": outcome.message,
        "event": outcome.event,
        "session": shown(context, session),
    }
