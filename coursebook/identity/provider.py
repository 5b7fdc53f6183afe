"""The sign-in provider that the pages are built for: the sandbox or Clerk."""

import os

VARIABLE = "COURSEBOOK_SIGN_IN"
"""Set by `coursebook run`, for the build and for the product."""
CLERK = "clerk"
PINS = "reflex.lock"
"""The npm pins of pages without Clerk."""
CLERK_PINS = "reflex.lock.clerk"
OWN_PINS = "COURSEBOOK_PINS"
"""Set for a build, which rewrites its pins step by step: the folder with its copy of them."""


def is_clerk() -> bool:
    """Return whether the pages of this process sign people in through Clerk."""
    return os.environ.get(VARIABLE) == CLERK


def pins() -> str:
    """Return the folder with the npm pins of these pages: absolute, or relative to the project."""
    return os.environ.get(OWN_PINS) or (CLERK_PINS if is_clerk() else PINS)
