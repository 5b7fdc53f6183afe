"""Disputes on the board: the list, and how one ends. They are opened from a payment's page."""

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
    """Return the pages of disputes."""
    frame = Frame(context.options, context.clock)

    def page(request: Request, problem: str = "") -> Response:
        found = listed(context.store, KIND, request)
        rows = [dispute_row(context, dispute) for dispute in found.rows]
        return frame.show(
            "dashboard_disputes.html", request, problem=problem, rows=rows, paging=found
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
    """End a dispute as won or lost; an inquiry has one end only."""
    dispute = load(context, KIND, key, "dispute")
    if fields.get("outcome") not in OUTCOMES:
        raise StripeRefusal("Choose how the dispute ends.")
    close_dispute(context, dispute, won=fields["outcome"] == "won")
    return _back(context, dispute, "dispute-closed")


async def _escalate(context: Context, _fields: Fields, key: str) -> str:
    """Let an inquiry become a dispute."""
    return _back(context, escalate(context, load(context, KIND, key, "dispute")), "escalated")


def _back(context: Context, dispute: Body, done: str) -> str:
    return f"{payment_address(context, dispute['payment_intent']) or '/disputes'}?done={done}"
