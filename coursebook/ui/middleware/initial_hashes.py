"""Gives Reflex the hash of each state where a page has sent one over them all."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.reflex_compat.initial_hashes import unfolded


class InitialHashes(Middleware):
    """Replaces the hash in the first event of a page, so that it gets only what it lacks.

    A page of another build sends another hash. It is left as it is, and the page gets everything.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Change the argument of the event; never stop it."""
        del app, state
        if hydration.is_first_of_page(event):
            event.payload[hydration.HASHES] = await unfolded(event.payload[hydration.HASHES])
