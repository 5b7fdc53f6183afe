"""Payments on the board: the list, one payment with all that belongs to it, and its buttons."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, amount_of, form_route, pull
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.json_view import pretty
from coursebook.sandbox.dashboard.labels import OF_CHARGE, method_in_words, standing
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.dashboard.rows import (
    DisputeRow,
    EventRow,
    PaymentRow,
    RefundRow,
    dispute_row,
    event_row,
    payment_row,
    refund_row,
)
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.disputes import BLOCKS_REFUNDS, open_dispute
from coursebook.sandbox.stripe.resources import load
from coursebook.sandbox.stripe.timers import run_due

SESSION = "checkout.session"
SHOWN = 50
STATUSES = {"": "All", "open": "Open", "complete": "Complete", "expired": "Expired"}
CHANGED = "Something has changed since this page was opened. Check again, then decide."


@dataclass(frozen=True)
class Payment:
    """A session with all that came of it, newest first."""

    row: PaymentRow
    intent: Body | None
    charges: list[Body]
    refunds: list[RefundRow]
    disputes: list[DisputeRow]
    events: list[EventRow]

    @property
    def paid_charge(self) -> Body | None:
        """The charge that has brought money."""
        return next((one for one in self.charges if one["paid"]), None)

    @property
    def disputable(self) -> bool:
        """Whether the buyer's bank can step in: there is money, and no dispute about it yet."""
        return self.left > 0 and all(row.is_inquiry and not row.is_open for row in self.disputes)

    @property
    def left(self) -> int:
        """What has not been given back, in minor units."""
        charge = self.paid_charge
        return charge["amount"] - charge["amount_refunded"] if charge else 0

    @property
    def is_with_the_bank(self) -> bool:
        """Whether a dispute stands in the way of a refund."""
        return any(row.dispute["status"] in BLOCKS_REFUNDS for row in self.disputes)

    @property
    def refundable(self) -> int:
        """What can still be given back, in minor units: nothing of a disputed payment."""
        return 0 if self.is_with_the_bank else self.left


def routes(world: Context) -> list[Route]:
    """Return the pages and forms of payments."""
    frame = Frame(world.options, world.clock)

    async def listing(request: Request) -> Response:
        run_due(world)
        status = request.query_params.get("status", "")
        only = Filter(status=status) if status in STATUSES and status else None
        found = listed(world.store, SESSION, request, only)
        rows = [payment_row(world, session) for session in found.rows]
        return frame.show(
            "board_payments.html", request, rows=rows, paging=found, chosen=status, tabs=STATUSES
        )

    def one(request: Request, problem: str = "") -> Response:
        session = world.store.get(SESSION, request.path_params["key"])
        if session is None:
            return frame.show("board_missing.html", request, status=404, noun="payment")
        payment = whole_payment(world, session)
        raw = {"Session": session, "PaymentIntent": payment.intent, "Charge": payment.paid_charge}
        bodies = {name: pretty(body) for name, body in raw.items() if body}
        return frame.show(
            "board_payment.html",
            request,
            problem=problem,
            payment=payment,
            bodies=bodies,
            method=method_in_words,
            of_charge=partial(standing, OF_CHARGE),
        )

    async def detail(request: Request) -> Response:
        run_due(world)
        return one(request)

    return [
        Route("/payments", listing),
        Route("/payments/{key}", detail),
        form_route(world, "/payments/{key}/refund", _refund, one),
        form_route(world, "/payments/{key}/settle", _settle, one),
        form_route(world, "/payments/{key}/dispute", _dispute, one),
    ]


def whole_payment(world: Context, session: Body) -> Payment:
    """Return a session with everything that belongs to it."""
    key = session["payment_intent"] or ""
    keys = (session["id"], key) if key else (session["id"],)

    def of(kind: str) -> list[Body]:
        return world.store.find(kind, Filter(parent=key), limit=SHOWN) if key else []

    return Payment(
        row=payment_row(world, session),
        intent=world.store.get("payment_intent", key),
        charges=of("charge"),
        refunds=[refund_row(world, one) for one in of("refund")],
        disputes=[dispute_row(world, one) for one in of("dispute")],
        events=[event_row(world, event) for event in world.store.events_about(keys, limit=SHOWN)],
    )


async def _refund(world: Context, fields: Fields, key: str) -> str:
    """Give back an amount, or all that is left; a form that was sent twice does it once."""
    session = load(world, SESSION, key, "session")
    charge = whole_payment(world, session).paid_charge
    if charge is None:
        raise StripeRefusal("Nothing was paid here, so nothing can be given back.")
    if fields.get("seen") != str(charge["amount_refunded"]):
        raise StripeRefusal(CHANGED)
    amount = amount_of(fields.get("amount"), charge["currency"])
    said = {} if amount is None else {"amount": amount}
    await pull(world, "charges/{key}/refund", charge["id"], **said)
    return f"/payments/{key}?done=refund"


async def _settle(world: Context, fields: Fields, key: str) -> str:
    """Bring a delayed payment to its end before its time."""
    if not world.options.levers:
        raise StripeRefusal("Test controls are off.")
    await pull(world, "sessions/{key}/settle", key, outcome=fields.get("outcome"))
    return f"/payments/{key}?done=settled"


async def _dispute(world: Context, fields: Fields, key: str) -> str:
    """Let the buyer's bank dispute the charge, or ask about it only."""
    charge = whole_payment(world, load(world, SESSION, key, "session")).paid_charge
    if charge is None:
        raise StripeRefusal("Nothing was paid here, so nothing can be disputed.")
    inquiry = fields.get("kind") == "inquiry"
    open_dispute(world, charge, inquiry=inquiry)
    return f"/payments/{key}?done={'inquiry' if inquiry else 'dispute'}"
