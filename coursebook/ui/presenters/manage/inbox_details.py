"""The facts of a money inbox entry in the language of the page. Pure.

They are stored in English, since the log and the mail to operators show them too. `INBOX_FACT` has
each of their sentences with names for its parts, and `STORED` those that are stored in another form
than they are shown in. Moments are shown in the school's zone.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from coursebook.domain.amount_text import SYMBOLS, money_in_words
from coursebook.services.views import InboxEntryView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say

MONEY_PARTS = ("money", "asked", "here", "there")
WORD_PARTS = ("reason", "ours", "theirs", "mode", "world", "noun")
STORED = {
    "dispute": "A dispute about {money}, {reason}: {dispute}.",
    "inquiry": "An inquiry about {money}, {reason}: {dispute}.",
    "answer_by": "Answer it in Stripe's dashboard before {until} UTC.",
}
STORED_MOMENT = "%Y-%m-%d %H:%M"


def detail_in(entry: InboxEntryView, zone: str, language: str) -> tuple[str, str]:
    """Return the facts of an entry, and the language that they are in."""
    return text_in(entry.detail, entry.amount.currency if entry.amount else "", zone, language)


def dispute_in(detail: str) -> str:
    """Return Stripe's id of the dispute that the facts are about; "" for other facts."""
    for name in ("dispute", "inquiry"):
        match = _patterns()[name].match(detail)
        if match is not None:
            return match["dispute"]
    return ""


def text_in(detail: str, currency: str, zone: str, language: str) -> tuple[str, str]:
    """Return those facts; `currency` is that of the entry, "" without an amount."""
    sentences: list[str] = []
    rest = detail
    while rest:
        sentence, length = _first_sentence(rest, currency, zone, language)
        if not sentence:
            return detail, i18n.ENGLISH
        sentences.append(sentence)
        rest = rest[length:].lstrip()
    return " ".join(sentences), language


def _first_sentence(text: str, currency: str, zone: str, language: str) -> tuple[str, int]:
    """Return the first sentence in a language and its length in English; ("", 0) if unknown."""
    facts = i18n.manage_of(language).INBOX_FACT
    for name, pattern in _patterns().items():
        match = pattern.match(text)
        if match is not None:
            parts = {
                key: _part(key, part, currency, zone, language)
                for key, part in match.groupdict().items()
            }
            return str(facts[name].format(**parts)), match.end()
    return "", 0


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    english = {**i18n.manage_of(i18n.ENGLISH).INBOX_FACT, **STORED}
    return {name: re.compile(_pattern_of(text)) for name, text in english.items()}


def _pattern_of(text: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(text)) + r"(?= [A-Z\u20ac$\u00a3\d]|$)"


def _part(key: str, text: str, currency: str, zone: str, language: str) -> str:
    words = i18n.manage_of(language)
    if key in MONEY_PARTS:
        return _money(text, currency, language)
    if key in WORD_PARTS:
        return str(words.INBOX_WORD.get(text.replace(" ", "_"), text))
    if key == "mail":
        return str(words.MAIL_NAME.get(text.replace(" ", "_"), text))
    if key == "until":
        until = datetime.strptime(text, STORED_MOMENT).replace(tzinfo=UTC)
        return say.moment(until, zone, language)
    return text


def _money(text: str, currency: str, language: str) -> str:
    """Return an amount that was written in English; unchanged if it cannot be read exactly."""
    digits = re.sub(r"\D", "", text)
    written = re.match(r"[A-Z]{3}\b", text)
    codes = [currency, *SYMBOLS, *([written[0].lower()] if written else [])]
    for code in filter(None, codes):
        if digits and money_in_words(int(digits), code) == text:
            return say.money(int(digits), code, language)
    return text
