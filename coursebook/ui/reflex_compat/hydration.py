"""The first event of a page: Reflex sends a tab its whole state (hydration).

Middleware acts on these events, so with a wrong name here a tab would keep private data that must
be cleared. The page sends `hydrate_and_load` inside the packet that connects its socket.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import reflex as rx
from reflex.state import OnLoadInternalState
from reflex_base.compiler.templates import context_template
from reflex_base.constants.compiler import CompileVars
from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from coursebook.ui.reflex_compat.seams import Seam, require
from coursebook.ui.reflex_compat.text_patches import STATE_JS, template

ROOT_STATE = "reflex___state____state"
"""The full name of `rx.State`; the names of all handlers and states begin with it."""
HYDRATE = "hydrate"
"""Sends the whole tree; Reflex calls it for an event of a tab whose state is gone."""
HYDRATE_AND_LOAD = "hydrate_and_load"
"""Sends the tree and runs the page's `on_load`; the page sends it on each (re)connect."""
SET_IS_HYDRATED = "set_is_hydrated"
"""Sets `is_hydrated`; only Reflex itself calls it."""
IS_HYDRATED = "is_hydrated"
"""True once a tab has its state; early clicks are replayed then (`ui/early_events`)."""
ON_LOAD_INTERNAL = "on_load_internal"
"""Runs the page's `on_load`; the page sends it on each navigation."""
HASHES = "hashes"
"""The argument that only the first event of a newly loaded page has."""
STORED_VARS = "vars"
"""The argument with vars from cookies or storage; our states store nothing there."""
CONNECT_EVENT = "event"
"""The key of the connect packet for the first event."""
CONNECT_SCHEMA = "state_schema"
"""The key of the connect packet for the hash that names the build."""
FIRST_EVENT = f"{ROOT_STATE}.{HYDRATE_AND_LOAD}"
WHOLE_TREE_EVENT = f"{ROOT_STATE}.{HYDRATE}"
PAGE_LOAD_EVENT = f"{ROOT_STATE}.reflex___state____on_load_internal_state.{ON_LOAD_INTERNAL}"
SENT_ON_CONNECT = (HYDRATE, ON_LOAD_INTERNAL)
"""Parts of the names of events that a page repeats by itself after a lost connection."""


def is_connecting(event: Event) -> bool:
    """Return whether a page sends this event because its socket has opened, also on reconnect."""
    return _handler(event) == HYDRATE_AND_LOAD


def is_first_of_page(event: Event) -> bool:
    """Return whether a page was just loaded; after a lost connection it keeps its state."""
    return is_connecting(event) and bool(event.payload.get(HASHES))


def sends_whole_tree(event: Event) -> bool:
    """Return whether Reflex answers this event with the whole state of the tab."""
    return _handler(event) in (HYDRATE, HYDRATE_AND_LOAD)


def boot_packet(schema: str | None, event: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the content of the connect packet for Reflex; None when it is empty."""
    packet = {CONNECT_SCHEMA: schema, CONNECT_EVENT: event}
    return {key: value for key, value in packet.items() if value is not None} or None


def _handler(event: Event) -> str:
    return event.name.rpartition(".")[2]


def _generated() -> str:
    """Return the part of the generated context that sends the first event."""
    text: str = context_template(
        is_dev_mode=False,
        default_color_mode='"system"',
        initial_state={ROOT_STATE: {}},
        state_name=ROOT_STATE,
    )
    return text


SEAMS = (
    Seam(
        f"rx.State.{HYDRATE_AND_LOAD}",
        "expired sessions, reset on load and live updates act on the first event of a page",
        lambda: HYDRATE_AND_LOAD in rx.State.event_handlers,
    ),
    Seam(
        f"rx.State.{HYDRATE}",
        "expired sessions act on it too",
        lambda: HYDRATE in rx.State.event_handlers,
    ),
    Seam(
        f"the full name {FIRST_EVENT}",
        "our scripts and tests use it",
        lambda: (
            format_event_handler(rx.State.event_handlers[HYDRATE_AND_LOAD]) == FIRST_EVENT
            and format_event_handler(rx.State.event_handlers[HYDRATE]) == WHOLE_TREE_EVENT
        ),
    ),
    Seam(
        f"the compiled page sends {FIRST_EVENT}",
        "expired sessions, reset on load and live updates act on the browser's event",
        lambda: (
            f"return [ReflexEvent('{FIRST_EVENT}', payload)]" in _generated()
            and f'payload["{HASHES}"] = initialStateHashes' in _generated()
        ),
    ),
    Seam(
        f"arguments of {HYDRATE_AND_LOAD}",
        "the socket guard allows only these",
        lambda: (
            list(inspect.signature(rx.State.event_handlers[HYDRATE_AND_LOAD].fn).parameters)
            == ["self", STORED_VARS, HASHES]
        ),
    ),
    Seam(
        f"rx.State.{SET_IS_HYDRATED}",
        "the socket guard blocks it for browsers",
        lambda: SET_IS_HYDRATED in rx.State.event_handlers,
    ),
    Seam(
        f"rx.State.{IS_HYDRATED}",
        "early clicks and input are replayed once it is true",
        lambda: IS_HYDRATED in rx.State.get_fields() and CompileVars.IS_HYDRATED == IS_HYDRATED,
    ),
    Seam(
        PAGE_LOAD_EVENT,
        "our script does not repeat it after a lost connection",
        lambda: (
            format_event_handler(OnLoadInternalState.event_handlers[ON_LOAD_INTERNAL])
            == PAGE_LOAD_EVENT
            and PAGE_LOAD_EVENT.removeprefix(f"{ROOT_STATE}.") == CompileVars.ON_LOAD_INTERNAL
        ),
    ),
    Seam(
        "the connect packet contains the first event",
        "the socket guard validates it there",
        lambda: (
            CompileVars.CONNECT_AUTH_EVENT == CONNECT_EVENT
            and CompileVars.CONNECT_AUTH_STATE_SCHEMA == CONNECT_SCHEMA
            and f"return {{ {CONNECT_EVENT}: boot_event, {CONNECT_SCHEMA}: app.stateSchema }};"
            in template(STATE_JS)
        ),
    ),
)
require(SEAMS)
