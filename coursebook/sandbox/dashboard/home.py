"""The dashboard: its overview page and the routes of all its parts."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard import (
    clock,
    disputes,
    events,
    faults,
    mail,
    payments,
    payouts,
    refunds,
    search,
    sign_ins,
)
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.rows import event_row, payment_row
from coursebook.sandbox.mailbox.smtp_server import KIND as MAIL
from coursebook.sandbox.mailbox.smtp_server import parse_stored
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.webhook_delivery import endpoints

ROWS = 5
PARTS = (
    payments,
    refunds,
    disputes,
    payouts,
    events,
    mail,
    sign_ins,
    clock,
    faults,
    search,
)


def routes(context: Context) -> list[Route]:
    """Return every page and form of the dashboard."""
    frame = Frame(context.options, context.clock)

    async def show(request: Request) -> Response:
        run_due(context)
        store = context.store
        return frame.show(
            "dashboard_overview.html",
            request,
            payments=[
                payment_row(context, session)
                for session in store.find("checkout.session", limit=ROWS)
            ],
            events=[event_row(context, event) for event in store.find("event", limit=ROWS)],
            mails=[parse_stored(mail) for mail in store.find(MAIL, limit=ROWS)],
            options=context.options,
            webhooks=endpoints.enabled_urls(context.store),
        )

    return [Route("/", show), *(route for part in PARTS for route in part.routes(context))]
