"""Error messages that are sent straight over a tab's socket, without its state.

An error message as an event would need the tab's state. When that cannot be loaded (Redis is down,
or the tab's address cannot be parsed), the event fails too, and Reflex 0.10.1 reports that failure
with another event, endlessly (1,000 a second were measured). The socket belongs to this process and
still works.
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


def show_states_unavailable(error: Exception) -> None:
    """Show the tab of the failed event that the pages are unavailable at the moment."""
    log.warning("state_store.failed", kind=type(error).__name__)
    show_sentence(lambda language: i18n.of(language).STATES_AWAY)


def show_sentence(sentence: Callable[[str], str]) -> None:
    """Show the tab of the failed event a sentence in the visitor's language.

    It is sent once; a closed tab does not get it.
    """
    context = events.event_context()
    language = i18n.language_of(events.accept_language(context))
    notice = asdict(Notice(sentence(language), "bad"))
    variables = in_browser({"session_notice": notice})
    task = asyncio.create_task(_send(context, variables), name="show error")
    _on_their_way.add(task)
    task.add_done_callback(_on_their_way.discard)


async def _send(context: Any, variables: dict[str, Any]) -> None:
    try:
        await events.show_vars(context, SessionState, variables)
    except Exception as error:  # noqa: BLE001 - there is no other way to reach the tab
        log.warning("tab.notify_failed", kind=type(error).__name__)
