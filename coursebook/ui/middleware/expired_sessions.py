"""Clears a tab's private data when the person's session has expired."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.states.session import SessionState


class ExpiredSessions(Middleware):
    """Clears the state of a tab whose person's last token has expired.

    The server keeps the state of a tab for half an hour under an id that the browser stores. A
    stolen id can then reopen the tab, but finds no private data in it. The owner's browser sends a
    fresh token and loads again, as after a restart of the server.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Inspect an event before its handler; never stop it."""
        del app
        if not hydration.sends_whole_tree(event):
            return
        session = await state.get_state(SessionState)
        if session._user_id and session._who() is None:  # noqa: SLF001
            session.reset()
