"""The reader of our texts: the language and the time zone of their browser."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Self
from zoneinfo import available_timezones

MAX_TAG_LENGTH = 35
"""Characters of a language tag (RFC 5646, 4.4.1)."""
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Reader:
    """A language tag (`de`) and an IANA time zone (`Europe/Berlin`), each "" when unknown."""

    language: str = ""
    timezone: str = ""

    @classmethod
    def of(cls, language: object, timezone: object = "") -> Self:
        """Build it from values that a browser sent. What cannot be used counts as unknown."""
        return cls(_language(language), _timezone(timezone))


UNKNOWN_READER = Reader()


def _language(value: object) -> str:
    is_tag = isinstance(value, str) and len(value) <= MAX_TAG_LENGTH and _TAG.fullmatch(value)
    return str(value) if is_tag else ""


def _timezone(value: object) -> str:
    return value if isinstance(value, str) and value in _timezones() else ""


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())
