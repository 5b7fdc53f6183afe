"""Money: an integer of minor units with a currency, never a float.

Exponents, minimum charges and the whole-unit rule follow docs.stripe.com/currencies. The list is
short on purpose: any other currency is refused.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self


@dataclass(frozen=True)
class Currency:
    """How one currency is counted: decimals shown, least charge, step between legal amounts."""

    code: str
    exponent: int
    minimum: int
    step: int = 1


CURRENCIES = {
    c.code: c
    for c in (
        Currency("eur", 2, 50),
        Currency("usd", 2, 50),
        Currency("gbp", 2, 30),
        Currency("chf", 2, 50),
        Currency("aud", 2, 50),
        Currency("cad", 2, 50),
        Currency("nzd", 2, 50),
        Currency("sgd", 2, 50),
        Currency("dkk", 2, 250),
        Currency("nok", 2, 300),
        Currency("sek", 2, 300),
        Currency("pln", 2, 200),
        Currency("czk", 2, 1500),
        Currency("huf", 2, 17500, step=100),
        Currency("jpy", 0, 50),
    )
}
_NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
_THREE_DECIMALS = "bhd jod kwd omr tnd"
WHOLE = 100
"""All of an amount, in per cent."""
MAX_AMOUNT = 99_999_999
"""Stripe takes at most eight digits for most currencies (docs.stripe.com/currencies)."""


def exponent_of(currency: str) -> int:
    """Return how many decimals an amount has, also in a currency that we do not take.

    A payment or refund may be in any of Stripe's currencies.
    """
    if currency in CURRENCIES:
        return CURRENCIES[currency].exponent
    if currency in _THREE_DECIMALS.split():
        return 3
    return 0 if currency in _NO_DECIMALS.split() else 2


def major_units(amount: int, currency: str) -> str:
    """Return minor units as a plain decimal: 4500 eur is `45.00`, 5000 jpy is `5000`."""
    decimals = exponent_of(currency)
    return f"{Decimal(amount).scaleb(-decimals):.{decimals}f}"


class MoneyError(ValueError):
    """Amounts that cannot be added, charged or written."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount in minor units (cents; yen for JPY) of one lower-case ISO 4217 currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise MoneyError(f"An amount is a whole number of minor units, not {self.amount!r}.")
        if self.currency not in CURRENCIES:
            raise MoneyError(f"We do not accept the currency {self.currency!r}.")

    def __add__(self, other: Self) -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._same(other)

    def percent(self, share: int) -> "Money":
        """Return `share` per cent of it, rounded down to a legal amount (never too much)."""
        if not 0 <= share <= WHOLE:
            raise MoneyError(f"A share is 0 to 100 per cent, not {share}.")
        step = CURRENCIES[self.currency].step
        return Money(self.amount * share // WHOLE // step * step, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MoneyError(f"Cannot mix {self.currency} and {other.currency}.")
        return other.amount


def price_problem(amount: int, currency: str) -> str | None:
    """Return the sentence that says why this cannot be a price, or None when it can."""
    currency_info = CURRENCIES.get(currency)
    if currency_info is None:
        return f"We do not accept the currency “{currency}”."
    if type(amount) is not int:
        return "A price must be a whole number of minor units."
    name = currency.upper()
    rules = (
        (amount < 0, "A price cannot be negative."),
        (
            0 < amount < currency_info.minimum,
            f"The lowest price in {name} is {major_units(currency_info.minimum, currency)}, or 0.",
        ),
        (
            amount > MAX_AMOUNT,
            f"The highest price in {name} is {major_units(MAX_AMOUNT, currency)}.",
        ),
        (
            amount % currency_info.step != 0,
            f"A price in {name} must be a multiple of {major_units(currency_info.step, currency)}.",
        ),
    )
    return next((sentence for is_broken, sentence in rules if is_broken), None)
