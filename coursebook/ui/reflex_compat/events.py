"""Event handlers, the event queue of a tab, and the handling of events in the browser."""

import inspect
from typing import Any

import reflex as rx
from reflex.app import App
from reflex.state import FrontendEventExceptionState, State, UpdateVarsInternalState
from reflex_base.constants.compiler import CompileVars
from reflex_base.event import Event, EventHandler
from reflex_base.event.context import EventContext
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from coursebook.ui.reflex_compat.hydration import HYDRATE, ROOT_STATE, SET_IS_HYDRATED
from coursebook.ui.reflex_compat.seams import Seam, has_all, require
from coursebook.ui.reflex_compat.text_patches import LAST_IMPORT, STATE_JS, TextPatch, template

SETVAR = "setvar"
"""Every state inherits this handler, which can set any of its vars; nothing may call it."""
UPDATE_VARS = "update_vars_internal"
"""Sets vars from a browser's cookies and storage; our states store nothing there."""
UPDATE_VARS_EVENT = f"{ROOT_STATE}.reflex___state____update_vars_internal_state.{UPDATE_VARS}"
BROWSER_EXCEPTION = "handle_frontend_exception"
"""Receives a browser's report about an exception in a page."""
BROWSER_EXCEPTION_EVENT = (
    f"{ROOT_STATE}.reflex___state____frontend_event_exception_state.{BROWSER_EXCEPTION}"
)
EXCEPTION_INFO, COMPONENT_STACK = "info", "component_stack"
"""The arguments of that report."""
TEMPORAL = "temporal"
"""The event action of handlers that move money: dropped while there is no connection."""
NOT_FOR_BROWSERS = tuple(f".{name}" for name in (SETVAR, UPDATE_VARS, SET_IS_HYDRATED, HYDRATE))
"""The suffixes of Reflex's own handlers that set vars, or that no page calls."""
BROWSER_EVENT_PREFIX = "_"
"""The prefix of events that the browser itself handles, such as `_redirect`."""

PATCHES = (
    TextPatch(
        STATE_JS,
        "an event is bound to the page that created it",
        LAST_IMPORT,
        LAST_IMPORT + 'import { isForThisPage, rememberPage } from "$/utils/navigation.js";\n',
    ),
    TextPatch(
        STATE_JS,
        "an event is bound to the page that created it",
        "  const normalized = normalizeEvents(events);\n",
        "  const normalized = normalizeEvents(events).map(rememberPage);\n",
    ),
    TextPatch(
        STATE_JS,
        "an event of another page has no effect",
        "  // Handle special events\n",
        "  if (!isForThisPage(event)) return; // coursebook: an event of another page\n",
    ),
)


def event_name(handler: EventHandler) -> str:
    """Return the full name under which a browser calls a handler."""
    return format_event_handler(handler)


def signatures() -> dict[str, inspect.Signature]:
    """Return the signatures of the handlers that our pages call, by full name."""
    registered = RegistrationContext.ensure_context().event_handlers
    return {
        name: inspect.signature(registration.handler.fn)
        for name, registration in registered.items()
        if not name.endswith(NOT_FOR_BROWSERS)
    }


def waiting_events(app: App, tab: str) -> int:
    """Return how many events Reflex has queued for a tab."""
    processor = app._event_processor  # noqa: SLF001 - the public name raises before the start
    return len(processor._token_queues.get(tab, ())) if processor else 0  # noqa: SLF001


async def call_handler(app: App, tab: str, name: str) -> None:
    """Handle an event for a tab as if its browser had sent it, and wait until it is done."""
    with app.set_contexts():
        await (await app.event_processor.enqueue(tab, Event(name=name)))


def event_context() -> EventContext:
    """Return the context of the current event; it stays usable after the event has failed."""
    return EventContext.get()


def accept_language(context: EventContext) -> str:
    """Return the Accept-Language header of the browser of an event."""
    return str(context.router_data.get("headers", {}).get("accept-language", ""))


async def show_vars(context: EventContext, state: type[rx.State], changed: dict[str, Any]) -> None:
    """Send vars to the tab of an event, by their names in the browser, without its state."""
    await context.emit_delta({state.get_full_name(): changed})


SEAMS = (
    Seam(
        "the registry of event handlers",
        "the socket guard allows only registered handlers",
        lambda: f"{ROOT_STATE}.{SETVAR}" in RegistrationContext.ensure_context().event_handlers,
    ),
    Seam(
        f"State.{SETVAR}",
        "the socket guard blocks it for browsers",
        lambda: SETVAR in State.event_handlers,
    ),
    Seam(
        UPDATE_VARS_EVENT,
        "the socket guard blocks it for browsers",
        lambda: (
            format_event_handler(UpdateVarsInternalState.event_handlers[UPDATE_VARS])
            == UPDATE_VARS_EVENT
            and f"{ROOT_STATE}.{CompileVars.UPDATE_VARS_INTERNAL}" == UPDATE_VARS_EVENT
        ),
    ),
    Seam(
        BROWSER_EXCEPTION_EVENT,
        "its report is truncated, and it belongs to no page",
        lambda: (
            format_event_handler(FrontendEventExceptionState.event_handlers[BROWSER_EXCEPTION])
            == BROWSER_EXCEPTION_EVENT
        ),
    ),
    Seam(
        f"arguments of {BROWSER_EXCEPTION}",
        "the socket guard truncates them",
        lambda: (
            list(
                inspect.signature(
                    FrontendEventExceptionState.event_handlers[BROWSER_EXCEPTION].fn
                ).parameters
            )
            == ["self", EXCEPTION_INFO, COMPONENT_STACK]
        ),
    ),
    Seam(
        "rx.redirect and rx.download are events of the browser",
        "an answer of a handler names its page there",
        lambda: all(
            f'event.name == "{BROWSER_EVENT_PREFIX}{name}"' in template(STATE_JS)
            for name in ("redirect", "download")
        ),
    ),
    Seam(
        f"the event action {TEMPORAL}",
        "what costs money is never sent again after a lost connection",
        lambda: (
            f"if (event_actions?.{TEMPORAL} && temporal_handler" in template(STATE_JS)
            and "e.event_actions = event_actions;" in template(STATE_JS)
        ),
    ),
    Seam(
        "the event queue of a tab",
        "a tab with too many waiting events is cut off",
        lambda: (
            has_all(App, "_event_processor", "event_processor", "set_contexts")
            and has_all(BaseStateEventProcessor, "_token_queues", "enqueue")
        ),
    ),
    Seam(
        "EventContext",
        "a tab hears of a failure past its state",
        lambda: has_all(EventContext, "get", "emit_delta", "router_data"),
    ),
)
require(SEAMS)
