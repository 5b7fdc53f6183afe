"""Test controls: clock, deliveries, faults and payments for tests. Off by default.

Each control is one POST with a JSON body; `docs/sandbox.md` lists their parameters and responses.
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
from coursebook.sandbox.test_controls import deliveries, payments, payouts

Control = Callable[[Context, Body, str], Coroutine[Any, Any, Body]]

CONTROLS: dict[str, Control] = {
    "clock/advance": deliveries.advance_clock,
    "deliveries/mode": deliveries.switch_deliveries,
    "deliveries/release": deliveries.release_deliveries,
    "faults": deliveries.add_fault,
    "events/foreign": deliveries.pay_foreign,
    "events/resend": deliveries.resend_event,
    "mail": deliveries.list_mail,
    "sessions/{key}/pay": payments.pay_session,
    "sessions/{key}/settle": payments.settle_session,
    "sessions/{key}/tamper": payments.tamper_session,
    "charges/{key}/refund": payments.refund_charge,
    "charges/{key}/dispute": payments.dispute_charge,
    "refunds/{key}/fail": payments.fail_refund,
    "refunds/{key}/cancel": payments.cancel_refund,
    "disputes/{key}/close": payments.close_dispute,
    "disputes/{key}/escalate": payments.escalate_dispute,
    "disputes/{key}/tamper": payments.tamper_dispute,
    "payouts": payouts.pay_out_now,
    "payouts/{key}/arrive": payouts.arrive_now,
    "payouts/{key}/fail": payouts.fail_now,
    "forget": deliveries.forget_all,
}


def routes(context: Context) -> list[Route]:
    """Return the controls, and the lists of deliveries and pending faults."""

    async def list_deliveries(request: Request) -> Response:
        items = [] if request.query_params.get("list") == "no" else context.deliveries.all(500)
        return JSONResponse({"underway": context.deliveries.is_underway(), "deliveries": items})

    async def list_faults(_request: Request) -> Response:
        return JSONResponse(deliveries.pending_faults(context))

    test_controls = [_route(context, path, control) for path, control in CONTROLS.items()]
    lists = [Route("/_test/deliveries", list_deliveries), Route("/_test/faults", list_faults)]
    return [*lists, *test_controls]


def _route(context: Context, path: str, control: Control) -> Route:
    async def handle(request: Request) -> Response:
        try:
            run_due(context)
            body = await _json(request)
            return JSONResponse(await control(context, body, request.path_params.get("key", "")))
        except StripeRefusal as error:
            return JSONResponse(error.body(), error.status)

    return Route(f"/_test/{path}", handle, methods=["POST"])


async def _json(request: Request) -> Body:
    """Read the body. JSON only: a page of another site cannot send that without a preflight."""
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise StripeRefusal("Other sites cannot use the test controls.", status=403)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise StripeRefusal("Test controls take a JSON body.", status=415)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise StripeRefusal("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise StripeRefusal("The body is not a JSON object.")
    return body
