"""Checks of what comes from the browser. Reflex converts arguments but does not refuse any."""

from urllib.parse import urlsplit

from coursebook.domain.external_text import is_storable

TOKEN_LENGTH = 8192
"""A session token is about 800 characters; nothing much longer is looked at."""


def text(value: object, limit: int) -> str | None:
    """Return `value` when it is text of at most `limit` characters, else None."""
    if not isinstance(value, str) or len(value) > limit or not is_storable(value):
        return None
    return value


def identifier(value: object) -> str | None:
    """Return `value` when it can be an id or a slug of ours, else None."""
    found = text(value, 160)
    if not found or not all(c.isascii() and (c.isalnum() or c in "-_") for c in found):
        return None
    return found


def token(value: object) -> str:
    """Return `value` when it can be a session token, else "" (nobody)."""
    return text(value, TOKEN_LENGTH) or ""


def local_path(value: object, otherwise: str = "/") -> str:
    """Return `value` when it is a path of this host to come back to, else `otherwise`.

    Browsers take two slashes, or a slash and a backslash, for another host: neither passes.
    """
    path = text(value, 500)
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\"):
        return otherwise
    if not path.isprintable() or "\\" in path or any(c.isspace() for c in path):
        return otherwise
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or parts.path.rstrip("/") == "/sign-in":
        return otherwise
    return path
