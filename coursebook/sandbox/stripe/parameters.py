"""Checks that turn form strings into typed parameters or raise Stripe's errors."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from coursebook.sandbox.errors import bad_parameter

Raw = str | dict[str, Any]
Check = Callable[[Raw, str], Any]

MAX_PAIRS, MAX_KEY_LENGTH, MAX_VALUE_LENGTH = 50, 40, 500

EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+|[^@\s<>,;\"]+@localhost")
INTEGER = re.compile(r"-?\d{1,18}")


def text(max_length: int = 5000) -> Check:
    """Accept a string of 1 to `max_length` characters."""

    def check(value: Raw, param: str) -> str:
        if not isinstance(value, str):
            raise bad_parameter("Invalid string: {...}", param)
        if not value:
            raise bad_parameter(
                f"You passed an empty string for '{param}'. We assume empty values are an attempt"
                " to unset a parameter; however this one cannot be unset. You should remove it"
                " from your request or supply a non-empty value.",
                param,
                "parameter_invalid_empty",
            )
        if len(value) > max_length:
            raise bad_parameter(f"Invalid string: must be at most {max_length} characters", param)
        return value

    return check


def integer(minimum: int | None = None, maximum: int | None = None) -> Check:
    """Accept a whole number within the bounds."""

    def check(value: Raw, param: str) -> int:
        if not isinstance(value, str) or not INTEGER.fullmatch(value):
            raise bad_parameter(f"Invalid integer: {value}", param, "parameter_invalid_integer")
        number = int(value)
        if minimum is not None and number < minimum:
            sentence = f"This value must be greater than or equal to {minimum}."
            raise bad_parameter(sentence, param, "parameter_invalid_integer")
        if maximum is not None and number > maximum:
            sentence = f"This value must be less than or equal to {maximum}."
            raise bad_parameter(sentence, param, "parameter_invalid_integer")
        return number

    return check


def flag(value: Raw, param: str) -> bool:
    """Accept `true` or `false`."""
    if value not in ("true", "false"):
        raise bad_parameter(f"Invalid boolean: {value}", param)
    return bool(value == "true")


def choice(words: str) -> Check:
    """Accept one of the words of a space-separated list."""
    allowed = words.split()

    def check(value: Raw, param: str) -> str:
        if value not in allowed:
            listed = ", ".join(allowed)
            raise bad_parameter(f"Invalid {param}: must be one of {listed}", param)
        return str(value)

    return check


def only(check: Check, allowed: object) -> Check:
    """Accept one value of a parameter; the sandbox does not support the others."""

    def checked(value: Raw, param: str) -> object:
        result = check(value, param)
        if result != allowed:
            raise _not_supported(f"{param}={value}", param)
        return result

    return checked


def not_supported(_value: Raw, param: str) -> object:
    """Refuse a parameter that the sandbox does not support."""
    raise _not_supported(param, param)


def _not_supported(what: str, param: str) -> Exception:
    sentence = f"Stripe knows {what}, but this sandbox does not imitate it."
    return bad_parameter(sentence, param, "parameter_unknown")


def url(value: Raw, param: str) -> str:
    """Accept an absolute http or https address."""
    address = str(text()(value, param))
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise bad_parameter("Not a valid URL", param, "url_invalid")
    return address


def email(value: Raw, param: str) -> str:
    """Accept an email address, checked loosely."""
    address = str(text(800)(value, param))
    if not EMAIL.fullmatch(address):
        raise bad_parameter(f"Invalid email address: {address}", param, "email_invalid")
    return address


def metadata(value: Raw, param: str) -> dict[str, str]:
    """Accept 50 pairs, keys of 40 and values of 500 characters (docs.stripe.com/metadata)."""
    if value == "":
        return {}
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise bad_parameter("Invalid object", param)
    if len(value) > MAX_PAIRS:
        raise bad_parameter("Metadata can have at most 50 keys.", param)
    for key, word in value.items():
        if len(key) > MAX_KEY_LENGTH or len(word) > MAX_VALUE_LENGTH:
            sentence = "Metadata keys have at most 40 characters, values at most 500."
            raise bad_parameter(sentence, f"{param}[{key}]")
    return {key: word for key, word in value.items() if word}


def changes(value: Raw, param: str) -> dict[str, str]:
    """Accept changes of metadata: an empty value unsets its key, an empty string all of them."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise bad_parameter("Invalid object", param)
    metadata(value, param)
    return dict(value)


def merged(notes: dict[str, str], change: dict[str, str]) -> dict[str, str]:
    """Return metadata with `changes` applied."""
    values = {**notes, **change} if change else {}
    result = {key: word for key, word in values.items() if word}
    if len(result) > MAX_PAIRS:
        raise bad_parameter("Metadata can have at most 50 keys.", "metadata")
    return result


def list_of(each: Check, max_items: int = 100) -> Check:
    """Accept a list, written `name[0]=…` or `name[]=…`."""

    def check(value: Raw, param: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise bad_parameter("Invalid array", param)
        if len(value) > max_items:
            raise bad_parameter(f"Array must have at most {max_items} elements", param)
        return [each(value[key], f"{param}[{key}]") for key in sorted(value, key=int)]

    return check


def fields(table: Mapping[str, Check], *, required: str = "", refused: str = "") -> Check:
    """Accept an object with the fields of `table`; `refused` are fields that only Stripe has."""
    checks = {**dict.fromkeys(refused.split(), not_supported), **table}

    def check(value: Raw, param: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise bad_parameter("Invalid object", param)
        for name in value:
            if name not in checks:
                full = _join(param, name)
                raise bad_parameter(
                    f"Received unknown parameter: {full}", full, "parameter_unknown"
                )
        for name in required.split():
            if name not in value:
                full = _join(param, name)
                raise bad_parameter(f"Missing required param: {full}.", full, "parameter_missing")
        return {name: checks[name](raw, _join(param, name)) for name, raw in value.items()}

    return check


def _join(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def number_or_range(value: Raw, param: str) -> tuple[tuple[str, int], ...]:
    """Accept `created=5` or `created[gte]=5`; return pairs of operator and epoch second."""
    if isinstance(value, str):
        second = integer()(value, param)
        return (("gte", second), ("lte", second))
    bounds = fields(dict.fromkeys(("gt", "gte", "lt", "lte"), integer()))(value, param)
    return tuple(bounds.items())
