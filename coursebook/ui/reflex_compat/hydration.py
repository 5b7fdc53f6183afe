"""The first event of a page: Reflex sends a tab all that is kept for it (hydration).

Middleware acts on these events, so a wrong name here means that a tab keeps what it must forget.
The page sends `hydrate_and_load` inside the packet that connects its socket.
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
"""Sends the whole tree; Reflex calls it for the event of a tab that it has forgotten."""
HYDRATE_AND_LOAD = "hydrate_and_load"
"""Sends the tree and runs the page's `on_load`; the page sends it on each (re)connect."""
SET_IS_HYDRATED = "set_is_hydrated"
"""Sets `is_hydrated`; only Reflex itself calls it."""
IS_HYDRATED = "is_hydrated"
"""True once a tab knows its page; pressed buttons are replayed then (`ui/early_events`)."""
ON_LOAD_INTERNAL = "on_load_internal"
"""Runs the page's `on_load`; the page sends it on each navigation."""
HASHES = "hashes"
"""The argument that only the first event of a newly loaded page has."""
STORED_VARS = "vars"
"""The argument with what a browser keeps in cookies or storage; no state of ours keeps anything."""
CONNECT_EVENT = "event"
"""The key of the connecting packet for the first event."""
CONNECT_SCHEMA = "state_schema"
"""The key of the connecting packet for the hash that names the build."""
FIRST_EVENT = f"{ROOT_STATE}.{HYDRATE_AND_LOAD}"
WHOLE_TREE_EVENT = f"{ROOT_STATE}.{HYDRATE}"
PAGE_LOAD_EVENT = f"{ROOT_STATE}.reflex___state____on_load_internal_state.{ON_LOAD_INTERNAL}"
SENT_ON_CONNECT = (HYDRATE, ON_LOAD_INTERNAL)
"""Parts of the names of events that a page sends again by itself after a lost connection."""


def is_connecting(event: Event) -> bool:
    """Tell whether a page sends this event because its socket has opened, also after a pause."""
    return _handler(event) == HYDRATE_AND_LOAD


def is_first_of_page(event: Event) -> bool:
    """Tell whether a page was just loaded; after a lost connection it goes on with what it has."""
    return is_connecting(event) and bool(event.payload.get(HASHES))


def sends_whole_tree(event: Event) -> bool:
    """Tell whether Reflex answers this event with all that is kept for the tab."""
    return _handler(event) in (HYDRATE, HYDRATE_AND_LOAD)


def boot_packet(schema: str | None, event: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the connecting packet tells Reflex; None for nothing."""
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
        "private pages, fresh pages and live updates act on the first event of a page",
        lambda: HYDRATE_AND_LOAD in rx.State.event_handlers,
    ),
    Seam(
        f"rx.State.{HYDRATE}",
        "private pages act on it too",
        lambda: HYDRATE in rx.State.event_handlers,
    ),
    Seam(
        f"the full name {FIRST_EVENT}",
        "tests and our scripts send and compare it",
        lambda: (
            format_event_handler(rx.State.event_handlers[HYDRATE_AND_LOAD]) == FIRST_EVENT
            and format_event_handler(rx.State.event_handlers[HYDRATE]) == WHOLE_TREE_EVENT
        ),
    ),
    Seam(
        f"the compiled page sends {FIRST_EVENT}",
        "private pages, fresh pages and live updates act on what the browser sends",
        lambda: (
            f"return [ReflexEvent('{FIRST_EVENT}', payload)]" in _generated()
            and f'payload["{HASHES}"] = initialStateHashes' in _generated()
        ),
    ),
    Seam(
        f"arguments of {HYDRATE_AND_LOAD}",
        "the socket guard lets only these pass",
        lambda: (
            list(inspect.signature(rx.State.event_handlers[HYDRATE_AND_LOAD].fn).parameters)
            == ["self", STORED_VARS, HASHES]
        ),
    ),
    Seam(
        f"rx.State.{SET_IS_HYDRATED}",
        "the socket guard keeps it from browsers",
        lambda: SET_IS_HYDRATED in rx.State.event_handlers,
    ),
    Seam(
        f"rx.State.{IS_HYDRATED}",
        "what a visitor did early is done once it is true",
        lambda: IS_HYDRATED in rx.State.get_fields() and CompileVars.IS_HYDRATED == IS_HYDRATED,
    ),
    Seam(
        PAGE_LOAD_EVENT,
        "a script of ours does not repeat it after a lost connection",
        lambda: (
            format_event_handler(OnLoadInternalState.event_handlers[ON_LOAD_INTERNAL])
            == PAGE_LOAD_EVENT
            and PAGE_LOAD_EVENT.removeprefix(f"{ROOT_STATE}.") == CompileVars.ON_LOAD_INTERNAL
        ),
    ),
    Seam(
        "the connecting packet carries the first event",
        "the socket guard judges it there",
        lambda: (
            CompileVars.CONNECT_AUTH_EVENT == CONNECT_EVENT
            and CompileVars.CONNECT_AUTH_STATE_SCHEMA == CONNECT_SCHEMA
            and f"return {{ {CONNECT_EVENT}: boot_event, {CONNECT_SCHEMA}: app.stateSchema }};"
            in template(STATE_JS)
        ),
    ),
)
require(SEAMS)
