"""Clean and cut text from outside once, before it is used, the same for every database.

PostgreSQL refuses NUL, half a surrogate pair and text that is longer than its column; SQLite takes
all of them. Text of a token, a call, Stripe or a webhook passes through here first.
"""

import re
import unicodedata
from typing import Any

import idna

MAX_ADDRESS_LENGTH = 320
"""Characters: 64 before the @, 255 after it (RFC 5321, 4.5.3.1)."""
_LONGEST_LOCAL = 64
_PLAIN_LOCAL = re.compile(r"[^\s<>\"@,;:()\[\]\\]+")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_PLAIN_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")
"""Categories of Unicode that no line of text holds: control, half a pair, line and paragraph."""


def is_storable(text: str) -> bool:
    """Whether every database takes the text as it is."""
    return not _UNSTORABLE.search(text)


def clean_line(value: object, max_length: int) -> str:
    """Return one line of at most `max_length` characters, "" for a value that is no text."""
    if not isinstance(value, str):
        return ""
    text = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in value)
    return " ".join(text.split())[:max_length].rstrip()


def clean_text(value: object, max_length: int) -> str:
    """Return text of at most `max_length` characters with its line breaks, else ""."""
    if not isinstance(value, str):
        return ""
    text = value if is_storable(value) else "".join(c if is_storable(c) else " " for c in value)
    return text[:max_length].strip()


def clean_id(value: object, max_length: int) -> str | None:
    """Return an id as it is, or None when it cannot be one.

    It is never cut: the beginning of an id is the id of something else.
    """
    if not isinstance(value, str) or not 0 < len(value) <= max_length or not value.isprintable():
        return None
    return value


def mail_address(value: object) -> str:
    """Return one trimmed e-mail address, "" for a value that mail cannot be sent to.

    The only check of addresses: any address that passes is used, and the mail server reports
    further errors.
    """
    if not isinstance(value, str) or not is_storable(value):
        return ""
    address = unicodedata.normalize("NFC", value.strip())
    local, _, domain = address.rpartition("@")
    is_local = _PLAIN_LOCAL.fullmatch(local) or _QUOTED_LOCAL.fullmatch(local)
    if not is_local or not address.isprintable() or len(address) > MAX_ADDRESS_LENGTH:
        return ""
    if len(local.encode()) > _LONGEST_LOCAL or not _ascii_domain(domain):
        return ""
    return address


def wire_address(address: str) -> str:
    """Return the form of an address for mail servers: its domain in ASCII letters.

    "" for a value that `mail_address` would not return unchanged.
    """
    if not address or mail_address(address) != address:
        return ""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    if _PLAIN_DOMAIN.fullmatch(domain.lower()) and len(domain) <= 255:  # noqa: PLR2004 - RFC 5321
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


def storable(data: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return external JSON with every text in it fit for every database."""
    if isinstance(data, str):
        return data if is_storable(data) else clean_text(data, len(data))
    if isinstance(data, dict):
        return {storable(name): storable(value) for name, value in data.items()}
    if isinstance(data, list):
        return [storable(value) for value in data]
    return data
