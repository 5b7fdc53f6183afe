"""Subscribes a tab to its person's bookings when its socket opens, also after a reconnect."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.states.session import SessionState


class SubscribeOnConnect(Middleware):
    """Subscribes on connect: after a reconnect the tab may be at another process."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Inspect an event before its handler; never stop it."""
        del app
        if hydration.is_connecting(event):
            session = await state.get_state(SessionState)
            await session._watch_own()  # noqa: SLF001 - private, so that browsers cannot call it
