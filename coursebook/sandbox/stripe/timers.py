"""What happens by itself when its time has come, by the sandbox's clock."""

import asyncio
import logging
from collections.abc import Callable

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.checkout_sessions import close_unpaid
from coursebook.sandbox.stripe.coupons import expire
from coursebook.sandbox.stripe.disputes import overdue
from coursebook.sandbox.stripe.payments import settle
from coursebook.sandbox.stripe.refunds import succeed_pending

TICK_SECONDS = 0.5

log = logging.getLogger(__name__)


def run_due(context: Context) -> None:
    """Expire sessions, settle delayed payments, finish refunds and end disputes that are due.

    Called by a timer and before every call, so that nobody sees a state the clock has overtaken.
    """
    now = context.clock.now()
    if not context.store.has_due(tuple(ACTS), now):  # nearly always
        return
    for kind, act in ACTS.items():
        while waiting := context.store.due(kind, now):
            with context.store.transaction():
                for body in waiting:
                    act(context, body)


async def tick(context: Context) -> None:
    """Run what is due, twice a second, for ever."""
    while True:
        try:
            run_due(context)
        except Exception:
            log.exception("What was due could not be done; it is tried again.")
        await asyncio.sleep(TICK_SECONDS)


def _settle(context: Context, intent: Body) -> None:
    settle(context, intent, succeeds=intent["_succeeds"])


ACTS: dict[str, Callable[[Context, Body], object]] = {
    "checkout.session": close_unpaid,
    "payment_intent": _settle,
    "refund": succeed_pending,
    "dispute": overdue,
    "coupon": expire,
    "promotion_code": expire,
}
