"""The sign-in provider that the pages are built for: the sandbox or Clerk."""

import os

VARIABLE = "COURSEBOOK_SIGN_IN"
"""Set by `coursebook run`, for the build and for the product."""
CLERK = "clerk"
PINS = "reflex.lock"
"""The npm pins of pages without Clerk."""
CLERK_PINS = "reflex.lock.clerk"


def is_clerk() -> bool:
    """Return whether the pages of this process sign people in through Clerk."""
    return os.environ.get(VARIABLE) == CLERK


def pins() -> str:
    """Return the folder with the npm pins of these pages, relative to the project."""
    return CLERK_PINS if is_clerk() else PINS
