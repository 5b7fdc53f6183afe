"""Resets the states of a tab when its page is loaded: the page starts from its own HTML."""

from collections.abc import Iterable
from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.states.session import SessionState


class ResetOnLoad(Middleware):
    """Resets the page states of a tab when the browser loads a page.

    The server keeps the tab's state over a reload. It would replace the server-rendered content
    for a moment (a booking still unpaid that has been paid since), until the page has loaded. After
    a lost connection the states are kept. `states` are those of all pages.
    """

    def __init__(self, states: Iterable[type[SessionState]]) -> None:
        self._states = tuple(states)

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Inspect an event before its handler; never stop it."""
        del app
        if hydration.is_first_of_page(event):
            for kind in self._states:
                (await state.get_state(kind)).reset()
