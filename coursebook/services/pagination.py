"""Cursors of lists: where the last page ended, as an opaque string."""

import base64
import binascii
import json
from datetime import UTC, date, datetime
from typing import Any

from coursebook.errors import FieldError, Invalid

MAX_CURSOR_LENGTH = 400
CLOSENESS = ("1", "2", "3")
MAX_KEY = 2**63


def write_cursor(kind: str, value: datetime | int | str, last_id: str) -> str:
    """Return the cursor for the page after this key. `kind` names the list and its order."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    packed = json.dumps([kind, plain, last_id], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: str) -> tuple[Any, str] | None:
    """Return the key in a cursor, None for the first page. Raises Invalid for a wrong cursor."""
    if not cursor:
        return None
    try:
        return _unpacked(cursor, kind)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise _wrong_cursor() from None


def write_place(kind: str, place: tuple[int, int]) -> str:
    """Return the cursor for the page after this place of a search (closeness, key)."""
    closeness, key = place
    return write_cursor(kind, key, str(closeness))


def read_place(cursor: str | None, kind: str) -> tuple[int, int] | None:
    """Return the place in a cursor, None for the first page. Raises Invalid for a wrong cursor."""
    position = read_cursor(cursor, kind)
    if position is None:
        return None
    key, closeness = position
    if closeness not in CLOSENESS:
        raise _wrong_cursor()
    return int(closeness), key


def _wrong_cursor() -> Invalid:
    message = "This cursor does not belong to this list; omit it to get the first page."
    return Invalid([FieldError("/cursor", message)])


def _unpacked(cursor: str, kind: str) -> tuple[Any, str]:
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise ValueError(cursor[:20])
    padded = cursor + "=" * (-len(cursor) % 4)
    cursor_kind, value, last_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    if cursor_kind != kind or not isinstance(last_id, str) or "\x00" in last_id:
        raise ValueError(cursor_kind)
    f"{value}{last_id}".encode()  # half a surrogate pair is JSON, but no text of a database
    return _typed(kind, value), last_id


def _typed(kind: str, value: object) -> datetime | int | str:
    if ":found:" in kind:
        if type(value) is int and abs(value) < MAX_KEY:
            return value
        raise ValueError(value)
    if kind.endswith(("_at", "_at_down", ":newest")) and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)  # OverflowError at the edges of the calendar
    if kind.endswith("_on") and isinstance(value, str):
        return date.fromisoformat(value).isoformat()
    if kind.endswith((":price", ":price_down")) and type(value) is int and abs(value) < 2**31:
        return value
    if kind.endswith(("title", ":name")) and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError(value)
