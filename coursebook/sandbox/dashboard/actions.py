"""Forms of the dashboard: check the origin, act, then redirect to a page."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.html_pages import HEADERS
from coursebook.sandbox.sign_in.cors import fields_of, is_own_form
from coursebook.sandbox.stripe.currencies import CURRENCIES
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.test_controls.routes import CONTROLS

Fields = dict[str, Any]
Act = Callable[[Context, Fields, str], Awaitable[str]]
Page = Callable[[Request, str], Response]

AMOUNT = "Write the amount as a number, for example {}."
MAX_DIGITS = 8


def form_route(context: Context, path: str, act: Act, page: Page) -> Route:
    """Return a POST route for a form.

    `act` returns the address to redirect to. If it raises `StripeRefusal`, `page` shows the message
    with status 200, because browsers log every 4xx to their console as an error.
    """
    frame = Frame(context.options, context.clock)

    async def submit(request: Request) -> Response:
        if not is_own_form(request):
            return frame.show("dashboard_refused.html", request, status=403)
        run_due(context)
        fields = await fields_of(request)
        try:
            target = await act(context, fields, request.path_params.get("key", ""))
        except StripeRefusal as error:
            return page(request, error.message)
        return RedirectResponse(target, 303, HEADERS)

    return Route(path, submit, methods=["POST"])


async def use_control(
    context: Context, control: str, key: str = "", **values: object
) -> dict[str, Any]:
    """Run a test control of `docs/sandbox.md`, as the buttons of the dashboard do."""
    return await CONTROLS[control](context, dict(values), key)


def amount_of(typed: object, currency: str) -> int | None:
    """Return an amount in minor units, None when the field is empty.

    Raises `StripeRefusal` if it is not an amount of that currency. `12,50` means `12.50`.
    """
    text = str(typed or "").strip().replace(",", ".")
    if not text:
        return None
    decimals = CURRENCIES[currency].decimals
    whole, _, part = text.partition(".")
    is_number = (whole + part).isascii() and (whole + part).isdigit()
    if not is_number or not whole or len(whole) > MAX_DIGITS or len(part) > decimals:
        raise StripeRefusal(AMOUNT.format("12.50" if decimals else "1250"), param="amount")
    return int(whole + part.ljust(decimals, "0"))


def whole_number(fields: Fields, name: str, label: str) -> int:
    """Return the whole number in a field, 0 when it is empty. Raises `StripeRefusal` otherwise."""
    text = str(fields.get(name, "")).strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise StripeRefusal(f"{label} is a whole number.", param=name)
    return int(text or 0)
