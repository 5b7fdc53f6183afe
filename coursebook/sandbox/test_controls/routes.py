"""Levers for tests: faults, time and deliveries at the press of a key. Off unless switched on.

Each lever is one POST with a JSON body; what it takes and answers is in `docs/sandbox.md`.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.test_controls import deliveries as wires
from coursebook.sandbox.test_controls import payments as money

Answer = Coroutine[Any, Any, Body]
Control = Callable[[Context, Body, str], Answer]

CONTROLS: dict[str, Control] = {
    "clock/advance": wires.advance_clock,
    "deliveries/mode": wires.switch_deliveries,
    "deliveries/release": wires.release_deliveries,
    "faults": wires.order_faults,
    "events/foreign": wires.send_foreign,
    "events/resend": wires.resend_event,
    "mail": wires.list_mail,
    "sessions/{key}/pay": money.pay_session,
    "sessions/{key}/settle": money.settle_session,
    "sessions/{key}/tamper": money.tamper_session,
    "charges/{key}/refund": money.refund_charge,
    "charges/{key}/dispute": money.dispute_charge,
    "refunds/{key}/fail": money.fail_refund,
    "refunds/{key}/cancel": money.cancel_refund,
    "disputes/{key}/close": money.close_dispute,
    "disputes/{key}/escalate": money.escalate_dispute,
    "disputes/{key}/tamper": money.tamper_dispute,
}


def routes(context: Context) -> list[Route]:
    """Return the levers of a world, and the lists of its deliveries and waiting faults."""

    async def deliveries(request: Request) -> Response:
        listed = [] if request.query_params.get("list") == "no" else context.deliveries.all(500)
        return JSONResponse({"underway": context.deliveries.is_underway(), "deliveries": listed})

    async def faults(_request: Request) -> Response:
        return JSONResponse(wires.waiting_faults(context))

    test_controls = [_route(context, path, control) for path, control in CONTROLS.items()]
    looks = [Route("/_test/deliveries", deliveries), Route("/_test/faults", faults)]
    return [*looks, *test_controls]


def _route(context: Context, path: str, control: Control) -> Route:
    async def pulled(request: Request) -> Response:
        try:
            run_due(context)
            said = await _json(request)
            return JSONResponse(await control(context, said, request.path_params.get("key", "")))
        except StripeRefusal as refusal:
            return JSONResponse(refusal.body(), refusal.status)

    return Route(f"/_test/{path}", pulled, methods=["POST"])


async def _json(request: Request) -> Body:
    """Read the body. JSON only: a page of another site cannot send that without being asked."""
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise StripeRefusal("Other sites cannot use the test controls.", status=403)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise StripeRefusal("Test controls take a JSON body.", status=415)
    try:
        said = json.loads(await request.body())
    except ValueError:
        raise StripeRefusal("The body is not JSON.") from None
    if not isinstance(said, dict):
        raise StripeRefusal("The body is not a JSON object.")
    return said
