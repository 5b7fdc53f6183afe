"""Payments on the board: the list, one payment with all that belongs to it, and its buttons."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, amount_of, form_route, use_control
from coursebook.sandbox.dashboard.frame import Frame, as_json_text
from coursebook.sandbox.dashboard.labels import OF_CHARGE, method_in_words, status_label
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


def routes(context: Context) -> list[Route]:
    """Return the pages and forms of payments."""
    frame = Frame(context.options, context.clock)

    async def listing(request: Request) -> Response:
        run_due(context)
        status = request.query_params.get("status", "")
        only = Filter(status=status) if status in STATUSES and status else None
        found = listed(context.store, SESSION, request, only)
        rows = [payment_row(context, session) for session in found.rows]
        return frame.show(
            "dashboard_payments.html",
            request,
            rows=rows,
            paging=found,
            chosen=status,
            tabs=STATUSES,
        )

    def one(request: Request, problem: str = "") -> Response:
        session = context.store.get(SESSION, request.path_params["key"])
        if session is None:
            return frame.show("dashboard_missing.html", request, status=404, noun="payment")
        payment = whole_payment(context, session)
        raw = {"Session": session, "PaymentIntent": payment.intent, "Charge": payment.paid_charge}
        bodies = {name: as_json_text(body) for name, body in raw.items() if body}
        return frame.show(
            "dashboard_payment.html",
            request,
            problem=problem,
            payment=payment,
            bodies=bodies,
            method=method_in_words,
            of_charge=partial(status_label, OF_CHARGE),
        )

    async def detail(request: Request) -> Response:
        run_due(context)
        return one(request)

    return [
        Route("/payments", listing),
        Route("/payments/{key}", detail),
        form_route(context, "/payments/{key}/refund", _refund, one),
        form_route(context, "/payments/{key}/settle", _settle, one),
        form_route(context, "/payments/{key}/dispute", _dispute, one),
    ]


def whole_payment(context: Context, session: Body) -> Payment:
    """Return a session with everything that belongs to it."""
    key = session["payment_intent"] or ""
    keys = (session["id"], key) if key else (session["id"],)

    def of(kind: str) -> list[Body]:
        return context.store.find(kind, Filter(parent=key), limit=SHOWN) if key else []

    return Payment(
        row=payment_row(context, session),
        intent=context.store.get("payment_intent", key),
        charges=of("charge"),
        refunds=[refund_row(context, one) for one in of("refund")],
        disputes=[dispute_row(context, one) for one in of("dispute")],
        events=[
            event_row(context, event) for event in context.store.events_about(keys, limit=SHOWN)
        ],
    )


async def _refund(context: Context, fields: Fields, key: str) -> str:
    """Give back an amount, or all that is left; a form that was sent twice does it once."""
    session = load(context, SESSION, key, "session")
    charge = whole_payment(context, session).paid_charge
    if charge is None:
        raise StripeRefusal("Nothing was paid here, so nothing can be given back.")
    if fields.get("seen") != str(charge["amount_refunded"]):
        raise StripeRefusal(CHANGED)
    amount = amount_of(fields.get("amount"), charge["currency"])
    said = {} if amount is None else {"amount": amount}
    await use_control(context, "charges/{key}/refund", charge["id"], **said)
    return f"/payments/{key}?done=refund"


async def _settle(context: Context, fields: Fields, key: str) -> str:
    """Bring a delayed payment to its end before its time."""
    if not context.options.test_controls:
        raise StripeRefusal("Test controls are off.")
    await use_control(context, "sessions/{key}/settle", key, outcome=fields.get("outcome"))
    return f"/payments/{key}?done=settled"


async def _dispute(context: Context, fields: Fields, key: str) -> str:
    """Let the buyer's bank dispute the charge, or ask about it only."""
    charge = whole_payment(context, load(context, SESSION, key, "session")).paid_charge
    if charge is None:
        raise StripeRefusal("Nothing was paid here, so nothing can be disputed.")
    inquiry = fields.get("kind") == "inquiry"
    open_dispute(context, charge, inquiry=inquiry)
    return f"/payments/{key}?done={'inquiry' if inquiry else 'dispute'}"
