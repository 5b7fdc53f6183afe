"""The currencies of the sandbox: minor units, minimum charge and format of amounts.

Minimums: Stripe's table of minimum charge amounts, docs.stripe.com/currencies, as of 2026. A real
account applies the minimum of its settlement currency; the sandbox settles in the charge's own.
"""

from dataclasses import dataclass

MAX_AMOUNT = 99_999_999


@dataclass(frozen=True)
class Currency:
    """`minimum` is in minor units; `decimals` is the number of decimals."""

    code: str
    minimum: int
    symbol: str = ""
    decimals: int = 2


_ROWS = (
    Currency("usd", 50, "$"),
    Currency("eur", 50, "€"),
    Currency("gbp", 30, "£"),
    Currency("jpy", 50, "¥", 0),
    Currency("aud", 50, "A$"),
    Currency("cad", 50, "CA$"),
    Currency("chf", 50),
    Currency("nzd", 50, "NZ$"),
    Currency("sgd", 50, "S$"),
    Currency("brl", 50, "R$"),
    Currency("inr", 50, "₹"),
    Currency("dkk", 250),
    Currency("nok", 300),
    Currency("sek", 300),
    Currency("pln", 200),
    Currency("ron", 200),
    Currency("aed", 200),
    Currency("myr", 200),
    Currency("mxn", 1000),
    Currency("thb", 1000),
    Currency("hkd", 400),
    Currency("czk", 1500),
    Currency("huf", 17500),
    Currency("bgn", 100),
)
CURRENCIES = {row.code: row for row in _ROWS}


def written(amount: int, code: str) -> str:
    """Return an amount of minor units as text: `€45.00`, `SEK 1,200.00`, `¥500`."""
    currency = CURRENCIES.get(code, Currency(code, 0))
    whole, part = divmod(abs(amount), 10**currency.decimals)
    digits = f"{whole:,}" + (f".{part:0{currency.decimals}d}" if currency.decimals else "")
    sign = "-" if amount < 0 else ""
    return (
        f"{sign}{currency.symbol}{digits}" if currency.symbol else f"{sign}{code.upper()} {digits}"
    )
