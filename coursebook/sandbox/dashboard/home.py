"""The board: pages about the sandbox for a person. Starts with what has been going on."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard import (
    clock,
    disputes,
    events,
    faults,
    payments,
    refunds,
    search,
    sign_ins,
)
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.rows import event_row, payment_row
from coursebook.sandbox.mailbox.smtp_server import KIND as MAIL
from coursebook.sandbox.mailbox.smtp_server import read_kept
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.webhook_delivery import endpoints

ROWS = 5
PARTS = (
    payments,
    refunds,
    disputes,
    events,
    sign_ins,
    clock,
    faults,
    search,
)


def routes(world: Context) -> list[Route]:
    """Return every page and form of the board except the mailbox."""
    frame = Frame(world.options, world.clock)

    async def opened(request: Request) -> Response:
        run_due(world)
        store = world.store
        return frame.show(
            "board_overview.html",
            request,
            payments=[
                payment_row(world, one) for one in store.find("checkout.session", limit=ROWS)
            ],
            events=[event_row(world, event) for event in store.find("event", limit=ROWS)],
            mails=[read_kept(kept) for kept in store.find(MAIL, limit=ROWS)],
            options=world.options,
            webhooks=endpoints.enabled_urls(world.store),
        )

    return [Route("/", opened), *(route for part in PARTS for route in part.routes(world))]
