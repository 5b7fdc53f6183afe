"""Ids in paths. A value that cannot be one of our ids is refused without a lookup."""

import re
from typing import Annotated

from fastapi import Path

from coursebook.errors import NotFound

BookingId = Annotated[str, Path(description="The booking's id.")]

_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,120}", re.ASCII)


def checked_id(value: str, missing: type[NotFound]) -> str:
    """Return `value` when it has the form of an id or slug; else raise `missing`."""
    if not _SHAPE.fullmatch(value):
        raise missing
    return value
