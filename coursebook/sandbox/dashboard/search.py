"""Search by id: leads to the page of whatever has it."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.rows import payment_address
from coursebook.sandbox.rendering import HEADERS
from coursebook.sandbox.sign_in.sessions import KIND as SIGN_IN
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.timers import run_due

LONGEST = 255


def routes(world: Context) -> list[Route]:
    """Return the search."""
    frame = Frame(world.options, world.clock)

    async def asked(request: Request) -> Response:
        run_due(world)
        wanted = request.query_params.get("q", "").strip()[:LONGEST]
        address = address_of(world, wanted)
        if address:
            return RedirectResponse(address, 303, HEADERS)
        return frame.show("board_search.html", request, wanted=wanted)

    return [Route("/search", asked)]


def address_of(world: Context, key: str) -> str:
    """Return the address of the page that shows the object with this id, or nothing."""
    for kind, place in PLACES.items():
        body = world.store.get(kind, key)
        if body is not None:
            return place(world, body)
    return ""


def _of_payment(world: Context, body: Body) -> str:
    return payment_address(world, body.get("payment_intent"))


def _at(folder: str) -> Callable[[Context, Body], str]:
    return lambda _world, body: f"/{folder}/{quote(body['id'])}"


PLACES: dict[str, Callable[[Context, Body], str]] = {
    "checkout.session": _at("payments"),
    "payment_intent": lambda _world, intent: f"/payments/{intent['_session']}",
    "charge": _of_payment,
    "refund": _of_payment,
    "dispute": _of_payment,
    "event": _at("events"),
    "mail": _at("mailbox"),
    SIGN_IN: lambda _world, _session: "/sign-ins",
}
