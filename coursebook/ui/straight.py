"""Telling a tab something when its state cannot be reached: straight over its socket.

With several processes the states of the tabs are in Redis. When it is away, no handler can run,
and an event that says so cannot run either: Reflex 0.10.1 would report that failure with another
event, for ever (676 in 15 seconds were seen). The socket itself is of this process, and works.
"""

import asyncio
from dataclasses import asdict

import structlog
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event.context import EventContext

from coursebook.ui import words
from coursebook.ui.rows import Notice
from coursebook.ui.states.session import SessionState

log = structlog.get_logger(__name__)

_on_their_way: set[asyncio.Task[None]] = set()


def say_states_are_away(problem: Exception) -> None:
    """Tell the tab of the event that failed that nothing can be done at the moment."""
    context = EventContext.get()
    log.warning("pages.states_away", kind=type(problem).__name__)
    headers = context.router_data.get("headers", {})
    known = words.of(words.language_of(str(headers.get("accept-language", ""))))
    notice = asdict(Notice(known.STATES_AWAY, "bad"))
    delta = {SessionState.get_full_name(): {f"session_notice{FIELD_MARKER}": notice}}
    task = asyncio.create_task(context.emit_delta(delta), name="say that the states are away")
    _on_their_way.add(task)
    task.add_done_callback(_on_their_way.discard)
