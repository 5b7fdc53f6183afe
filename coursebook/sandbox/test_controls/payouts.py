"""Test controls of payouts."""

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.payouts import arrive, fail, pay_out
from coursebook.sandbox.stripe.resources import load, shown


async def pay_out_now(context: Context, _body: Body, _key: str) -> Body:
    """Pay out the balance of every currency."""
    return {"payouts": [shown(context, payout) for payout in pay_out(context)]}


async def arrive_now(context: Context, _body: Body, key: str) -> Body:
    """Let a payout reach the bank."""
    with context.store.transaction():
        payout = arrive(context, load(context, "payout", key, "payout"))
    return {"payout": shown(context, payout)}


async def fail_now(context: Context, _body: Body, key: str) -> Body:
    """Let the bank send a payout back."""
    with context.store.transaction():
        payout = fail(context, load(context, "payout", key, "payout"))
    return {"payout": shown(context, payout)}
