"""Checks of arguments from the browser. Reflex converts arguments but does not refuse any."""

from urllib.parse import urlsplit

from coursebook.domain.external_text import is_storable

MAX_TOKEN_LENGTH = 8192
"""A session token has about 800 characters."""
MAX_FIELDS = 250
"""A course of 20 meetings has 5 fields for each of them."""
MAX_NAME_LENGTH, MAX_FIELD_LENGTH = 80, 30_000
"""The longest text of a form is a description, with room to say that it is too long."""


def text(value: object, limit: int) -> str | None:
    """Return `value` if it is storable text of at most `limit` characters, else None."""
    if not isinstance(value, str) or len(value) > limit or not is_storable(value):
        return None
    return value


def texts(value: object) -> dict[str, str] | None:
    """Return `value` if it can be the texts of a form by the names of their fields, else None."""
    if not isinstance(value, dict) or len(value) > MAX_FIELDS:
        return None
    for name, one in value.items():
        if text(name, MAX_NAME_LENGTH) is None or text(one, MAX_FIELD_LENGTH) is None:
            return None
    return dict(value)


def identifier(value: object) -> str | None:
    """Return `value` if it has the form of an id or a slug, else None."""
    name = text(value, 160)
    if not name or not all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
        return None
    return name


def token(value: object) -> str:
    """Return `value` if it can be a session token, else ""."""
    return text(value, MAX_TOKEN_LENGTH) or ""


def local_path(value: object, otherwise: str = "/") -> str:
    r"""Return `value` if it is a path on this host, else `otherwise`.

    Refuse `//` and `/\` at the start: browsers read another host's name after them.
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
