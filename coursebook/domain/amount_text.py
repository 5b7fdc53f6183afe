"""Amounts and promises in words, and amounts that people type: exact to the last minor unit.

Pages and mails write amounts by `money_text`, in the language of their reader.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel.numbers import NumberPattern, parse_pattern

from coursebook.cldr import locale_of
from coursebook.domain.money import exponent_of
from coursebook.domain.promise import Share

SYMBOLS = {
    "eur": "€",
    "usd": "$",
    "gbp": "£",
    "jpy": "¥",
    "aud": "A$",
    "cad": "C$",
    "nzd": "NZ$",
    "sgd": "S$",
}
"""Currencies written with a symbol; the others with their code and a space ("CHF 20.00")."""
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MAX_TYPED_LENGTH = 30
_GROUPED = r"\d{1,3}(?:(?P<mark>[.,' \u00a0\u202f\u2019])\d{3}(?:(?P=mark)\d{3})*)?"
_PLAIN = r"\d+"
_SIGNS = re.compile(r"[€$£¥]|\b[a-z]{3}\b", re.IGNORECASE)


class WrongAmount(ValueError):
    """A text is not an amount of the currency."""


def money_text(amount: int, currency: str, language: str) -> str:
    """Return a full amount: "€45.00", "¥4,500", "CHF 20.00", "-€5.00"; German "45,00 €".

    `amount` is in minor units. A space in it is a no-break space.
    """
    return _text(amount, currency, exponent_of(currency), language)


def whole_money_text(amount: int, currency: str, language: str) -> str:
    """Return an amount without decimals: "€45", "CHF 20"; German "45 €"."""
    return _text(amount, currency, 0, language)


def money_in_words(amount: int, currency: str) -> str:
    """Return an amount in English with plain spaces: `€1,234.50`, `CHF 90.00`, `A$85.00`."""
    return money_text(amount, currency, "en").replace(NO_BREAK_SPACE, " ")


def _text(amount: int, currency: str, decimals: int, language: str) -> str:
    units = Decimal(amount).scaleb(-exponent_of(currency))
    pattern = _pattern(currency, decimals, language)
    return str(pattern.apply(units, locale_of(language), currency_digits=False))


@cache
def _pattern(currency: str, decimals: int, language: str) -> NumberPattern:
    """Return the language's currency pattern, with our symbol or code and these decimals."""
    form = locale_of(language).currency_formats["standard"].pattern
    symbol = SYMBOLS.get(currency)
    if symbol is None:  # keep a space between a code and the digits
        form = re.sub(r"¤(?=[#0])", f"¤{NO_BREAK_SPACE}", form)
        form = re.sub(r"(?<=0)¤", f"{NO_BREAK_SPACE}¤", form)
    digits = "0." + "0" * decimals if decimals else "0"
    return parse_pattern(
        form.replace("0.00", digits).replace("¤", f"'{symbol or currency.upper()}'")
    )


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


def read_amount(text: str, currency: str) -> int:
    """Return the minor units of an amount: "45", "45.00", "45,00", "1.234,50" and "€45" of `eur`.

    A mark before three digits parts thousands; before as many digits as the currency has decimals,
    or fewer, it is the decimal mark. Raises WrongAmount, also for one point or comma before three
    digits ("45.005"), which could be either.
    """
    plain = _SIGNS.sub("", text).strip()
    if not plain or len(plain) > MAX_TYPED_LENGTH or not plain.isprintable():
        raise WrongAmount(text)
    decimals = exponent_of(currency)
    tail = rf"(?:[.,](?P<part>\d{{1,{decimals}}}))?" if decimals else "(?P<part>(?!))?"
    for whole in (_PLAIN, _GROUPED):
        match = re.fullmatch(f"(?P<whole>{whole}){tail}", plain, re.ASCII)
        if match is not None and decimals and _is_either(match):
            break
        if match is not None and not _has_one_mark_for_both(match):
            part = (match["part"] or "").ljust(decimals, "0")
            return int(re.sub(r"\D", "", match["whole"]) + part)
    raise WrongAmount(text)


def _is_either(match: re.Match[str]) -> bool:
    """Tell whether the only mark may be one of thousands or of decimals, as in 45.005."""
    return match["part"] is None and re.fullmatch(r"\d+[.,]\d+", match["whole"]) is not None


def _has_one_mark_for_both(match: re.Match[str]) -> bool:
    """Tell whether thousands and decimals have the same mark, as in 1,234,50."""
    if match["part"] is None or "mark" not in match.re.groupindex or match["mark"] is None:
        return False
    return match.string[match.end("whole")] == match["mark"]
