"""What Stripe charges for a payment or a dispute, as in its price list for the EEA.

Source: stripe.com/en-ie/pricing. Fixed parts are in the currency of the payment.
"""

from dataclasses import dataclass

from coursebook.sandbox.store import Body

_EEA = """
AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
"""
EEA = frozenset(_EEA.split())
BASIS_POINTS = 10_000
EEA_CARD, BRITISH_CARD, OTHER_CARD = 150, 250, 325
"""The share of a card payment, in basis points, by where the card was issued."""
DEBIT_FEE, DISPUTE_FEE = 35, 2000
FIXED = {
    "gbp": 20,
    "usd": 30,
    "chf": 30,
    "jpy": 40,
    "dkk": 180,
    "nok": 200,
    "sek": 180,
    "pln": 100,
    "ron": 100,
    "czk": 650,
    "huf": 8500,
    "mxn": 300,
    "thb": 1000,
    "hkd": 235,
    "bgn": 50,
}
"""The fixed part of a card payment, in minor units; 25 in every other currency."""
OTHER_FIXED = 25


@dataclass(frozen=True)
class Fee:
    """A fee in minor units, with its description."""

    amount: int = 0
    description: str = ""

    def details(self, currency: str) -> list[Body]:
        """Return Stripe's `fee_details`."""
        if not self.amount:
            return []
        return [
            {
                "amount": self.amount,
                "application": None,
                "currency": currency,
                "description": self.description,
                "type": "stripe_fee",
            }
        ]


NO_FEE = Fee()


def fee_of_charge(charge: Body) -> Fee:
    """Return the fee of a payment, at most its amount."""
    method = charge["payment_method_details"]
    if method["type"] == "card":
        country = method["card"]["country"]
        share = EEA_CARD if country in EEA else BRITISH_CARD if country == "GB" else OTHER_CARD
        part = (charge["amount"] * share + BASIS_POINTS // 2) // BASIS_POINTS
        amount = part + FIXED.get(charge["currency"], OTHER_FIXED)
    else:
        amount = DEBIT_FEE
    return Fee(min(amount, charge["amount"]), "Stripe processing fees")


def fee_of_dispute() -> Fee:
    """Return the fee of a dispute. It does not come back."""
    return Fee(DISPUTE_FEE, "Dispute fee")
