"""Validates the messages of the pages' socket: only those that our own script sends pass.

Reflex 0.10.1 trusts every message: a malformed one causes a stack trace in the log. Socket.IO even
lets a client send the event `connect`, and so forge its network address. Invalid messages are
dropped here, with one log line for each socket. An event arrives either as a message or inside the
packet that connects the tab: `valid_event` checks both, and Reflex gets only what it returns.
"""

import asyncio
import inspect
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
import structlog

from coursebook.http_security.socket_handshake import tab_of
from coursebook.ui import validation
from coursebook.ui.middleware.page_address import valid_address
from coursebook.ui.middleware.tab_budget import DisconnectedTabs
from coursebook.ui.reflex_compat.events import (
    COMPONENT_STACK,
    EXCEPTION_INFO,
    signatures,
    waiting_events,
)
from coursebook.ui.reflex_compat.hydration import (
    CONNECT_EVENT,
    CONNECT_SCHEMA,
    HASHES,
    STORED_VARS,
    boot_packet,
)
from coursebook.ui.reflex_compat.transport import (
    BROWSER_ERROR,
    BROWSER_ERROR_FIELDS,
    CONNECT,
    DISCONNECT,
    EVENT,
    ORIGIN,
    PING,
    QUERY_STRING,
    SocketServer,
)

log = structlog.get_logger(__name__)

MAX_HASH_LENGTH, MAX_HASHES = 100, 100
TEXTS = "texts"
"""The argument of handlers that take the fields of a form, by their names."""
ARGUMENT_CHECKS: dict[str, Callable[[Any], bool]] = {
    STORED_VARS: lambda value: value in (None, {}),  # no state of ours is stored in a browser
    HASHES: lambda value: value is None or _are_hashes(value),
    EXCEPTION_INFO: lambda value: isinstance(value, str),
    TEXTS: lambda value: validation.texts(value) is not None,
    COMPONENT_STACK: lambda value: isinstance(value, str),
}
"""Checks for the arguments of Reflex's own handlers, which check nothing themselves, and forms."""
MAX_PAYLOAD_LENGTH = 12_000
"""Characters of all arguments of an event. Our longest argument is a session token."""
MAX_FORM_LENGTH = 48_000
"""The same for an event with the fields of a form, such as a description of 20,000 characters."""
MAX_REPORT_LENGTH = 300
"""Characters of a browser's error report; the rest is cut off."""
SCHEMA = re.compile(r"[0-9a-f]{32,64}", re.ASCII)
"""The hash that tells whether a page and its server are of the same build."""
BURST, REFILL_PER_SECOND = 120, 20
"""Events that one socket may send in a burst, and how many each second adds."""
MAX_WAITING_EVENTS = 150
"""Events of one tab that may wait in its queue."""

Handlers = Mapping[str, inspect.Signature]


@dataclass
class _Visitor:
    """The data of one socket. `origins` are the prefixes that Reflex may put before its paths."""

    tab: str
    origins: tuple[str, ...]
    allowance: float
    counted_at: float
    is_logged: bool = field(default=False)
    has_acted: bool = field(default=False)


class SocketGuard:
    """Filters the messages of one Socket.IO namespace. `handlers` are the names that may be called.

    `waiting` returns how many events of a socket are in the queue. `tabs` is notified when a tab
    gains or loses its socket.
    """

    def __init__(
        self,
        app: rx.App,
        handlers: Handlers,
        clock: Callable[[], float] = time.monotonic,
        waiting: Callable[[str], int] = lambda _sid: 0,
        tabs: DisconnectedTabs | None = None,
    ) -> None:
        self._server = SocketServer(app)
        self._handlers = handlers
        self._clock = clock
        self._waiting = waiting
        self._tabs = tabs or DisconnectedTabs(app)
        self._visitors: dict[str, _Visitor] = {}

    async def trigger_event(self, kind: Any, sid: str, *arguments: Any) -> Any:
        """Pass on a valid message; drop any other."""
        if kind == CONNECT:
            return await self._connected(sid, *arguments)
        if kind == DISCONNECT:
            return await self._disconnected(sid, *arguments)
        visitor = self._visitors.get(sid)
        if visitor is None:
            return None  # a message before the connect
        reason, valid_arguments = self._checked(visitor, kind, arguments)
        if not reason and self._waiting(sid) >= MAX_WAITING_EVENTS:
            reason = TOO_MANY
        if reason:
            self._log_once(visitor, reason)
            if reason == TOO_MANY:
                await self._server.end(sid)
            return None
        return await self._server.handle(kind, sid, *valid_arguments)

    async def _connected(self, sid: str, *arguments: Any) -> Any:
        real = self._server.environment_of(sid)
        if not arguments or arguments[0] is not real or sid in self._visitors:
            return None  # a forged connect
        tab = tab_of(str(real.get(QUERY_STRING, "")))
        if not tab:
            return False
        origins = ("", str(real.get(ORIGIN, "")))
        visitor = self._visitors[sid] = _Visitor(tab, origins, BURST, self._clock())
        self._tabs.reconnected(tab)
        try:
            boot = self._boot(visitor, *arguments[1:])
            return await self._server.handle(CONNECT, sid, real, boot)
        except Exception:
            del self._visitors[sid]  # Socket.IO sends no disconnect after a refused connect
            raise

    async def _disconnected(self, sid: str, *arguments: Any) -> Any:
        if self._server.is_connected(sid):
            return None  # a forged disconnect
        visitor = self._visitors.pop(sid, None)
        # Reflex gives a new id to a socket that connects with the id of an open tab.
        tab = self._server.tab_of(sid) or (visitor.tab if visitor else "")
        cleaning = await self._server.handle(DISCONNECT, sid, *arguments)
        if isinstance(cleaning, asyncio.Task):
            await cleaning
        if visitor is not None:
            await self._tabs.disconnected(tab, has_acted=visitor.has_acted)
        return None

    def _boot(self, visitor: _Visitor, sent: Any = None) -> dict[str, Any] | None:
        """Return the valid parts of the connect packet: the schema and the first event."""
        if not isinstance(sent, dict):
            return None
        schema = sent.get(CONNECT_SCHEMA)
        if not isinstance(schema, str) or not SCHEMA.fullmatch(schema):
            schema = None
        first, event = sent.get(CONNECT_EVENT), None
        if first is not None:
            reason, valid_arguments = self._checked(visitor, EVENT, (first,))
            if reason:  # the tab opens without it, and Reflex makes an outdated page reload
                self._log_once(visitor, reason)
            else:
                event = valid_arguments[0]
        return boot_packet(schema, event)

    def _checked(
        self, visitor: _Visitor, kind: Any, arguments: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        """Return why a message is invalid ("" when it is valid), and the arguments to pass on."""
        if self._is_one_too_many(visitor):
            return TOO_MANY, ()
        if kind == PING and not arguments:
            return "", ()
        if kind not in (EVENT, BROWSER_ERROR) or len(arguments) != 1:
            return "an unknown kind of message", ()
        if not isinstance(arguments[0], dict):
            return "a message of another form", ()
        if kind == BROWSER_ERROR:
            return "", (_report(arguments[0]),)
        reason, event = valid_event(arguments[0], self._handlers, visitor.origins)
        visitor.has_acted = visitor.has_acted or not reason
        return reason, (event,)

    def _is_one_too_many(self, visitor: _Visitor) -> bool:
        now = self._clock()
        refill = (now - visitor.counted_at) * REFILL_PER_SECOND
        visitor.allowance = min(BURST, visitor.allowance + refill) - 1
        visitor.counted_at = now
        return visitor.allowance < 0

    def _log_once(self, visitor: _Visitor, why: str) -> None:
        if not visitor.is_logged:
            visitor.is_logged = True
            log.warning("socket_message.dropped", why=why)


TOO_MANY = "too many messages"


def valid_event(
    event: dict[str, Any], handlers: Handlers, origins: tuple[str, ...] = ("",)
) -> tuple[str, dict[str, Any]]:
    """Return why an event is invalid ("" when it is valid), and the event to pass on.

    The returned event has only the fields that Reflex needs and that were checked.
    """
    name, payload = event.get("name"), event.get("payload")
    signature = handlers.get(name) if isinstance(name, str) else None
    if signature is None:
        return "an unknown handler", {}
    if not isinstance(payload, dict | None):
        return "other arguments than the handler takes", {}
    payload = {key: _cut(key, value) for key, value in (payload or {}).items()}
    if not _fits(signature, payload):
        return "other arguments than the handler takes", {}
    address = valid_address(event.get("router_data"), origins)
    if address is None:
        return "a strange address", {}
    return "", {"name": name, "payload": payload, "router_data": address}


def guard_socket(app: rx.App) -> None:
    """Install the guard at the socket of a complete app."""
    server = SocketServer(app)

    def waiting(sid: str) -> int:
        """Count the events that Reflex has queued for the tab of a socket."""
        return waiting_events(app, server.tab_of(sid))

    guard = SocketGuard(app, signatures(), waiting=waiting)
    server.guard_with(guard.trigger_event)


def log_browser_error(exception: Exception) -> None:
    """Log an error that a browser reports, as a warning: anyone can send such a report."""
    log.warning("browser_error.reported", message=str(exception)[:MAX_REPORT_LENGTH])


def _fits(signature: inspect.Signature, payload: dict[str, Any]) -> bool:
    """Tell whether a handler takes these arguments: the right names and types."""
    try:
        signature.bind(None, **payload)
    except TypeError:
        return False
    for name, value in payload.items():
        if name in ARGUMENT_CHECKS and not ARGUMENT_CHECKS[name](value):
            return False
        kind = signature.parameters[name].annotation
        if kind in (str, "str") and not isinstance(value, str | bool | int | float | None):
            return False
        if kind in (int, "int") and (not isinstance(value, int) or isinstance(value, bool)):
            return False
    limit = MAX_FORM_LENGTH if TEXTS in payload else MAX_PAYLOAD_LENGTH
    return len(json.dumps(payload, ensure_ascii=False)) <= limit


def _cut(name: str, value: Any) -> Any:
    is_report = name in (EXCEPTION_INFO, COMPONENT_STACK) and isinstance(value, str)
    return value[:MAX_REPORT_LENGTH] if is_report else value


def _are_hashes(value: object) -> bool:
    if not isinstance(value, list) or len(value) > MAX_HASHES:
        return False
    return all(isinstance(text, str) and len(text) <= MAX_HASH_LENGTH for text in value)


def _report(report: dict[str, Any]) -> dict[str, str]:
    """Return a browser's error report with only the three fields that Reflex reads."""
    fields = [name for name in BROWSER_ERROR_FIELDS if name in report]
    return {name: str(report[name])[:MAX_REPORT_LENGTH] for name in fields}
