"""Payments on the dashboard: the list, one payment with its objects, and its forms."""

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
MAX_ROWS = 50
STATUSES = {"": "All", "open": "Open", "complete": "Complete", "expired": "Expired"}
CHANGED = "Something has changed since this page was opened. Check again, then decide."


@dataclass(frozen=True)
class Payment:
    """A session with its objects, newest first."""

    row: PaymentRow
    intent: Body | None
    charges: list[Body]
    refunds: list[RefundRow]
    disputes: list[DisputeRow]
    events: list[EventRow]

    @property
    def paid_charge(self) -> Body | None:
        """The paid charge, if any."""
        return next((charge for charge in self.charges if charge["paid"]), None)

    @property
    def disputable(self) -> bool:
        """Whether a dispute can be opened: money is left; earlier ones are closed inquiries."""
        return self.unrefunded > 0 and all(
            row.is_inquiry and not row.is_open for row in self.disputes
        )

    @property
    def unrefunded(self) -> int:
        """The amount that is not refunded, in minor units."""
        charge = self.paid_charge
        return charge["amount"] - charge["amount_refunded"] if charge else 0

    @property
    def blocks_refunds(self) -> bool:
        """Whether a dispute forbids a refund."""
        return any(row.dispute["status"] in BLOCKS_REFUNDS for row in self.disputes)

    @property
    def refundable(self) -> int:
        """The amount that can be refunded, in minor units: nothing of a disputed payment."""
        return 0 if self.blocks_refunds else self.unrefunded


def routes(context: Context) -> list[Route]:
    """Return the pages and forms of payments."""
    frame = Frame(context.options, context.clock)

    async def listing(request: Request) -> Response:
        run_due(context)
        status = request.query_params.get("status", "")
        only = Filter(status=status) if status in STATUSES and status else None
        paging = listed(context.store, SESSION, request, only)
        rows = [payment_row(context, session) for session in paging.rows]
        return frame.show(
            "dashboard_payments.html",
            request,
            rows=rows,
            paging=paging,
            chosen=status,
            tabs=STATUSES,
        )

    def page(request: Request, problem: str = "") -> Response:
        session = context.store.get(SESSION, request.path_params["key"])
        if session is None:
            return frame.show("dashboard_missing.html", request, status=404, noun="payment")
        payment = load_payment(context, session)
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
        return page(request)

    return [
        Route("/payments", listing),
        Route("/payments/{key}", detail),
        form_route(context, "/payments/{key}/refund", _refund, page),
        form_route(context, "/payments/{key}/settle", _settle, page),
        form_route(context, "/payments/{key}/dispute", _dispute, page),
    ]


def load_payment(context: Context, session: Body) -> Payment:
    """Return a session with its objects."""
    key = session["payment_intent"] or ""
    keys = (session["id"], key) if key else (session["id"],)

    def of(kind: str) -> list[Body]:
        return context.store.find(kind, Filter(parent=key), limit=MAX_ROWS) if key else []

    return Payment(
        row=payment_row(context, session),
        intent=context.store.get("payment_intent", key),
        charges=of("charge"),
        refunds=[refund_row(context, refund) for refund in of("refund")],
        disputes=[dispute_row(context, dispute) for dispute in of("dispute")],
        events=[
            event_row(context, event) for event in context.store.events_about(keys, limit=MAX_ROWS)
        ],
    )


async def _refund(context: Context, fields: Fields, key: str) -> str:
    """Refund an amount, or all that is left. A form that is sent twice refunds once."""
    session = load(context, SESSION, key, "session")
    charge = load_payment(context, session).paid_charge
    if charge is None:
        raise StripeRefusal("Nothing was paid here, so nothing can be given back.")
    if fields.get("seen") != str(charge["amount_refunded"]):
        raise StripeRefusal(CHANGED)
    amount = amount_of(fields.get("amount"), charge["currency"])
    values = {} if amount is None else {"amount": amount}
    await use_control(context, "charges/{key}/refund", charge["id"], **values)
    return f"/payments/{key}?done=refund"


async def _settle(context: Context, fields: Fields, key: str) -> str:
    """Settle a delayed payment now."""
    if not context.options.test_controls:
        raise StripeRefusal("Test controls are off.")
    await use_control(context, "sessions/{key}/settle", key, outcome=fields.get("outcome"))
    return f"/payments/{key}?done=settled"


async def _dispute(context: Context, fields: Fields, key: str) -> str:
    """Open a dispute or an inquiry about the charge."""
    charge = load_payment(context, load(context, SESSION, key, "session")).paid_charge
    if charge is None:
        raise StripeRefusal("Nothing was paid here, so nothing can be disputed.")
    inquiry = fields.get("kind") == "inquiry"
    open_dispute(context, charge, inquiry=inquiry)
    return f"/payments/{key}?done={'inquiry' if inquiry else 'dispute'}"
