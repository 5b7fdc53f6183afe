"""A page that was just opened begins with what came in its HTML, not with its tab's past."""

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

FORGOTTEN = (CatalogState, CourseState, DashboardState, PaymentState, PaymentCancelState)


class FreshPages(Middleware):
    """Forgets what a tab showed before it was opened anew.

    A reload keeps the tab's state on the server. It would be sent over what was drawn, stand
    there for a moment (a booking that waits for a payment that has come), and give way to what
    the page then loads. After a lost connection the page goes on with what it shows.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Look at an event before it is handled; never stop one."""
        del app
        if hydration.is_first_of_page(event):
            for kind in FORGOTTEN:
                (await state.get_state(kind)).reset()
