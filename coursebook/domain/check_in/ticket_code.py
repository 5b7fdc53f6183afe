"""Ticket codes: what a student shows at check-in. A code alone opens nothing."""

import hashlib
import secrets

CODE_LETTERS = 20
ALPHABET = "BCDFGHJKMNPQRSTVWXYZ"
"""Capital consonants without L: no words, nothing to mistake, and small in a QR code."""
SCHEME = "CB1:"
"""The beginning of what the QR code holds."""


def new_ticket_code() -> str:
    """Return a code that nobody can guess: 20 letters of 20 (86 bits)."""
    number, letters = secrets.randbelow(len(ALPHABET) ** CODE_LETTERS), ""
    for _ in range(CODE_LETTERS):
        number, index = divmod(number, len(ALPHABET))
        letters += ALPHABET[index]
    return letters


def qr_text(code: str) -> str:
    """Return what the QR code of a ticket holds."""
    return f"{SCHEME}{code}"


def code_of(typed: str) -> str:
    """Return the code in what was scanned or typed: in capitals, without spaces and scheme."""
    return "".join(typed.upper().split()).removeprefix(SCHEME)


def code_hash(code: str) -> str:
    """Return the SHA-256 of a code in hex: what a phone holds to recognise it."""
    return hashlib.sha256(code.encode()).hexdigest()
