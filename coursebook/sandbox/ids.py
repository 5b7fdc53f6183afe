"""Identifiers in Stripe's format."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return a new random identifier such as `pi_…`."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(length))
