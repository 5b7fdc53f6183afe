"""The gate of the pages' socket: only what our own script would send reaches a handler.

Reflex 0.10.1 takes every message for one of its own: a malformed one costs a stack trace in the
log. Socket.IO even lets a client send the event `connect`, and so tell the product another network
address than its own. What does not fit is dropped here, with one line for each socket. An event
comes in two ways, as a message or inside the packet that connects the tab: both are judged by
`sound_event`, and what Reflex gets is what that returns.
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
from coursebook.ui.middleware.page_address import valid_address
from coursebook.ui.middleware.tab_budget import LeftTabs
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

LONGEST_HASH, MOST_HASHES = 100, 100
OF_REFLEX: dict[str, Callable[[Any], bool]] = {
    STORED_VARS: lambda value: value in (None, {}),  # no state of ours keeps anything in a browser
    HASHES: lambda value: value is None or _are_hashes(value),
    EXCEPTION_INFO: lambda value: isinstance(value, str),
    COMPONENT_STACK: lambda value: isinstance(value, str),
}
"""What Reflex's own handlers take. They check nothing; ours check for themselves."""
LONGEST_PAYLOAD = 12_000
"""Characters of all arguments together. The longest of ours is a session token."""
LONGEST_REPORT = 300
"""Characters of what a browser reports about itself; the rest is cut off."""
SCHEMA = re.compile(r"[0-9a-f]{32,64}", re.ASCII)
"""The hash by which a page and its server tell that they are of one build."""
BURST, EACH_SECOND = 120, 20
"""Events that one socket may send at once, and how many more each second gives it."""
MOST_WAITING = 150
"""Events of one tab that wait for those before them."""

Handlers = Mapping[str, inspect.Signature]


@dataclass
class _Visitor:
    """What is remembered of one socket. `origins` is what Reflex may put before its paths."""

    tab: str
    origins: tuple[str, ...]
    left: float
    seen: float
    has_been_told: bool = field(default=False)
    has_acted: bool = field(default=False)


class SocketGuard:
    """Stands before one namespace of Socket.IO. `handlers` are the names that may be called.

    `waiting` tells how many events of a socket are not handled yet. `tabs` is told which tabs have
    a socket and which have none any more.
    """

    def __init__(
        self,
        app: rx.App,
        handlers: Handlers,
        clock: Callable[[], float] = time.monotonic,
        waiting: Callable[[str], int] = lambda _sid: 0,
        tabs: LeftTabs | None = None,
    ) -> None:
        self._server = SocketServer(app)
        self._handlers = handlers
        self._clock = clock
        self._waiting = waiting
        self._tabs = tabs or LeftTabs(app)
        self._visitors: dict[str, _Visitor] = {}

    async def trigger_event(self, kind: Any, sid: str, *given: Any) -> Any:
        """Pass on what fits; drop the rest."""
        if kind == CONNECT:
            return await self._connected(sid, *given)
        if kind == DISCONNECT:
            return await self._disconnected(sid, *given)
        visitor = self._visitors.get(sid)
        if visitor is None:
            return None  # a message before the beginning
        wrong, passed = self._judged(visitor, kind, given)
        if not wrong and self._waiting(sid) >= MOST_WAITING:
            wrong = TOO_MANY
        if wrong:
            self._say(visitor, wrong)
            if wrong == TOO_MANY:
                await self._server.end(sid)
            return None
        return await self._server.handle(kind, sid, *passed)

    async def _connected(self, sid: str, *given: Any) -> Any:
        real = self._server.environment_of(sid)
        if not given or given[0] is not real or sid in self._visitors:
            return None  # a connect of its own making
        tab = tab_of(str(real.get(QUERY_STRING, "")))
        if not tab:
            return False
        origins = ("", str(real.get(ORIGIN, "")))
        visitor = self._visitors[sid] = _Visitor(tab, origins, BURST, self._clock())
        self._tabs.back(tab)
        try:
            boot = self._boot(visitor, *given[1:])
            return await self._server.handle(CONNECT, sid, real, boot)
        except Exception:
            del self._visitors[sid]  # Socket.IO sends no disconnect after a refused connect
            raise

    async def _disconnected(self, sid: str, *given: Any) -> Any:
        if self._server.is_connected(sid):
            return None  # a disconnect of its own making
        visitor = self._visitors.pop(sid, None)
        # Who came with the id of an open tab was given another one.
        tab = self._server.tab_of(sid) or (visitor.tab if visitor else "")
        cleaning = await self._server.handle(DISCONNECT, sid, *given)
        if isinstance(cleaning, asyncio.Task):
            await cleaning
        if visitor is not None:
            await self._tabs.left(tab, has_acted=visitor.has_acted)
        return None

    def _boot(self, visitor: _Visitor, sent: Any = None) -> dict[str, Any] | None:
        """Return what the connecting packet may tell Reflex: the schema, and the first event."""
        if not isinstance(sent, dict):
            return None
        schema = sent.get(CONNECT_SCHEMA)
        if not isinstance(schema, str) or not SCHEMA.fullmatch(schema):
            schema = None
        first, event = sent.get(CONNECT_EVENT), None
        if first is not None:
            wrong, passed = self._judged(visitor, EVENT, (first,))
            if wrong:  # the tab opens without it: an old page is then told to reload
                self._say(visitor, wrong)
            else:
                event = passed[0]
        return boot_packet(schema, event)

    def _judged(
        self, visitor: _Visitor, kind: Any, given: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        """Return what is wrong with a message, "" for nothing; and what to pass on of it."""
        if self._is_one_too_many(visitor):
            return TOO_MANY, ()
        if kind == PING and not given:
            return "", ()
        if kind not in (EVENT, BROWSER_ERROR) or len(given) != 1:
            return "an unknown kind of message", ()
        if not isinstance(given[0], dict):
            return "a message of another form", ()
        if kind == BROWSER_ERROR:
            return "", (_report(given[0]),)
        wrong, event = sound_event(given[0], self._handlers, visitor.origins)
        visitor.has_acted = visitor.has_acted or not wrong
        return wrong, (event,)

    def _is_one_too_many(self, visitor: _Visitor) -> bool:
        now = self._clock()
        visitor.left = min(BURST, visitor.left + (now - visitor.seen) * EACH_SECOND) - 1
        visitor.seen = now
        return visitor.left < 0

    def _say(self, visitor: _Visitor, why: str) -> None:
        if not visitor.has_been_told:
            visitor.has_been_told = True
            log.warning("socket_message_dropped", why=why)


TOO_MANY = "too many messages"


def sound_event(
    event: dict[str, Any], handlers: Handlers, origins: tuple[str, ...] = ("",)
) -> tuple[str, dict[str, Any]]:
    """Return what is wrong with an event, "" for nothing; and the event to pass on.

    It has nothing in it but what Reflex needs and what was looked at.
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
    """Put the guard before the socket of a finished app."""
    server = SocketServer(app)

    def waiting(sid: str) -> int:
        """Count the events that Reflex has queued for the tab of a socket."""
        return waiting_events(app, server.tab_of(sid))

    guard = SocketGuard(app, signatures(), waiting=waiting)
    server.guard_with(guard.trigger_event)


def browser_problem(exception: Exception) -> None:
    """Note what a browser says went wrong in it: anybody may say anything, so it is no alarm."""
    log.warning("browser_problem", said=str(exception)[:LONGEST_REPORT])


def _fits(signature: inspect.Signature, payload: dict[str, Any]) -> bool:
    """Tell whether a handler takes these arguments: the right names, each of the right kind."""
    try:
        signature.bind(None, **payload)
    except TypeError:
        return False
    for name, value in payload.items():
        if name in OF_REFLEX and not OF_REFLEX[name](value):
            return False
        kind = signature.parameters[name].annotation
        if kind in (str, "str") and not isinstance(value, str | bool | int | float | None):
            return False
        if kind in (int, "int") and (not isinstance(value, int) or isinstance(value, bool)):
            return False
    return len(json.dumps(payload, ensure_ascii=False)) <= LONGEST_PAYLOAD


def _cut(name: str, value: Any) -> Any:
    is_report = name in (EXCEPTION_INFO, COMPONENT_STACK) and isinstance(value, str)
    return value[:LONGEST_REPORT] if is_report else value


def _are_hashes(value: object) -> bool:
    if not isinstance(value, list) or len(value) > MOST_HASHES:
        return False
    return all(isinstance(one, str) and len(one) <= LONGEST_HASH for one in value)


def _report(told: dict[str, Any]) -> dict[str, str]:
    """Return what a browser reports about itself, in the three fields that Reflex reads."""
    fields = [name for name in BROWSER_ERROR_FIELDS if name in told]
    return {name: str(told[name])[:LONGEST_REPORT] for name in fields}
