"""The clock page of the dashboard: show the time and advance it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route, use_control
from coursebook.sandbox.dashboard.frame import Frame, written_time
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.stripe.timers import run_due

STEPS = {
    180: ("+3 minutes", "Bank debits in progress settle."),
    1860: ("+31 minutes", "Payment pages that are open for half an hour expire."),
    86400: ("+24 hours", "Every open payment page expires; idempotency keys are forgotten."),
}


def routes(context: Context) -> list[Route]:
    """Return the page and its form."""
    frame = Frame(context.options, context.clock)

    def page(request: Request, problem: str = "") -> Response:
        real = written_time(context.clock.real_now())
        return frame.show("dashboard_clock.html", request, problem=problem, steps=STEPS, real=real)

    async def show(request: Request) -> Response:
        run_due(context)
        return page(request)

    return [Route("/clock", show), form_route(context, "/clock/advance", _advance, page)]


async def _advance(context: Context, fields: Fields, _key: str) -> str:
    seconds = str(fields.get("seconds", ""))
    if seconds not in map(str, STEPS):
        raise StripeRefusal("Choose one of the buttons.")
    await use_control(context, "clock/advance", seconds=int(seconds))
    return "/clock?done=clock"
