"""Whose sign-in the pages are built for: the sandbox's or Clerk's. One build knows one of them."""

import os

VARIABLE = "COURSEBOOK_SIGN_IN"
"""Set by `coursebook run`, for the build and for the product."""
CLERK = "clerk"
PINS = "reflex.lock"
"""The npm pins of pages that know nothing of Clerk."""
CLERK_PINS = "reflex.lock.clerk"


def is_clerk() -> bool:
    """Tell whether the pages of this process sign people in through Clerk."""
    return os.environ.get(VARIABLE) == CLERK


def pins() -> str:
    """Return the folder, below that of the project, with the npm pins of these pages."""
    return CLERK_PINS if is_clerk() else PINS
