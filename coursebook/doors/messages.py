"""What may come in over the pages' socket: Engine.IO 4 and Socket.IO 5 as our own script speaks.

Their Python servers answer anything else with a stack trace in the log. Here it ends the socket.
Sources: socket.io/docs/v4/engine-io-protocol and socket.io/docs/v4/socket-io-protocol.
"""

import json
import re

LARGEST_MESSAGE = 65_536
"""Characters. Ours stay below 10,000."""
_SPACE = "/_event,"
_PLAIN = frozenset({"3", "1", f"41{_SPACE}"})
_WITH_JSON = re.compile(rf"4([02]){re.escape(_SPACE)}(.*)", re.DOTALL)


def is_ours(message: object) -> bool:
    """Tell whether our own script could have sent this: an answer to a ping, or a sound packet."""
    if not isinstance(message, str) or len(message) > LARGEST_MESSAGE:
        return False
    if message in _PLAIN:
        return True
    found = _WITH_JSON.fullmatch(message)
    if found is None:
        return False
    kind, text = found.groups()
    try:
        said = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return False
    if kind == "0":
        return isinstance(said, dict)
    return isinstance(said, list) and bool(said) and isinstance(said[0], str)
