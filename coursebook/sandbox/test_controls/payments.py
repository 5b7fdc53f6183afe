"""Levers of payments, refunds and disputes."""

from coursebook.sandbox.checkout_page.form import card_of
from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.disputes import REASONS, close, escalate, keep, open_dispute
from coursebook.sandbox.stripe.payments import Outcome, answer_challenge, pay, settle
from coursebook.sandbox.stripe.refunds import allowed_amount, call_off, fail, make
from coursebook.sandbox.stripe.resources import load, save, shown
from coursebook.sandbox.test_controls.arguments import flag, number, word


async def pay_session(world: Context, said: Body, key: str) -> Body:
    """Pay without a browser, on the road the payment page takes."""
    session = load(world, "checkout.session", key, "session")
    card, problem = card_of(word(said, "card", fallback="4242424242424242"))
    if problem:
        raise StripeRefusal(problem, param="card")
    email = said.get("email") or session["customer_email"] or "buyer@example.test"
    outcome = pay(world, key, card, email)
    if outcome.word == "challenged" and said.get("challenge") != "leave":
        outcome = answer_challenge(world, key, passed=said.get("challenge") != "fail")
    if outcome.event and said.get("wait", True):
        await world.courier.first_answer(outcome.event, world.options.redirect_wait_seconds)
    return _told(world, key, outcome)


async def settle_session(world: Context, said: Body, key: str) -> Body:
    """Bring a delayed payment to its end before its time."""
    succeeds = word(said, "outcome", ("succeeded", "failed")) == "succeeded"
    session = load(world, "checkout.session", key, "session")
    intent = world.store.get("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise StripeRefusal(f"No delayed payment is on its way for {key}.")
    settle(world, intent, succeeds=succeeds)
    return {"session": shown(world, load(world, "checkout.session", key, "session"))}


async def tamper_session(world: Context, said: Body, key: str) -> Body:
    """Change what Stripe says about a session, so that it differs from what was asked for."""
    session = load(world, "checkout.session", key, "session")
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
    save(world, session, due=session["_closes_at"] if session["status"] == "open" else None)
    return {"session": shown(world, session)}


async def fail_refund(world: Context, _said: Body, key: str) -> Body:
    """Let a refund fail."""
    with world.store.transaction():
        refund = fail(world, load(world, "refund", key, "refund"))
    return {"refund": shown(world, refund)}


async def refund_charge(world: Context, said: Body, key: str) -> Body:
    """Refund as somebody does in Stripe's dashboard, unseen by the product."""
    charge = load(world, "charge", key, "charge")
    asked = int(number(said, "amount", None)) if "amount" in said else None
    if asked is not None and asked < 1:
        raise StripeRefusal("At least 1 is refunded.", param="amount")
    amount = allowed_amount(world, charge, asked)
    with world.store.transaction():
        refund = make(world, charge, amount, "requested_by_customer", {})
    return {"refund": shown(world, refund)}


async def cancel_refund(world: Context, _said: Body, key: str) -> Body:
    """Cancel a pending refund, as in Stripe's dashboard."""
    with world.store.transaction():
        refund = call_off(world, load(world, "refund", key, "refund"))
    return {"refund": shown(world, refund)}


async def dispute_charge(world: Context, said: Body, key: str) -> Body:
    """Let the buyer's bank dispute a charge, or only inquire."""
    charge = load(world, "charge", key, "charge")
    inquiry = flag(said, "inquiry")
    reason = word(said, "reason", tuple(REASONS.split()), "general" if inquiry else "fraudulent")
    dispute = open_dispute(world, charge, reason, inquiry=inquiry)
    return {"dispute": shown(world, dispute)}


async def close_dispute(world: Context, said: Body, key: str) -> Body:
    """End a dispute as `won` or `lost`."""
    won = word(said, "outcome", ("won", "lost")) == "won"
    dispute = close(world, load(world, "dispute", key, "dispute"), won=won)
    return {"dispute": shown(world, dispute)}


async def tamper_dispute(world: Context, said: Body, key: str) -> Body:
    """Change what Stripe says about a dispute, so that it is about something else."""
    dispute = load(world, "dispute", key, "dispute")
    allowed = {"amount": int, "currency": str, "livemode": bool, "status": str}
    for name, value in said.items():
        if name not in allowed or type(value) is not allowed[name]:
            raise StripeRefusal(f"Cannot tamper with {name} like that.", param=name)
        dispute[name] = value
    keep(world, dispute)
    return {"dispute": shown(world, dispute)}


async def escalate_dispute(world: Context, _said: Body, key: str) -> Body:
    """Let an inquiry become a dispute."""
    dispute = escalate(world, load(world, "dispute", key, "dispute"))
    return {"dispute": shown(world, dispute)}


def _told(world: Context, key: str, outcome: Outcome) -> Body:
    session = load(world, "checkout.session", key, "session")
    return {
        "outcome": outcome.word,
        "message": outcome.message,
        "event": outcome.event,
        "session": shown(world, session),
    }
