"""What happens by itself when its time has come, by the sandbox's clock."""

import asyncio

from coursebook.sandbox.payments import settle
from coursebook.sandbox.refunds import ripen
from coursebook.sandbox.sessions import close_unpaid
from coursebook.sandbox.world import World

TICK_SECONDS = 0.5


def run_due(world: World) -> None:
    """Expire sessions, settle delayed payments and finish refunds that are due.

    Called by a timer and before every call, so that nobody sees a state the clock has overtaken.
    """
    now = world.clock.now()
    for session in world.store.due("checkout.session", now):
        with world.store.transaction():
            close_unpaid(world, session)
    for intent in world.store.due("payment_intent", now):
        settle(world, intent, succeeds=intent["_succeeds"])
    for refund in world.store.due("refund", now):
        with world.store.transaction():
            ripen(world, refund)


async def tick(world: World) -> None:
    """Run what is due, twice a second, for ever."""
    while True:
        run_due(world)
        await asyncio.sleep(TICK_SECONDS)
