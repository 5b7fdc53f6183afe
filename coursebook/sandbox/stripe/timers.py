"""Timers that run by the sandbox's clock."""

import asyncio
import logging
from collections.abc import Callable

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.checkout_sessions import close_unpaid
from coursebook.sandbox.stripe.coupons import expire
from coursebook.sandbox.stripe.disputes import close_overdue
from coursebook.sandbox.stripe.payments import settle
from coursebook.sandbox.stripe.payouts import arrive, run_schedule
from coursebook.sandbox.stripe.refunds import succeed_pending

TICK_SECONDS = 0.5

log = logging.getLogger(__name__)


def run_due(context: Context) -> None:
    """Expire sessions, settle delayed payments, finish refunds, close disputes, pay out.

    Runs twice a second and before every call, so that no response shows an outdated state.
    """
    now = context.clock.now()
    if not context.store.has_due(tuple(TIMERS), now):  # the common case
        return
    for kind, act in TIMERS.items():
        while bodies := context.store.due(kind, now):
            with context.store.transaction():
                for body in bodies:
                    act(context, body)


async def tick(context: Context) -> None:
    """Run the due timers twice a second, forever."""
    while True:
        try:
            run_due(context)
        except Exception:
            log.exception("timer.failed")
        await asyncio.sleep(TICK_SECONDS)


def _settle(context: Context, intent: Body) -> None:
    settle(context, intent, succeeds=intent["_succeeds"])


TIMERS: dict[str, Callable[[Context, Body], object]] = {
    "checkout.session": close_unpaid,
    "payment_intent": _settle,
    "refund": succeed_pending,
    "dispute": close_overdue,
    "coupon": expire,
    "promotion_code": expire,
    "payout": arrive,
    "payout_schedule": run_schedule,
}
