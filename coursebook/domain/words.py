"""Amounts in words, exact to the last minor unit, by integers alone."""

from coursebook.domain.money import CURRENCIES

SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}


def money_in_words(amount: int, currency: str) -> str:
    """Return for example `€1,234.50`, `¥5,000` or `CHF 90.00`. `amount` is in minor units."""
    exponent = CURRENCIES[currency].exponent
    whole, rest = divmod(abs(amount), 10**exponent)
    digits = f"{whole:,}" + (f".{rest:0{exponent}d}" if exponent else "")
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{currency.upper()} {digits}"
