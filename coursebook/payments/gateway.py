"""What the rest of the product knows of Stripe: a few dataclasses and refusals, one Protocol."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from coursebook.domain.dispute import DisputeState
from coursebook.domain.installation import Installation
from coursebook.domain.money import Money
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.log import harmless_id

T = TypeVar("T")
OUR_MARK = "coursebook"
"""`metadata.app` of everything we make at Stripe, to tell it from other programs' things."""


def mark_of(maker: Installation) -> dict[str, str]:
    """Return the metadata of everything that this installation makes at Stripe."""
    return {"app": OUR_MARK, "installation": maker.id, "address": maker.public_address}


def maker_in(metadata: object) -> str | None:
    """Return the id of the installation that made something at Stripe, as its metadata tells.

    None: not made by coursebook. "": made before installations had ids.
    """
    if not isinstance(metadata, dict) or metadata.get("app") != OUR_MARK:
        return None
    named = metadata.get("installation")
    return named if isinstance(named, str) else ""


class GatewayError(Exception):
    """Stripe could not do what we asked."""


class StripeUnreachable(GatewayError):
    """No answer, or an answer that says nothing: whether the call took effect is unknown."""


class StripeRefused(GatewayError):
    """Stripe answered that it will not do this. `code` is Stripe's, if it gave one.

    `parameter` is the one that Stripe did not take, if it named one.
    """

    def __init__(self, message: str, code: str | None = None, parameter: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.parameter = parameter


class NoSuchObject(StripeRefused):
    """Stripe has nothing with this id."""


class BadWebhook(Exception):
    """Not from Stripe, or not an event: the signature is missing, wrong or too old."""


@dataclass(frozen=True)
class CheckoutAsk:
    """What a student is asked to pay for. Its parameters are stored before Stripe is asked.

    `request_id` is the request that asked: Stripe gives it back with the events of the payment.
    `takes_debits`: delayed methods are offered too.
    """

    maker: Installation
    booking_id: str
    attempt_number: int
    title: str
    price: Money
    email: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    request_id: str = ""
    takes_debits: bool = False


@dataclass(frozen=True)
class RefundFacts:
    """A refund as Stripe has it. `our_id` is the refund row that asked for it, if one did.

    `amount` in minor units of `currency`, which need not be one that we take.
    """

    id: str
    state: RefundState
    amount: int
    currency: str
    our_id: str | None
    failure: str | None
    payment_intent_id: str | None
    created: datetime


@dataclass(frozen=True)
class DisputeFacts:
    """A dispute (or an inquiry) as Stripe has it. `answer_by`: until when Stripe takes evidence."""

    id: str
    state: DisputeState
    amount: int
    currency: str
    reason: str
    livemode: bool
    payment_intent_id: str | None
    answer_by: datetime | None
    created: datetime


@dataclass(frozen=True)
class PaymentFacts:
    """A PaymentIntent as Stripe has it. `received`: what was taken, `refunded`: what went back.

    `maker`: see `maker_in`.
    """

    id: str
    maker: str | None
    booking_id: str | None
    attempt_number: int | None
    received: int
    refunded: int
    currency: str
    created: datetime


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list of Stripe's, newest first. `next_cursor` None: the last one."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class SessionFacts:
    """A Checkout Session as Stripe has it now. `amount` is what was or is to be paid.

    `payer_email` is the address that was typed on the page, "" while there is none.
    `charged`: what was taken in fact, `refunded`: what of it went back; 0 in a list. `taken_at`:
    when the money was taken, for a debit when it was given; None while there is none, and in a
    list. `maker`: see `maker_in`.
    """

    id: str
    status: CheckoutSessionStatus
    url: str | None
    amount: int
    currency: str
    mode: str
    livemode: bool
    maker: str | None
    booking_id: str | None
    attempt_number: int | None
    payment_intent_id: str | None
    last_error: str | None
    receipt_url: str | None
    expires_at: datetime
    charged: int
    refunded: int
    is_disputed: bool
    taken_at: datetime | None
    created: datetime
    payer_email: str = ""


@dataclass(frozen=True)
class WebhookFacts:
    """An event whose signature was good: which object to look at, never what to believe."""

    id: str
    type: str
    object_id: str
    payment_intent_id: str | None
    livemode: bool
    payload: dict[str, Any]

    @property
    def is_of_another_account(self) -> bool:
        """True when it happened on an account connected to ours (docs.stripe.com/connect)."""
        return bool(self.payload.get("account"))

    @property
    def maker(self) -> str | None:
        """Which installation made the object that it is about: see `maker_in`."""
        return maker_in(self.payload["data"]["object"].get("metadata"))

    @property
    def asked_in(self) -> str:
        """The request of ours that the payment goes back to, as its mark tells; "" if none does."""
        if self.maker is None:
            return ""
        return harmless_id(self.payload["data"]["object"]["metadata"].get("request_id"))

    @property
    def stripe_request(self) -> str:
        """The call of Stripe's API that caused it, by Stripe's `Request-Id`; "" if none did."""
        cause = self.payload.get("request")
        return harmless_id(cause.get("id")) if isinstance(cause, dict) else ""


class Gateway(Protocol):
    """Stripe, as the services use it. Every call may raise StripeUnreachable or StripeRefused."""

    livemode: bool

    def params_for(self, ask: CheckoutAsk) -> dict[str, Any]:
        """Return the exact parameters of the create call, as JSON, to be stored first."""

    async def create_session(self, params: dict[str, Any], key: str) -> SessionFacts:
        """Create a Checkout Session, or get the one that this key made before."""

    async def session(self, session_id: str) -> SessionFacts:
        """Fetch a session. Raises NoSuchObject."""

    async def expire_session(self, session_id: str) -> None:
        """Close an open session. StripeRefused when it is not open any more."""

    async def find_session(
        self, booking_id: str, number: int, since: datetime, maker: Installation
    ) -> SessionFacts | None:
        """Look through the sessions made since then, by Stripe's clock, for this attempt's.

        A session that carries the mark of another installation is not it.
        """

    async def session_of_payment(self, payment_intent_id: str) -> SessionFacts | None:
        """Fetch the session that a PaymentIntent belongs to, if there is one."""

    async def refund(
        self, payment_intent_id: str, amount: int, our_id: str, key: str, maker: Installation
    ) -> RefundFacts:
        """Give `amount` minor units of a payment back."""

    async def refunds_of(self, payment_intent_id: str) -> list[RefundFacts]:
        """List every refund of a payment, ours and others'."""

    async def disputes_of(self, payment_intent_id: str) -> list[DisputeFacts]:
        """List every dispute of a payment."""

    async def sessions_since(self, since: datetime, cursor: str | None) -> Page[SessionFacts]:
        """List the sessions made since then, each with its payment."""

    async def payments_since(self, since: datetime, cursor: str | None) -> Page[PaymentFacts]:
        """List the payments made since then."""

    async def all_refunds_since(self, since: datetime, cursor: str | None) -> Page[RefundFacts]:
        """List the refunds made since then, of this and of every other program."""

    async def all_disputes_since(self, since: datetime, cursor: str | None) -> Page[DisputeFacts]:
        """List the disputes opened since then, of this and of every other program."""

    def read_webhook(self, raw: bytes, signature: str | None, now: datetime) -> WebhookFacts:
        """Verify the signature on the raw body and read the event. Raises BadWebhook."""

    async def close(self) -> None:
        """Give connections back."""
