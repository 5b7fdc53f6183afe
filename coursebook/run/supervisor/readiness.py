"""Poll an address until it is ready."""

import http.client
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.1
OK = 200
OK_STATES = ("ok", "not used")


def lacks_only_redis(body: str) -> bool:
    """Tell whether Redis is the only failing part of a `/api/ready` body."""
    try:
        parts = dict(json.loads(body)["parts"])
    except (ValueError, KeyError, TypeError):
        return False
    return parts.pop("redis", "ok") not in OK_STATES and all(
        status_text in OK_STATES for status_text in parts.values()
    )


def wait_until_ready(
    url: str,
    *,
    seconds: float,
    should_continue: Callable[[], bool],
    is_enough: Callable[[str], bool] = lambda _body: False,
) -> str | None:
    """Return None once `url` answers 200, else the last body when the time is up.

    The wait ends early when `should_continue` returns False (the program died, or Ctrl-C), or
    when a body satisfies `is_enough`.
    """
    deadline = time.monotonic() + seconds
    body = "nothing was tried"
    while should_continue() and time.monotonic() < deadline:
        status, body = ask(url)
        if status == OK:
            return None
        if is_enough(body):
            return body
        time.sleep(PAUSE_SECONDS)
    return body


def ask(url: str, *, seconds: float = 5.0) -> tuple[int, str]:
    """Return status and the beginning of the body; status 0 with the reason when unreachable."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        return answer.status, _readable(answer.read(2000))
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def _readable(body: bytes) -> str:
    text = body.decode(errors="replace")
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text
