"""Levers of time, of deliveries, of faults and of events."""

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.faults import KINDS, Fault
from coursebook.sandbox.mailbox.smtp_server import mails_to
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.events import emit_again
from coursebook.sandbox.stripe.resources import load, shown
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.test_controls.arguments import flag, number, word
from coursebook.sandbox.test_controls.foreign_payments import foreign_payment
from coursebook.sandbox.webhook_delivery.queue import MODES, Mode


async def advance_clock(context: Context, said: Body, _key: str) -> Body:
    """Move the sandbox's time ahead by `seconds`, and do what has become due."""
    seconds = number(said, "seconds", None)
    if seconds < 0:
        raise StripeRefusal("The clock can only move forwards.", param="seconds")
    context.clock.advance(seconds)
    run_due(context)
    context.deliveries.wake()
    return {"now": context.clock.seconds(), "offset": context.clock.offset}


async def switch_deliveries(context: Context, said: Body, _key: str) -> Body:
    """Deliver normally, or drop, hold, duplicate or reorder what comes from now on."""
    mode = Mode(word(said, "mode", MODES), int(number(said, "delay_ms", 0)))  # type: ignore[arg-type]
    context.deliveries.switch(mode)
    return {"mode": mode.name, "delay_ms": mode.delay_ms}


async def release_deliveries(context: Context, _said: Body, _key: str) -> Body:
    """Send what was held, delayed or dropped, and deliver normally again."""
    context.deliveries.release()
    return {"mode": context.deliveries.mode.name}


async def order_faults(context: Context, said: Body, _key: str) -> Body:
    """Let the next `count` calls go wrong; `count` 0 forgets all faults."""
    count = int(number(said, "count", 1))
    if count == 0:
        context.faults.clear()
    else:
        fault = Fault(
            count,
            word(said, "kind", KINDS),  # type: ignore[arg-type]
            word(said, "when", ("before", "after"), "before"),  # type: ignore[arg-type]
            str(said.get("path", "")),
            str(said.get("method", "")).upper(),
            int(number(said, "delay_ms", 0)),
        )
        context.faults.order(fault)
    return waiting_faults(context)


async def send_foreign(context: Context, said: Body, _key: str) -> Body:
    """Let another application of the same account be paid."""
    session, event = foreign_payment(context, said)
    return {"session": shown(context, session), "event": event}


async def resend_event(context: Context, said: Body, _key: str) -> Body:
    """Deliver an event once more; with `as_new` a second event tells the same fact."""
    event = load(context, "event", word(said, "id"), "id")
    if flag(said, "as_new"):
        return {"id": emit_again(context, event)["id"]}
    context.deliveries.resend(event)
    return {"id": event["id"]}


async def list_mail(context: Context, said: Body, _key: str) -> Body:
    """List the mails that were sent, the newest first; `to` picks those of one address."""
    return mails_to(context.store, word(said, "to", fallback=""))


def waiting_faults(context: Context) -> Body:
    """Return the faults that are still to come."""
    return {"waiting": [vars(fault) for fault in context.faults.waiting()]}
