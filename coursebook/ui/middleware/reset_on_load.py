"""Resets the states of a tab when its page is loaded: the page starts from its own HTML."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState

RESET_STATES = (CatalogState, CourseState, DashboardState, PaymentState, PaymentCancelState)


class ResetOnLoad(Middleware):
    """Resets the page states of a tab when the browser loads a page.

    The server keeps the tab's state over a reload. It would replace the server-rendered content
    for a moment (a booking still unpaid that has been paid since), until the page has loaded. After
    a lost connection the states are kept.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Inspect an event before its handler; never stop it."""
        del app
        if hydration.is_first_of_page(event):
            for kind in RESET_STATES:
                (await state.get_state(kind)).reset()
