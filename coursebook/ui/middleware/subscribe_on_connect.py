"""A socket that opens, for the first time or again, watches for the person its tab knows."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.states.session import SessionState


class MeetPeople(Middleware):
    """After a lost connection the tab may be at another process, which knows nothing of it yet."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Look at an event before it is handled; never stop one."""
        del app
        if hydration.is_connecting(event):
            session = await state.get_state(SessionState)
            await session._watch_own()  # noqa: SLF001 - not for browsers
