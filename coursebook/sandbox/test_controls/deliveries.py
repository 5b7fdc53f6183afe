"""Test controls of the clock, deliveries, faults, events and mail."""

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.faults import KINDS, Fault
from coursebook.sandbox.mailbox.smtp_server import mails_to
from coursebook.sandbox.sign_in.sessions import KIND as SIGN_IN
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.events import emit_again
from coursebook.sandbox.stripe.payouts import SCHEDULE
from coursebook.sandbox.stripe.resources import load, shown
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.test_controls.arguments import flag, number, text
from coursebook.sandbox.test_controls.foreign_payments import foreign_payment
from coursebook.sandbox.webhook_delivery.endpoints import KIND as ENDPOINT
from coursebook.sandbox.webhook_delivery.queue import MODES, Mode

KEPT = (ENDPOINT, SCHEDULE, SIGN_IN)
"""The kinds of documents that stay when everything is forgotten."""


async def advance_clock(context: Context, body: Body, _key: str) -> Body:
    """Advance the clock by `seconds` and run the due timers."""
    seconds = number(body, "seconds", None)
    if seconds < 0:
        raise StripeRefusal("The clock can only move forwards.", param="seconds")
    context.clock.advance(seconds)
    run_due(context)
    context.deliveries.wake()
    return {"now": context.clock.seconds(), "offset": context.clock.offset}


async def switch_deliveries(context: Context, body: Body, _key: str) -> Body:
    """Change the delivery mode: normal, drop, hold, duplicate or reorder."""
    mode = Mode(text(body, "mode", MODES), int(number(body, "delay_ms", 0)))  # type: ignore[arg-type]
    context.deliveries.switch(mode)
    return {"mode": mode.name, "delay_ms": mode.delay_ms}


async def release_deliveries(context: Context, _body: Body, _key: str) -> Body:
    """Send all held, delayed and dropped deliveries, and return to normal mode."""
    context.deliveries.release()
    return {"mode": context.deliveries.mode.name}


async def add_fault(context: Context, body: Body, _key: str) -> Body:
    """Make the next `count` calls fail; `count` 0 removes all faults."""
    count = int(number(body, "count", 1))
    if count == 0:
        context.faults.clear()
    else:
        fault = Fault(
            count,
            text(body, "kind", KINDS),  # type: ignore[arg-type]
            text(body, "when", ("before", "after"), "before"),  # type: ignore[arg-type]
            str(body.get("path", "")),
            str(body.get("method", "")).upper(),
            int(number(body, "delay_ms", 0)),
            flag(body, "exact"),
        )
        context.faults.add(fault)
    return pending_faults(context)


async def pay_foreign(context: Context, body: Body, _key: str) -> Body:
    """Create a payment of another application on the same account."""
    session, event = foreign_payment(context, body)
    return {"session": shown(context, session), "event": event}


async def forget_all(context: Context, _body: Body, _key: str) -> Body:
    """Delete all objects, events, deliveries, mails and faults; keep endpoints and sign-ins."""
    context.faults.clear()
    await context.deliveries.forget()
    context.store.forget(kept=KEPT)
    return {}


async def resend_event(context: Context, body: Body, _key: str) -> Body:
    """Deliver an event again; with `as_new`, as a second event for the same fact."""
    event = load(context, "event", text(body, "id"), "id")
    if flag(body, "as_new"):
        return {"id": emit_again(context, event)["id"]}
    context.deliveries.resend(event)
    return {"id": event["id"]}


async def list_mail(context: Context, body: Body, _key: str) -> Body:
    """List the mails, newest first; `to` selects one address."""
    return mails_to(context.store, text(body, "to", fallback=""))


def pending_faults(context: Context) -> Body:
    """Return the pending faults."""
    return {"waiting": [vars(fault) for fault in context.faults.pending()]}
