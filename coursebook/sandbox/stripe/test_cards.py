"""The card numbers that the payment page accepts: only Stripe's published test numbers.

Source: docs.stripe.com/testing. A new number is a new row.
"""

from dataclasses import dataclass
from typing import Literal

RefundBehavior = Literal["succeeds", "pends", "fails_later"]


@dataclass(frozen=True)
class Decline:
    """Why a payment fails: Stripe's code, its decline code, and the message on the page."""

    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True)
class Debit:
    """A delayed payment: its outcome, and the delay in seconds."""

    succeeds: bool
    after: int


@dataclass(frozen=True)
class Dispute:
    """A dispute or inquiry that opens as soon as the payment succeeds."""

    reason: str
    inquiry: bool = False


@dataclass(frozen=True)
class Card:
    """One test number and how it behaves. `debit` is set for bank accounts.

    `country` is where it was issued, which decides about the fee. Unlike at Stripe, most test
    numbers count as issued in the EEA, as the cards of most students of the samples would be.
    """

    number: str
    brand: str
    note: str
    decline: Decline | None = None
    challenge: bool = False
    refund: RefundBehavior = "succeeds"
    debit: Debit | None = None
    dispute: Dispute | None = None
    country: str = "PT"

    @property
    def last4(self) -> str:
        """The only digits that are stored."""
        return self.number[-4:]

    @property
    def name(self) -> str:
        """A name that is safe to store: brand and last four digits."""
        return f"{self.brand}-{self.last4}"

    @property
    def method(self) -> str:
        """Stripe's type of the payment method."""
        return "sepa_debit" if self.debit else "card"

    @property
    def spaced(self) -> str:
        """The number in groups of four, as on a card."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))


DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", DECLINED, "generic_decline")
NO_FUNDS = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
LOST = Decline("card_declined", DECLINED, "lost_card")
STOLEN = Decline("card_declined", DECLINED, "stolen_card")
EXPIRED = Decline("expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
)
DEBIT_FAILED = Decline("payment_method_provider_decline", "The bank refused the debit.")

SUCCEEDS, FAILS = True, False
FRAUD, INQUIRY = Dispute("fraudulent"), Dispute("general", inquiry=True)
TAKEN_BACK = Dispute("debit_not_authorized")

_ROWS = (
    Card("4242424242424242", "visa", "pays"),
    Card("5555555555554444", "mastercard", "pays"),
    Card("378282246310005", "amex", "pays", country="US"),
    Card("4000000000000002", "visa", "declined", decline=GENERIC),
    Card("4000000000009995", "visa", "declined: insufficient funds", decline=NO_FUNDS),
    Card("4000000000009987", "visa", "declined: lost card", decline=LOST),
    Card("4000000000009979", "visa", "declined: stolen card", decline=STOLEN),
    Card("4000000000000069", "visa", "declined: expired card", decline=EXPIRED),
    Card("4000000000000127", "visa", "declined: wrong CVC", decline=WRONG_CVC),
    Card("4000000000000119", "visa", "declined: processing error", decline=PROCESSING),
    Card("4000002500003155", "visa", "asks for authentication, then pays", challenge=True),
    Card("4000002760003184", "visa", "asks for authentication, then pays", challenge=True),
    Card("4000008400001629", "visa", "authentication, then declined", GENERIC, challenge=True),
    Card("4000000000000259", "visa", "pays, then is disputed", dispute=FRAUD),
    Card("4000000000001976", "visa", "pays, then an inquiry", dispute=INQUIRY),
    Card("4000000000007726", "visa", "pays; a refund is pending first", refund="pends"),
    Card("4000000000005126", "visa", "pays; a refund fails later", refund="fails_later"),
    Card("DE89370400440532013000", "sepa", "debit succeeds at once", debit=Debit(SUCCEEDS, 0)),
    Card(
        "DE08370400440532013003", "sepa", "debit succeeds after 3 min", debit=Debit(SUCCEEDS, 180)
    ),
    Card("DE62370400440532013001", "sepa", "debit fails at once", debit=Debit(FAILS, 0)),
    Card("DE78370400440532013004", "sepa", "debit fails after 3 min", debit=Debit(FAILS, 180)),
    Card("AT611904300234573201", "sepa", "debit succeeds at once", debit=Debit(SUCCEEDS, 0)),
    Card("AT861904300235473202", "sepa", "debit fails at once", debit=Debit(FAILS, 0)),
    Card(
        "DE35370400440532013002",
        "sepa",
        "debit succeeds at once and is taken back",
        debit=Debit(SUCCEEDS, 0),
        dispute=TAKEN_BACK,
    ),
)
CARDS = {row.number: row for row in _ROWS}
BY_NAME = {row.name: row for row in _ROWS}
