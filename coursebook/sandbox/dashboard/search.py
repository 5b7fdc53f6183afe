"""Search by id: redirect to the page of the object."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.rows import payment_address
from coursebook.sandbox.html_pages import HEADERS
from coursebook.sandbox.sign_in.sessions import KIND as SIGN_IN
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.timers import run_due

MAX_ID_LENGTH = 255


def routes(context: Context) -> list[Route]:
    """Return the search page."""
    frame = Frame(context.options, context.clock)

    async def search(request: Request) -> Response:
        run_due(context)
        key = request.query_params.get("q", "").strip()[:MAX_ID_LENGTH]
        address = address_of(context, key)
        if address:
            return RedirectResponse(address, 303, HEADERS)
        return frame.show("dashboard_search.html", request, query=key)

    return [Route("/search", search)]


def address_of(context: Context, key: str) -> str:
    """Return the address of the page of the object with this id, or an empty text."""
    for kind, address in ADDRESSES.items():
        body = context.store.get(kind, key)
        if body is not None:
            return address(context, body)
    return ""


def _of_payment(context: Context, body: Body) -> str:
    return payment_address(context, body.get("payment_intent"))


def _at(folder: str) -> Callable[[Context, Body], str]:
    return lambda _context, body: f"/{folder}/{quote(body['id'])}"


ADDRESSES: dict[str, Callable[[Context, Body], str]] = {
    "checkout.session": _at("payments"),
    "payment_intent": lambda _context, intent: f"/payments/{intent['_session']}",
    "charge": _of_payment,
    "refund": _of_payment,
    "dispute": _of_payment,
    "event": _at("events"),
    "mail": _at("mailbox"),
    SIGN_IN: lambda _context, _session: "/sign-ins",
}
