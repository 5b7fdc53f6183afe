"""The Stripe gateway as a Protocol, with the dataclasses and errors that cross it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.installation import Installation
from coursebook.domain.money import Money
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.log import harmless_id

T = TypeVar("T")
METADATA_APP = "coursebook"
"""`metadata.app` of every object that we create, to tell it from those of other programs."""


def installation_metadata(maker: Installation) -> dict[str, str]:
    """Return the metadata of every object that this installation creates at Stripe."""
    return {"app": METADATA_APP, "installation": maker.id, "address": maker.public_address}


def maker_in(metadata: object) -> str | None:
    """Return the id, from the metadata, of the installation that created an object at Stripe.

    None: not created by coursebook. "": created before installations had ids.
    """
    if not isinstance(metadata, dict) or metadata.get("app") != METADATA_APP:
        return None
    installation_id = metadata.get("installation")
    return installation_id if isinstance(installation_id, str) else ""


class GatewayError(Exception):
    """A call to Stripe failed."""


class StripeUnreachable(GatewayError):
    """Stripe gave no usable answer: it is unknown whether the call took effect."""


class StripeRefused(GatewayError):
    """Stripe refused the call. `code` is Stripe's error code, if it gave one.

    `parameter` is the rejected parameter, if Stripe named one.
    """

    def __init__(self, message: str, code: str | None = None, parameter: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.parameter = parameter


class NoSuchObject(StripeRefused):
    """Stripe has no object with this id."""


class BadWebhook(Exception):
    """Not from Stripe, or not an event: the signature is missing, wrong or too old."""


@dataclass(frozen=True)
class CheckoutSessionRequest:
    """The Checkout Session to create. Its parameters are stored before Stripe is called.

    `request_id` is our current request: Stripe returns it with the events of the payment.
    `takes_debits`: also offer delayed payment methods.
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
    """A refund as Stripe reports it. `our_id` is the id of our refund row, if we made it.

    `amount` is in minor units of `currency`, which may be one that we do not support.
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
    """A dispute or inquiry as Stripe reports it. `answer_by`: the deadline for evidence.

    `fee`: what Stripe took for it, in minor units of its currency.
    """

    id: str
    state: DisputeState
    amount: int
    currency: str
    reason: str
    livemode: bool
    payment_intent_id: str | None
    answer_by: datetime | None
    created: datetime
    fee: int = 0


@dataclass(frozen=True)
class PaymentFacts:
    """A PaymentIntent as Stripe reports it, with its amounts received and refunded.

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
class MovementFacts:
    """A balance transaction: one movement of the money at Stripe, in minor units of `currency`.

    `net` is `amount` without `fee`. It belongs to the payment `payment_intent_id` or the refund
    `refund_id`; both are None for anything else, such as a dispute or another fee. `receipt_number`
    is the payment's, "" before Stripe mailed a receipt.
    """

    id: str
    amount: int
    fee: int
    net: int
    currency: str
    available_on: datetime
    payment_intent_id: str | None
    refund_id: str | None
    created: datetime
    receipt_number: str = ""


@dataclass(frozen=True)
class PayoutFacts:
    """A payout as Stripe reports it. Stripe lists what is in it only if it `is_automatic`."""

    id: str
    amount: int
    currency: str
    state: PayoutState
    is_automatic: bool
    arrives_on: datetime
    created: datetime


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a Stripe list, newest first. `next_cursor` is None on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class SessionFacts:
    """A Checkout Session as Stripe reports it now. `amount` is the amount due or paid.

    `payer_email` is the address entered on the page, "" before that. `receipt_number` is the one in
    the receipt that Stripe mailed, "" before. `charged` and `refunded`:
    the amounts taken and refunded; 0 in a list. `taken_at`: when Stripe took the money, or
    accepted a debit; None before that, and in a list. `maker`: see `maker_in`.
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
    receipt_number: str = ""


@dataclass(frozen=True)
class WebhookFacts:
    """An event with a valid signature. It only names the object to fetch."""

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
        """The installation that created the object of the event: see `maker_in`."""
        return maker_in(self.payload["data"]["object"].get("metadata"))

    @property
    def checkout_request_id(self) -> str:
        """The id of our request that created the payment, from its metadata, or ""."""
        if self.maker is None:
            return ""
        return harmless_id(self.payload["data"]["object"]["metadata"].get("request_id"))

    @property
    def stripe_request(self) -> str:
        """The `Request-Id` of the Stripe API call that caused the event, or ""."""
        cause = self.payload.get("request")
        return harmless_id(cause.get("id")) if isinstance(cause, dict) else ""


class Gateway(Protocol):
    """Stripe, as the services use it. Every call may raise StripeUnreachable or StripeRefused."""

    livemode: bool

    def params_for(self, request: CheckoutSessionRequest) -> dict[str, Any]:
        """Return the exact parameters of the create call, as JSON, to be stored first."""

    async def create_session(self, params: dict[str, Any], key: str) -> SessionFacts:
        """Create a Checkout Session, or return the one created with this key before."""

    async def session(self, session_id: str) -> SessionFacts:
        """Fetch a session. Raises NoSuchObject."""

    async def expire_session(self, session_id: str) -> None:
        """Expire an open session. Raises StripeRefused when it is not open."""

    async def find_session(
        self, booking_id: str, number: int, since: datetime, maker: Installation
    ) -> SessionFacts | None:
        """Search the sessions created since then, by Stripe's clock, for this attempt's session.

        Skip sessions with the metadata of another installation.
        """

    async def session_of_payment(self, payment_intent_id: str) -> SessionFacts | None:
        """Fetch the session of a PaymentIntent, if there is one."""

    async def refund(
        self, payment_intent_id: str, amount: int, our_id: str, key: str, maker: Installation
    ) -> RefundFacts:
        """Refund `amount` minor units of a payment."""

    async def refunds_of(self, payment_intent_id: str) -> list[RefundFacts]:
        """List every refund of a payment, ours and others'."""

    async def disputes_of(self, payment_intent_id: str) -> list[DisputeFacts]:
        """List every dispute of a payment."""

    async def sessions_since(self, since: datetime, cursor: str | None) -> Page[SessionFacts]:
        """List the sessions created since then, each with its payment."""

    async def payments_since(self, since: datetime, cursor: str | None) -> Page[PaymentFacts]:
        """List the payments created since then."""

    async def all_refunds_since(self, since: datetime, cursor: str | None) -> Page[RefundFacts]:
        """List the refunds created since then, by this and every other program."""

    async def all_disputes_since(self, since: datetime, cursor: str | None) -> Page[DisputeFacts]:
        """List the disputes opened since then on payments of any program."""

    async def available_balance(self) -> tuple[Money, ...]:
        """Return what Stripe can pay out or refund now, one sum for each currency we support."""

    async def movement_of_payment(self, payment_intent_id: str) -> MovementFacts | None:
        """Fetch the balance transaction of a payment; None while Stripe has none."""

    async def movement_of_refund(self, stripe_refund_id: str) -> MovementFacts | None:
        """Fetch the balance transaction of a refund; None while Stripe has none."""

    async def movements_since(self, since: datetime, cursor: str | None) -> Page[MovementFacts]:
        """List the movements since then, of this and every other program."""

    async def payout(self, payout_id: str) -> PayoutFacts:
        """Fetch a payout. Raises NoSuchObject."""

    async def payouts_since(self, since: datetime, cursor: str | None) -> Page[PayoutFacts]:
        """List the payouts made since then."""

    async def movements_of_payout(self, payout_id: str) -> list[MovementFacts]:
        """List everything that is in a payout, but for the payout itself."""

    def read_webhook(self, raw: bytes, signature: str | None, now: datetime) -> WebhookFacts:
        """Verify the signature on the raw body and read the event. Raises BadWebhook."""

    async def close(self) -> None:
        """Close the connections."""
