"""A budget of log lines for each kind of line and each client.

Any client can cause log lines: bad messages on the socket, reports of browser errors, bad
signatures. Without a limit, one client could fill the disk. The filter is on the root handler
(`coursebook.log.set_up_logging`), so it covers every module. Lines about our own work (bookings,
payments, the worker) are never dropped.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from coursebook.client_address import network_of

WINDOW_SECONDS = 60.0
MAX_LINES_PER_KIND = 40
"""Lines of one kind in a window, for all clients together."""
MAX_LINES_PER_CLIENT = 20
"""Lines of one kind in a window that one client may cause."""
MAX_CLIENTS = 200
"""Clients counted separately in a window. Further clients share one budget."""
PUBLIC_PACKAGES = (
    "coursebook.api",
    "coursebook.http_security",
    "coursebook.identity",
    "coursebook.limits",
    "coursebook.ui",
)
"""Our own packages that serve unknown clients. Every line of third-party packages counts: Reflex,
the socket servers, asyncio."""
DROPPED = "log_lines.dropped"

_client: ContextVar[str] = ContextVar("coursebook_client", default="")


def begin_client(address: str) -> None:
    """Count the lines of this task, and of tasks it starts, as caused by this client."""
    _client.set(network_of(address))


@dataclass
class _Window:
    """The number of lines of one kind written and dropped since `started_at`."""

    started_at: float
    written: int = 0
    dropped: int = 0
    by_client: dict[str, int] = field(default_factory=dict)


class LineBudget(logging.Filter):
    """Pass lines until a budget is used up, then drop and count the rest.

    The first dropped line is replaced by a notice. The first line of the next window carries the
    number of dropped lines.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write a line. May replace it with the notice about dropped lines."""
        kind = _kind_of(record)
        if kind is None:
            return True
        now = self._clock()
        window = self._windows.get(kind)
        if window is None or now - window.started_at >= WINDOW_SECONDS:
            dropped = window.dropped if window else 0
            window = self._windows[kind] = _Window(now)
            if dropped:
                _add_fields(record, held_back_before=dropped)
        if _is_within(window):
            window.written += 1
            return True
        window.dropped += 1
        if window.dropped > 1:
            return False
        record.exc_info = record.exc_text = None
        if isinstance(record.msg, dict):  # keep the form of a structlog line
            common_fields = {
                k: v for k, v in record.msg.items() if k in ("level", "logger", "timestamp")
            }
            record.msg = {"event": DROPPED, "kind": kind[1], **common_fields}
        else:
            record.msg, record.args = f"{DROPPED}: more of {kind[1]}", ()
        return True


def _is_within(window: _Window) -> bool:
    if window.written >= MAX_LINES_PER_KIND:
        return False
    client = _client.get()
    if client not in window.by_client and len(window.by_client) >= MAX_CLIENTS:
        client = ""
    used = window.by_client.get(client, 0)
    window.by_client[client] = used + 1
    return not client or used < MAX_LINES_PER_CLIENT


def _kind_of(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return the kind of a line, or None for our own work, which has no budget.

    A level of a third-party package is one kind, because its texts contain outside data.
    """
    name = record.name
    if name.startswith("coursebook"):
        if not any(
            name == package or name.startswith(f"{package}.") for package in PUBLIC_PACKAGES
        ):
            return None
        message: Any = record.msg
        return name, str(message.get("event", "")) if isinstance(
            message, dict
        ) else record.levelname
    return name.partition(".")[0], record.levelname


def _add_fields(record: logging.LogRecord, **fields: int) -> None:
    if isinstance(record.msg, dict):
        record.msg = record.msg | fields
    else:
        record.msg, record.args = f"{record.getMessage()} {fields}", ()
