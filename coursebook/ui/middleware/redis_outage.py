"""Telling a tab something without its state: straight over its socket.

A message that is an event of its own would be handled where the first has failed. When that place
is broken (the states are in Redis and it is away, or the tab's address cannot be parsed), it fails
in the same way, and Reflex 0.10.1 reports that failure with another event, for ever (1,000 a second
were seen). The socket itself is of this process, and works.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog

from coursebook.ui import i18n
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.reflex_compat import events
from coursebook.ui.reflex_compat.state_tree import in_browser
from coursebook.ui.states.session import SessionState

log = structlog.get_logger(__name__)

_on_their_way: set[asyncio.Task[None]] = set()


def say_states_are_away(error: Exception) -> None:
    """Tell the tab of the event that failed that nothing can be done at the moment."""
    log.warning("pages.states_away", kind=type(error).__name__)
    say_at_once(lambda language: i18n.of(language).STATES_AWAY)


def say_at_once(sentence: Callable[[str], str]) -> None:
    """Show the tab of the event that failed a sentence, made for the visitor's language.

    It is tried once. A tab that is closed hears nothing.
    """
    context = events.event_context()
    language = i18n.language_of(events.accept_language(context))
    notice = asdict(Notice(sentence(language), "bad"))
    shown = in_browser({"session_notice": notice})
    task = asyncio.create_task(_send(context, shown), name="say what went wrong")
    _on_their_way.add(task)
    task.add_done_callback(_on_their_way.discard)


async def _send(context: Any, shown: dict[str, Any]) -> None:
    try:
        await events.show_vars(context, SessionState, shown)
    except Exception as error:  # noqa: BLE001 - nobody is left to be told of this failure
        log.warning("tab_not_told", kind=type(error).__name__)
