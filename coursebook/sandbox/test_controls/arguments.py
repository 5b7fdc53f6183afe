"""Read the JSON body of a test control. Each reader raises `StripeRefusal` for a wrong value."""

from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body


def number(body: Body, name: str, fallback: float | None) -> float:
    """Return a number of the body; it is required when `fallback` is None."""
    value = body.get(name, fallback)
    if type(value) not in (int, float):
        raise StripeRefusal(f"{name} must be a number.", param=name)
    if not 0 <= value <= 10**10:  # type: ignore[operator]
        raise StripeRefusal(f"{name} is out of bounds.", param=name)
    return value  # type: ignore[return-value]


def text(body: Body, name: str, allowed: tuple[str, ...] = (), fallback: str | None = None) -> str:
    """Return a text of the body; it must be in `allowed`, unless that is empty."""
    value = body.get(name, fallback)
    if not isinstance(value, str) or (allowed and value not in allowed):
        raise StripeRefusal(f"{name} must be one of {', '.join(allowed) or 'a text'}.", param=name)
    return value


def flag(body: Body, name: str) -> bool:
    """Return a boolean of the body, False by default."""
    value = body.get(name, False)
    if type(value) is not bool:
        raise StripeRefusal(f"{name} must be true or false.", param=name)
    return value
