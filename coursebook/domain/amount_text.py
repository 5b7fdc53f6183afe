"""Amounts and promises in words: exact to the last minor unit, by integers alone."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from coursebook.domain.money import exponent_of
from coursebook.domain.promise import Share

SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}


def money_in_words(amount: int, currency: str) -> str:
    """Return for example `€1,234.50`, `¥5,000` or `CHF 90.00`. `amount` is in minor units."""
    exponent = exponent_of(currency)
    whole, rest = divmod(abs(amount), 10**exponent)
    digits = f"{whole:,}" + (f".{rest:0{exponent}d}" if exponent else "")
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{currency.upper()} {digits}"


def promise_in_words(ahead: Sequence[Share], timezone: str) -> str:
    """Return the part of a promise that still applies as one sentence, in a named time zone."""
    shares = [share for share in ahead if share.percent]
    if not shares:
        return "If you cancel, nothing is given back."
    parts = [f"{s.percent} % back until {_moment(s.until, timezone)}" for s in shares]
    return f"If you cancel: {', then '.join(parts)} ({timezone}); nothing after that."


def _moment(at: datetime, timezone: str) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"
