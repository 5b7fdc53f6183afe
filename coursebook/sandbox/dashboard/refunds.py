"""Refunds on the dashboard: the list, and making one fail."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route, use_control
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.dashboard.rows import payment_address, refund_row
from coursebook.sandbox.stripe.timers import run_due


def routes(context: Context) -> list[Route]:
    """Return the list of refunds and its form."""
    frame = Frame(context.options, context.clock)

    def page(request: Request, problem: str = "") -> Response:
        paging = listed(context.store, "refund", request)
        rows = [refund_row(context, refund) for refund in paging.rows]
        return frame.show(
            "dashboard_refunds.html", request, problem=problem, rows=rows, paging=paging
        )

    async def listing(request: Request) -> Response:
        run_due(context)
        return page(request)

    return [Route("/refunds", listing), form_route(context, "/refunds/{key}/fail", _fail, page)]


async def _fail(context: Context, _fields: Fields, key: str) -> str:
    response = await use_control(context, "refunds/{key}/fail", key)
    payment = payment_address(context, response["refund"]["payment_intent"])
    return f"{payment or '/refunds'}?done=refund-failed"
