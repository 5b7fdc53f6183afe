"""What may come in over the pages' socket: Engine.IO 4 and Socket.IO 5 as our own script speaks.

Their Python servers answer anything else with a stack trace in the log. Here it ends the socket.
Every message is parsed here once and passed on as what was understood, so that nobody behind
this module can understand it differently.
Sources: socket.io/docs/v4/engine-io-protocol and socket.io/docs/v4/socket-io-protocol.
"""

import json
import math
import re
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

LARGEST_MESSAGE = 65_536
"""Characters. Ours stay below 10,000."""
DEEPEST = 12
"""Levels of lists and objects in a message. Ours have five."""
LONGEST_NUMBER = 40
SOCKET = "/_event"
"""The address of the socket, and the name of the Socket.IO namespace in it."""
_SPACE = f"{SOCKET},"
_LEAVING = f"41{_SPACE}"
_PLAIN = frozenset({"3", "1"})
_WITH_JSON = re.compile(rf"4([02]){re.escape(_SPACE)}(.*)", re.DOTALL)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and halves of characters, which no encoding can write."""


class Conversation:
    """One socket, from the packet that connects it to the one that ends it."""

    def __init__(self) -> None:
        self._is_connected = self._has_left = False

    def read(self, message: object) -> str | None:
        """Return a message as it is to be passed on, or None when our script would not send it."""
        if not isinstance(message, str) or len(message) > LARGEST_MESSAGE:
            return None
        if message in _PLAIN:
            return message
        if self._has_left:
            return None
        if message == _LEAVING:
            self._has_left = True
            return message if self._is_connected else None
        found = _WITH_JSON.fullmatch(message)
        if found is None or (found[1] == "0") is self._is_connected:
            return None
        packet = _sound(*found.groups())
        self._is_connected = self._is_connected or packet is not None
        return packet


def _sound(kind: str, text: str) -> str | None:
    """Return the packet to pass on, or None when it is not JSON of the form its kind has."""
    try:
        said = _clean(_read(text or "{}"), DEEPEST)
    except (ValueError, RecursionError):
        return None
    if kind == "0" and not isinstance(said, dict):
        return None
    if kind == "2" and not (isinstance(said, list) and said and isinstance(said[0], str)):
        return None
    return f"4{kind}{_SPACE}{json.dumps(said, separators=(',', ':'))}"


def _read(text: str) -> Json:
    said: Json = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refused)
    return said


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number longer than any of ours")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number without end")
    return number


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _clean(value: Json, depth: int) -> Json:
    """Return `value` with replacement characters for what is not text. Raises ValueError."""
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, list | dict) and depth == 0:
        raise ValueError("nested deeper than any message of ours")
    if isinstance(value, list):
        return [_clean(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {_NO_TEXT.sub("\ufffd", k): _clean(v, depth - 1) for k, v in value.items()}
    return value
