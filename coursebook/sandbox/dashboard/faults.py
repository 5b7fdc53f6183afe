"""Faults on the dashboard: the delivery mode and failures of the next calls."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Act, Fields, form_route, use_control, whole_number
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.errors import StripeRefusal

MODES = {
    "normal": "Normal, or delayed if a delay is given",
    "hold": "Hold: keep all events until released",
    "drop": "Drop: lose all events until released",
    "duplicate": "Duplicate: send every event twice",
    "reorder": "Reorder: the last event first",
}
KINDS = {
    "429": "429, too many requests",
    "409": "409, object is locked",
    "500": "500, unknown error",
    "503": "503, unavailable",
    "timeout": "No answer until the caller gives up",
    "reset": "The connection is cut",
    "slow": "Slow: works after the delay",
}
WHENS = {"before": "before it had an effect", "after": "after it took effect"}
MAX_CALLS = 1000


def routes(context: Context) -> list[Route]:
    """Return the page and its forms."""
    frame = Frame(context.options, context.clock)

    def page(request: Request, problem: str = "") -> Response:
        return frame.show(
            "dashboard_faults.html",
            request,
            problem=problem,
            mode=context.deliveries.mode,
            modes=MODES,
            kinds=KINDS,
            whens=WHENS,
            waiting=context.faults.pending(),
        )

    async def show(request: Request) -> Response:
        return page(request)

    forms = {
        "deliveries": _deliveries,
        "release": _release,
        "order": _order,
        "forget": _forget,
        "foreign": _foreign,
    }
    form_routes = [
        form_route(context, f"/faults/{name}", _if_enabled(act), page)
        for name, act in forms.items()
    ]
    return [Route("/faults", show), *form_routes]


def _if_enabled(act: Act) -> Act:
    """Refuse a form when test controls are off."""

    async def guarded(context: Context, fields: Fields, key: str) -> str:
        if not context.options.test_controls:
            raise StripeRefusal("Test controls are off.")
        return await act(context, fields, key)

    return guarded


async def _deliveries(context: Context, fields: Fields, _key: str) -> str:
    delay = whole_number(fields, "delay_ms", "The delay")
    await use_control(context, "deliveries/mode", mode=fields.get("mode", ""), delay_ms=delay)
    return "/faults?done=deliveries"


async def _release(context: Context, _fields: Fields, _key: str) -> str:
    await use_control(context, "deliveries/release")
    return "/faults?done=released"


async def _order(context: Context, fields: Fields, _key: str) -> str:
    count = whole_number(fields, "count", "The number of calls")
    if not 1 <= count <= MAX_CALLS:
        raise StripeRefusal(f"The number of calls is between 1 and {MAX_CALLS}.", param="count")
    values = {name: fields.get(name, "") for name in ("kind", "when", "path", "method")}
    delay = whole_number(fields, "delay_ms", "The delay")
    await use_control(context, "faults", count=count, delay_ms=delay, **values)
    return "/faults?done=faults"


async def _forget(context: Context, _fields: Fields, _key: str) -> str:
    await use_control(context, "faults", count=0)
    return "/faults?done=faults-gone"


async def _foreign(context: Context, _fields: Fields, _key: str) -> str:
    await use_control(context, "events/foreign")
    return "/faults?done=foreign"
