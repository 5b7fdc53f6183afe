"""Makes identifiers that look like Stripe's."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return a fresh identifier such as `pi_…`; it cannot be guessed."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(length))
