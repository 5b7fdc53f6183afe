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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
import structlog
from reflex_base.constants.compiler import CompileVars
from reflex_base.registry import RegistrationContext

from coursebook.http_security.socket_handshake import tab_of
from coursebook.ui.middleware.page_address import sound_address
from coursebook.ui.middleware.tab_budget import LeftTabs

log = structlog.get_logger(__name__)

NOT_FOR_BROWSERS = (".setvar", ".update_vars_internal", ".set_is_hydrated", ".hydrate")
"""Reflex's own handlers that set variables, or that no page calls."""
LONGEST_HASH, MOST_HASHES = 100, 100
OF_REFLEX: dict[str, Callable[[Any], bool]] = {
    "vars": lambda value: value in (None, {}),  # no state of ours keeps anything in a browser
    "hashes": lambda value: value is None or _are_hashes(value),
    "info": lambda value: isinstance(value, str),
    "component_stack": lambda value: isinstance(value, str),
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
Trigger = Callable[..., Awaitable[Any]]


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
        self._app = app
        self._space = app.event_namespace
        self._inside: Trigger = self._space.trigger_event
        self._handlers = handlers
        self._clock = clock
        self._waiting = waiting
        self._tabs = tabs or LeftTabs(app)
        self._visitors: dict[str, _Visitor] = {}

    async def trigger_event(self, kind: Any, sid: str, *given: Any) -> Any:
        """Pass on what fits; drop the rest."""
        if kind == "connect":
            return await self._connected(sid, *given)
        if kind == "disconnect":
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
                await self._app.sio.disconnect(sid, namespace=self._space.namespace)
            return None
        return await self._inside(kind, sid, *passed)

    async def _connected(self, sid: str, *given: Any) -> Any:
        real = self._app.sio.get_environ(sid, self._space.namespace)
        if not given or given[0] is not real or sid in self._visitors:
            return None  # a connect of its own making
        tab = tab_of(str(real.get("QUERY_STRING", "")))
        if not tab:
            return False
        origins = ("", str(real.get("HTTP_ORIGIN", "")))
        visitor = self._visitors[sid] = _Visitor(tab, origins, BURST, self._clock())
        self._tabs.back(tab)
        try:
            return await self._inside("connect", sid, real, self._boot(visitor, *given[1:]))
        except Exception:
            del self._visitors[sid]  # Socket.IO sends no disconnect after a refused connect
            raise

    async def _disconnected(self, sid: str, *given: Any) -> Any:
        if self._app.sio.manager.is_connected(sid, self._space.namespace):
            return None  # a disconnect of its own making
        visitor = self._visitors.pop(sid, None)
        # Who came with the id of an open tab was given another one.
        tab = self._space.sid_to_token.get(sid) or (visitor.tab if visitor else "")
        cleaning = await self._inside("disconnect", sid, *given)
        if isinstance(cleaning, asyncio.Task):
            await cleaning
        if visitor is not None:
            await self._tabs.left(tab, has_acted=visitor.has_acted)
        return None

    def _boot(self, visitor: _Visitor, sent: Any = None) -> dict[str, Any] | None:
        """Return what the connecting packet may tell Reflex: the schema, and the first event."""
        if not isinstance(sent, dict):
            return None
        passed: dict[str, Any] = {}
        schema = sent.get(CompileVars.CONNECT_AUTH_STATE_SCHEMA)
        if isinstance(schema, str) and SCHEMA.fullmatch(schema):
            passed[CompileVars.CONNECT_AUTH_STATE_SCHEMA] = schema
        first = sent.get(CompileVars.CONNECT_AUTH_EVENT)
        if first is not None:
            wrong, event = self._judged(visitor, "event", (first,))
            if wrong:  # the tab opens without it: an old page is then told to reload
                self._say(visitor, wrong)
            else:
                passed[CompileVars.CONNECT_AUTH_EVENT] = event[0]
        return passed or None

    def _judged(
        self, visitor: _Visitor, kind: Any, given: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        """Return what is wrong with a message, "" for nothing; and what to pass on of it."""
        if self._is_one_too_many(visitor):
            return TOO_MANY, ()
        if kind == "ping" and not given:
            return "", ()
        if kind not in ("event", "client_error") or len(given) != 1:
            return "an unknown kind of message", ()
        if not isinstance(given[0], dict):
            return "a message of another form", ()
        if kind == "client_error":
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
    place = sound_address(event.get("router_data"), origins)
    if place is None:
        return "a strange address", {}
    return "", {"name": name, "payload": payload, "router_data": place}


def handlers_for_browsers() -> dict[str, inspect.Signature]:
    """Return every handler that the pages of this product call, with what it takes."""
    registered = RegistrationContext.ensure_context().event_handlers
    return {
        name: inspect.signature(one.handler.fn)
        for name, one in registered.items()
        if not name.endswith(NOT_FOR_BROWSERS)
    }


def guard_socket(app: rx.App) -> None:
    """Put the guard before the socket of a finished app."""

    def waiting(sid: str) -> int:
        """Count the events that Reflex has queued for the tab of a socket."""
        processor = app._event_processor  # noqa: SLF001 - no public name tells it
        tab = app.event_namespace.sid_to_token.get(sid, "")
        return len(processor._token_queues.get(tab, ())) if processor else 0  # noqa: SLF001

    guard = SocketGuard(app, handlers_for_browsers(), waiting=waiting)
    app.event_namespace.trigger_event = guard.trigger_event


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
    is_report = name in ("info", "component_stack") and isinstance(value, str)
    return value[:LONGEST_REPORT] if is_report else value


def _are_hashes(value: object) -> bool:
    if not isinstance(value, list) or len(value) > MOST_HASHES:
        return False
    return all(isinstance(one, str) and len(one) <= LONGEST_HASH for one in value)


def _report(told: dict[str, Any]) -> dict[str, str]:
    """Return what a browser reports about itself, in the three fields that Reflex reads."""
    fields = ("error_type", "substate", "message")
    return {name: str(told[name])[:LONGEST_REPORT] for name in fields if name in told}
