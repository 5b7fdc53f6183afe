"""Reads the JSON body of a lever; every reader raises `StripeRefusal` for what it cannot use."""

from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body


def number(said: Body, name: str, fallback: float | None) -> float:
    """Return a number of the body; `fallback` None means that it must be there."""
    value = said.get(name, fallback)
    if type(value) not in (int, float):
        raise StripeRefusal(f"{name} must be a number.", param=name)
    if not 0 <= value <= 10**10:  # type: ignore[operator]
        raise StripeRefusal(f"{name} is out of bounds.", param=name)
    return value  # type: ignore[return-value]


def word(said: Body, name: str, allowed: tuple[str, ...] = (), fallback: str | None = None) -> str:
    """Return a text of the body, one of `allowed` if there are any."""
    value = said.get(name, fallback)
    if not isinstance(value, str) or (allowed and value not in allowed):
        raise StripeRefusal(f"{name} must be one of {', '.join(allowed) or 'a text'}.", param=name)
    return value


def flag(said: Body, name: str) -> bool:
    """Return true or false; what is not said is false."""
    value = said.get(name, False)
    if type(value) is not bool:
        raise StripeRefusal(f"{name} must be true or false.", param=name)
    return value
