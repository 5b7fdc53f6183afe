"""Ids from the outside: what cannot be one of ours is not looked up at all."""

import re
from typing import Annotated

from fastapi import Path

from coursebook.errors import NotFound

BookingId = Annotated[str, Path(description="The booking's id.")]

_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,120}", re.ASCII)


def checked_id(given: str, missing: type[NotFound]) -> str:
    """Return `given` when it could be an id or slug. Raises `missing` when it could not."""
    if not _SHAPE.fullmatch(given):
        raise missing
    return given
