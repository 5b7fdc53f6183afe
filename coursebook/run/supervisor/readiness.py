"""Ask an address again and again until it answers as it should."""

import http.client
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.1
OK = 200
WELL = ("ok", "not used")


def lacks_nothing_but_redis(said: str) -> bool:
    """Tell whether `/api/ready` misses Redis alone: courses, bookings and payments work."""
    try:
        parts = dict(json.loads(said)["parts"])
    except (ValueError, KeyError, TypeError):
        return False
    return parts.pop("redis", "ok") not in WELL and all(one in WELL for one in parts.values())


def wait_until_ready(
    url: str,
    *,
    seconds: float,
    goes_on: Callable[[], bool],
    is_enough: Callable[[str], bool] = lambda _said: False,
) -> str | None:
    """Return None once `url` answers 200, else what it said last when time is up.

    `goes_on` is asked between tries; when it is false (the program died, somebody pressed
    Ctrl-C) the waiting ends early, and so it does with an answer that `is_enough`.
    """
    deadline = time.monotonic() + seconds
    said = "nothing was tried"
    while goes_on() and time.monotonic() < deadline:
        status, said = ask(url)
        if status == OK:
            return None
        if is_enough(said):
            return said
        time.sleep(PAUSE_SECONDS)
    return said


def ask(url: str, *, seconds: float = 5.0) -> tuple[int, str]:
    """Return status and the beginning of the body; status 0 with the reason when unreachable."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        return answer.status, _readable(answer.read(2000))
    except (OSError, http.client.HTTPException) as problem:
        return 0, str(problem)
    finally:
        connection.close()


def _readable(body: bytes) -> str:
    text = body.decode(errors="replace")
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text
