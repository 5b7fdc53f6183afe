"""Telling a tab something without its state: straight over its socket.

A message that is an event of its own would be handled where the first has failed. When that place
is broken (the states are in Redis and it is away, or the tab's address cannot be parsed), it fails
in the same way, and Reflex 0.10.1 reports that failure with another event, for ever (1,000 a second
were seen). The socket itself is of this process, and works.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict

import structlog
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event.context import EventContext

from coursebook.ui import i18n
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.session import SessionState

log = structlog.get_logger(__name__)

_on_their_way: set[asyncio.Task[None]] = set()


def say_states_are_away(problem: Exception) -> None:
    """Tell the tab of the event that failed that nothing can be done at the moment."""
    log.warning("pages.states_away", kind=type(problem).__name__)
    say_at_once(lambda language: i18n.of(language).STATES_AWAY)


def say_at_once(sentence: Callable[[str], str]) -> None:
    """Show the tab of the event that failed a sentence, made for the visitor's language.

    It is tried once. A tab that is closed hears nothing.
    """
    context = EventContext.get()
    headers = context.router_data.get("headers", {})
    language = i18n.language_of(str(headers.get("accept-language", "")))
    notice = asdict(Notice(sentence(language), "bad"))
    delta = {SessionState.get_full_name(): {f"session_notice{FIELD_MARKER}": notice}}
    task = asyncio.create_task(_send(context, delta), name="say what went wrong")
    _on_their_way.add(task)
    task.add_done_callback(_on_their_way.discard)


async def _send(context: EventContext, delta: dict[str, dict[str, object]]) -> None:
    try:
        await context.emit_delta(delta)
    except Exception as problem:  # noqa: BLE001 - nobody is left to be told of this failure
        log.warning("tab_not_told", kind=type(problem).__name__)
