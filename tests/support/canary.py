"""Patterns of secrets that must never appear in a log."""

import re

CANARIES = (
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}"),  # a session token
    re.compile(r"\b[sr]k_(?:test|live)_[A-Za-z0-9]{4,}"),  # a key
    re.compile(r"\bwhsec_[A-Za-z0-9]{4,}"),
    re.compile(r"\bv1=[0-9a-f]{16,}"),  # a signature
    re.compile(r"\b(?:4[02]\d{14}|5[0-9]{15}|3[47]\d{13})\b"),  # a card
    re.compile(r"(?i)\bcookie\b['\"]?\s*[:=]\s*['\"]?[^'\"*\s]"),
    re.compile(r"(?i)\b(?:__client|__session)=(?!\*)\S"),
    re.compile(r"[\w.+-]{2,}@(?:[\w-]+\.)+(?:test|com|org)\b"),  # an email address
)


def secrets_in(log: str, known: tuple[str, ...] = ()) -> list[str]:
    """Return the lines of a log that contain a secret; `known` are the secrets of this run."""
    return [
        line
        for line in log.splitlines()
        if any(pattern.search(line) for pattern in CANARIES)
        or any(pattern in line for pattern in known if pattern)
    ]
