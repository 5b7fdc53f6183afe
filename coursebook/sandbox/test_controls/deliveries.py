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
from coursebook.sandbox.webhook_delivery.courier import MODES, Mode


async def advance_clock(world: Context, said: Body, _key: str) -> Body:
    """Move the sandbox's time ahead by `seconds`, and do what has become due."""
    seconds = number(said, "seconds", None)
    if seconds < 0:
        raise StripeRefusal("The clock can only move forwards.", param="seconds")
    world.clock.advance(seconds)
    run_due(world)
    world.courier.wake()
    return {"now": world.clock.seconds(), "offset": world.clock.offset}


async def switch_deliveries(world: Context, said: Body, _key: str) -> Body:
    """Deliver normally, or drop, hold, duplicate or reorder what comes from now on."""
    mode = Mode(word(said, "mode", MODES), int(number(said, "delay_ms", 0)))  # type: ignore[arg-type]
    world.courier.switch(mode)
    return {"mode": mode.name, "delay_ms": mode.delay_ms}


async def release_deliveries(world: Context, _said: Body, _key: str) -> Body:
    """Send what was held, delayed or dropped, and deliver normally again."""
    world.courier.release()
    return {"mode": world.courier.mode.name}


async def order_faults(world: Context, said: Body, _key: str) -> Body:
    """Let the next `count` calls go wrong; `count` 0 forgets all faults."""
    count = int(number(said, "count", 1))
    if count == 0:
        world.faults.clear()
    else:
        fault = Fault(
            count,
            word(said, "kind", KINDS),  # type: ignore[arg-type]
            word(said, "when", ("before", "after"), "before"),  # type: ignore[arg-type]
            str(said.get("path", "")),
            str(said.get("method", "")).upper(),
            int(number(said, "delay_ms", 0)),
        )
        world.faults.order(fault)
    return waiting_faults(world)


async def send_foreign(world: Context, said: Body, _key: str) -> Body:
    """Let another application of the same account be paid."""
    session, event = foreign_payment(world, said)
    return {"session": shown(world, session), "event": event}


async def resend_event(world: Context, said: Body, _key: str) -> Body:
    """Deliver an event once more; with `as_new` a second event tells the same fact."""
    event = load(world, "event", word(said, "id"), "id")
    if flag(said, "as_new"):
        return {"id": emit_again(world, event)["id"]}
    world.courier.resend(event)
    return {"id": event["id"]}


async def list_mail(world: Context, said: Body, _key: str) -> Body:
    """List the mails that were sent, the newest first; `to` picks those of one address."""
    return mails_to(world.store, word(said, "to", fallback=""))


def waiting_faults(world: Context) -> Body:
    """Return the faults that are still to come."""
    return {"waiting": [vars(fault) for fault in world.faults.waiting()]}
