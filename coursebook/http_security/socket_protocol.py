"""A strict filter for messages on the pages' socket: Engine.IO 4 and Socket.IO 5 as our script.

The Python servers log a stack trace for anything else. Here such a message closes the socket.
Each message is parsed once and serialised again, so no parser behind this one can read it
differently.
Sources: socket.io/docs/v4/engine-io-protocol and socket.io/docs/v4/socket-io-protocol.
"""

import json
import math
import re
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_MESSAGE = 65_536
"""Characters. Ours stay below 10,000."""
MAX_DEPTH = 12
"""Levels of lists and objects in a message. Ours have five."""
MAX_DIGITS = 40
SOCKET = "/_event"
"""The address of the socket, and the name of the Socket.IO namespace in it."""
_SPACE = f"{SOCKET},"
_DISCONNECT = f"41{_SPACE}"
_PING_PONG = frozenset({"3", "1"})
_WITH_JSON = re.compile(rf"4([02]){re.escape(_SPACE)}(.*)", re.DOTALL)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL rejects, and lone surrogates, which UTF-8 cannot encode."""


class Conversation:
    """The state of one socket, from its connect packet to its disconnect packet."""

    def __init__(self) -> None:
        self._is_connected = self._has_left = False

    def read(self, message: object) -> str | None:
        """Return the message to pass on, or None when our script would not have sent it."""
        if not isinstance(message, str) or len(message) > MAX_MESSAGE:
            return None
        if message in _PING_PONG:
            return message
        if self._has_left:
            return None
        if message == _DISCONNECT:
            self._has_left = True
            return message if self._is_connected else None
        match = _WITH_JSON.fullmatch(message)
        if match is None or (match[1] == "0") is self._is_connected:
            return None
        packet = _checked_packet(*match.groups())
        self._is_connected = self._is_connected or packet is not None
        return packet


def _checked_packet(kind: str, text: str) -> str | None:
    """Return the packet to pass on, or None when it is not JSON of the form its kind has."""
    try:
        payload = _clean(_read(text or "{}"), MAX_DEPTH)
    except (ValueError, RecursionError):
        return None
    if kind == "0" and not isinstance(payload, dict):
        return None
    if kind == "2" and not (isinstance(payload, list) and payload and isinstance(payload[0], str)):
        return None
    return f"4{kind}{_SPACE}{json.dumps(payload, separators=(',', ':'))}"


def _read(text: str) -> Json:
    payload: Json = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refused)
    return payload


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("too many digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _clean(value: Json, depth: int) -> Json:
    """Return `value` with U+FFFD in place of characters that are not text. Raises ValueError."""
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, list | dict) and depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_NO_TEXT.sub("\ufffd", k): _clean(v, depth - 1) for k, v in value.items()}
    return value
