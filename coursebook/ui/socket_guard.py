"""The door of the pages' socket: only what our own script would send reaches a handler.

Reflex 0.10.1 takes every message for one of its own: a malformed one costs a stack trace in the
log. Socket.IO even lets a client send the event `connect`, and so tell the product another network
address than its own. What does not fit is dropped here, with one line for each socket.
"""

import inspect
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
import structlog
from reflex_base.registry import RegistrationContext

log = structlog.get_logger(__name__)

NOT_FOR_BROWSERS = (".setvar", ".update_vars_internal", ".set_is_hydrated", ".hydrate")
"""Reflex's own handlers that set variables, or that no page calls."""
OF_REFLEX: dict[str, Callable[[Any], bool]] = {
    "vars": lambda value: value in (None, {}),  # no state of ours keeps anything in a browser
    "hashes": lambda value: isinstance(value, list | None),
    "info": lambda value: isinstance(value, str),
    "component_stack": lambda value: isinstance(value, str),
}
"""What Reflex's own handlers take. They check nothing; ours check for themselves."""
TAB = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
LONGEST_ADDRESS = 4000
BURST, EACH_SECOND = 120, 20
"""Events that one socket may send at once, and how many more each second gives it."""

Handlers = Mapping[str, inspect.Signature]
Trigger = Callable[..., Awaitable[Any]]


@dataclass
class _Visitor:
    """What is remembered of one socket."""

    left: float
    seen: float
    has_been_told: bool = field(default=False)


class SocketGuard:
    """Stands before one namespace of Socket.IO. `handlers` are the names that may be called."""

    def __init__(
        self, app: rx.App, handlers: Handlers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._space = app.event_namespace
        self._inside: Trigger = self._space.trigger_event
        self._handlers = handlers
        self._clock = clock
        self._visitors: dict[str, _Visitor] = {}

    async def trigger_event(self, kind: Any, sid: str, *given: Any) -> Any:
        """Pass on what fits; drop the rest."""
        if kind == "connect":
            return await self._connected(sid, *given)
        if kind == "disconnect":
            return await self._disconnected(sid, *given)
        wrong = self._wrong(kind, given) or self._too_many(sid)
        if not wrong:
            return await self._inside(kind, sid, *given)
        self._say(sid, wrong)
        if wrong == TOO_MANY:
            await self._app.sio.disconnect(sid, namespace=self._space.namespace)
        return None

    async def _connected(self, sid: str, *given: Any) -> Any:
        real = self._app.sio.get_environ(sid, self._space.namespace)
        if not given or given[0] is not real or sid in self._visitors:
            self._say(sid, "a connect of its own making")
            return None
        if not TAB.fullmatch(_tab_of(real)):
            return False
        self._visitors[sid] = _Visitor(BURST, self._clock())
        try:
            return await self._inside("connect", sid, *given)
        except Exception:
            del self._visitors[sid]  # who is refused never says good-bye
            raise

    async def _disconnected(self, sid: str, *given: Any) -> Any:
        if self._app.sio.manager.is_connected(sid, self._space.namespace):
            self._say(sid, "a disconnect of its own making")
            return None
        self._visitors.pop(sid, None)
        return await self._inside("disconnect", sid, *given)

    def _wrong(self, kind: Any, given: tuple[Any, ...]) -> str:
        if kind == "ping" and not given:
            return ""
        if kind not in ("event", "client_error") or len(given) != 1:
            return "an unknown kind of message"
        if not isinstance(given[0], dict):
            return "a message of another form"
        return "" if kind == "client_error" else wrong_event(given[0], self._handlers)

    def _too_many(self, sid: str) -> str:
        visitor, now = self._visitors.get(sid), self._clock()
        if visitor is None:
            return "a message before the beginning"
        visitor.left = min(BURST, visitor.left + (now - visitor.seen) * EACH_SECOND) - 1
        visitor.seen = now
        return TOO_MANY if visitor.left < 0 else ""

    def _say(self, sid: str, why: str) -> None:
        visitor = self._visitors.get(sid)
        if visitor is not None and not visitor.has_been_told:
            visitor.has_been_told = True
            log.warning("socket_message_dropped", why=why)


TOO_MANY = "too many messages"


def wrong_event(event: dict[str, Any], handlers: Handlers) -> str:
    """Return what is wrong with an event, "" when our own script could have sent it."""
    name, payload, place = event.get("name"), event.get("payload"), event.get("router_data", {})
    signature = handlers.get(name) if isinstance(name, str) else None
    if signature is None:
        return "an unknown handler"
    if not isinstance(payload, dict | None) or not _fits(signature, payload or {}):
        return "other arguments than the handler takes"
    if not isinstance(place, dict) or not isinstance(place.get("query", {}), dict):
        return "a strange address"
    for part in ("pathname", "asPath"):
        text = place.get(part, "")
        if not isinstance(text, str) or len(text) > LONGEST_ADDRESS:
            return "a strange address"
    return ""


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
    guard = SocketGuard(app, handlers_for_browsers())
    app.event_namespace.trigger_event = guard.trigger_event


def browser_problem(exception: Exception) -> None:
    """Note what a browser says went wrong in it: anybody may say anything, so it is no alarm."""
    log.warning("browser_problem", said=str(exception)[:300])


def _fits(signature: inspect.Signature, payload: dict[str, Any]) -> bool:
    try:
        signature.bind(None, **payload)
    except TypeError:
        return False
    return all(OF_REFLEX[name](value) for name, value in payload.items() if name in OF_REFLEX)


def _tab_of(environ: Mapping[str, Any]) -> str:
    found = re.search(r"(?:^|&)token=([^&]*)", str(environ.get("QUERY_STRING", "")))
    return found[1] if found else ""
