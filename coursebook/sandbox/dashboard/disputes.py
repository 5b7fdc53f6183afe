"""Disputes on the dashboard: list, close, escalate. A payment's page opens them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.dashboard.rows import dispute_row, payment_address
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.disputes import close_dispute, escalate
from coursebook.sandbox.stripe.resources import load
from coursebook.sandbox.stripe.timers import run_due

KIND = "dispute"
OUTCOMES = ("won", "lost")


def routes(context: Context) -> list[Route]:
    """Return the list of disputes and its forms."""
    frame = Frame(context.options, context.clock)

    def page(request: Request, problem: str = "") -> Response:
        paging = listed(context.store, KIND, request)
        rows = [dispute_row(context, dispute) for dispute in paging.rows]
        return frame.show(
            "dashboard_disputes.html", request, problem=problem, rows=rows, paging=paging
        )

    async def listing(request: Request) -> Response:
        run_due(context)
        return page(request)

    return [
        Route("/disputes", listing),
        form_route(context, "/disputes/{key}/close", _close, page),
        form_route(context, "/disputes/{key}/escalate", _escalate, page),
    ]


async def _close(context: Context, fields: Fields, key: str) -> str:
    """Close a dispute as won or lost; an inquiry is only closed."""
    dispute = load(context, KIND, key, "dispute")
    if fields.get("outcome") not in OUTCOMES:
        raise StripeRefusal("Choose how the dispute ends.")
    close_dispute(context, dispute, won=fields["outcome"] == "won")
    return _back(context, dispute, "dispute-closed")


async def _escalate(context: Context, _fields: Fields, key: str) -> str:
    """Escalate an inquiry to a dispute."""
    return _back(context, escalate(context, load(context, KIND, key, "dispute")), "escalated")


def _back(context: Context, dispute: Body, done: str) -> str:
    return f"{payment_address(context, dispute['payment_intent']) or '/disputes'}?done={done}"
