"""Payouts on the dashboard: the list, paying out, and what becomes of a payout."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route, use_control
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.dashboard.rows import payout_row
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.stripe.timers import run_due

NOTHING = "There is nothing to pay out: no currency has money in its balance."


def routes(context: Context) -> list[Route]:
    """Return the list of payouts and its forms."""
    frame = Frame(context.options, context.clock)

    def page(request: Request, problem: str = "") -> Response:
        paging = listed(context.store, "payout", request)
        rows = [payout_row(payout) for payout in paging.rows]
        return frame.show(
            "dashboard_payouts.html", request, problem=problem, rows=rows, paging=paging
        )

    async def listing(request: Request) -> Response:
        run_due(context)
        return page(request)

    return [
        Route("/payouts", listing),
        form_route(context, "/payouts", _pay_out, page),
        form_route(context, "/payouts/{key}/arrive", _arrive, page),
        form_route(context, "/payouts/{key}/fail", _fail, page),
    ]


async def _pay_out(context: Context, _fields: Fields, _key: str) -> str:
    if not (await use_control(context, "payouts"))["payouts"]:
        raise StripeRefusal(NOTHING)
    return "/payouts?done=payout"


async def _arrive(context: Context, _fields: Fields, key: str) -> str:
    await use_control(context, "payouts/{key}/arrive", key)
    return "/payouts?done=payout-paid"


async def _fail(context: Context, _fields: Fields, key: str) -> str:
    await use_control(context, "payouts/{key}/fail", key)
    return "/payouts?done=payout-failed"
