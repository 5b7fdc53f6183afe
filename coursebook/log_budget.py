"""How many log lines strangers may cause: a budget for each kind of line and each client.

Anybody can send us what is not worth more than a line: bad messages on the socket, reports of
browser errors, bad signatures. Without a bound, one client fills the disk. The bound is applied
where all lines pass (`coursebook.log.set_up_logging`), so no module can forget it. Lines about our
own work (bookings, payments, the worker) are never held back.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from coursebook.client_address import network_of

WINDOW_SECONDS = 60.0
MOST_OF_A_KIND = 40
"""Lines of one kind in a window, of all clients together."""
MOST_OF_A_CLIENT = 20
"""Lines of one kind in a window that one client may cause."""
MOST_CLIENTS = 200
"""Clients that are told apart in a window; the others share one budget."""
BEFORE_STRANGERS = (
    "coursebook.api",
    "coursebook.http_security",
    "coursebook.identity",
    "coursebook.limits",
    "coursebook.ui",
)
"""Our own packages that answer strangers. Of other packages every line counts: of Reflex, of the
socket's servers, of asyncio."""
HELD_BACK = "log_lines_held_back"

_client: ContextVar[str] = ContextVar("coursebook_client", default="")


def begin_client(address: str) -> None:
    """Count the lines of this task, and of what it starts, as caused by this client."""
    _client.set(network_of(address))


@dataclass
class _Window:
    """What was written and held back of one kind since `begun`."""

    begun: float
    written: int = 0
    held_back: int = 0
    of_clients: dict[str, int] = field(default_factory=dict)


class LineBudget(logging.Filter):
    """Lets lines through until a budget is used up, then counts the rest.

    The first line that is held back becomes one that says so, and the first line of the next
    window carries how many there were.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to write a line; may turn it into one about those that are not."""
        kind = _kind_of(record)
        if kind is None:
            return True
        now = self._clock()
        window = self._windows.get(kind)
        if window is None or now - window.begun >= WINDOW_SECONDS:
            missing = window.held_back if window else 0
            window = self._windows[kind] = _Window(now)
            if missing:
                _note(record, held_back_before=missing)
        if _is_within(window):
            window.written += 1
            return True
        window.held_back += 1
        if window.held_back > 1:
            return False
        record.exc_info = record.exc_text = None
        if isinstance(record.msg, dict):  # a line of structlog, which stays one
            usual = {k: v for k, v in record.msg.items() if k in ("level", "logger", "timestamp")}
            record.msg = {"event": HELD_BACK, "kind": kind[1], **usual}
        else:
            record.msg, record.args = f"{HELD_BACK}: more of {kind[1]}", ()
        return True


def _is_within(window: _Window) -> bool:
    if window.written >= MOST_OF_A_KIND:
        return False
    client = _client.get()
    if client not in window.of_clients and len(window.of_clients) >= MOST_CLIENTS:
        client = ""
    used = window.of_clients.get(client, 0)
    window.of_clients[client] = used + 1
    return not client or used < MOST_OF_A_CLIENT


def _kind_of(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return what counts as one kind of line, or None when strangers do not cause it.

    Of other packages one level is one kind: their texts are made of what strangers send.
    """
    name = record.name
    if name.startswith("coursebook"):
        if not any(name == one or name.startswith(f"{one}.") for one in BEFORE_STRANGERS):
            return None
        said: Any = record.msg
        return name, str(said.get("event", "")) if isinstance(said, dict) else record.levelname
    return name.partition(".")[0], record.levelname


def _note(record: logging.LogRecord, **more: int) -> None:
    if isinstance(record.msg, dict):
        record.msg = record.msg | more
    else:
        record.msg, record.args = f"{record.getMessage()} {more}", ()
