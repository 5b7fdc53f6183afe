"""What a tab knows of a person ends with the person's session."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.states.session import SessionState


class PrivatePages(Middleware):
    """Forgets what a tab showed to somebody whose last token is over.

    A tab is kept for half an hour under an id that stands in its browser. Whoever finds that id
    may go on with the tab, but then finds nothing in it. To its owner it looks like a restart:
    the page sends a fresh token and loads again.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Look at an event before it is handled; never stop one."""
        del app
        if not hydration.sends_whole_tree(event):
            return
        session = await state.get_state(SessionState)
        if session._user_id and session._who() is None:  # noqa: SLF001
            session.reset()
