"""Changes since the page was loaded: seats left of its courses, and the viewer's own bookings."""

import reflex as rx

from coursebook.ui.presenters.rows import PlacesRow
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import PAGE_OF_ONE, DashboardState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState

LOOK_AGAIN = {
    "/bookings": DashboardState.changed_elsewhere,
    "/payment/success": PaymentState.changed_elsewhere,
    "/payment/cancel": PaymentCancelState.changed_elsewhere,
}
"""The pages with a person's own data, and the handler that reloads each of them."""


class LiveState(SessionState):
    """`places` are sent straight to the browsers (`ui/live/push.py`); on the server it is empty."""

    places: dict[str, PlacesRow] = {}

    @rx.event
    async def person_changed(self) -> rx.event.EventSpec | None:
        """Reload the page of a person who is known. Anyone may call it: it shows only their own."""
        if self._who() is None:
            return None
        await self._watch_own()  # the first booking gives the person an id, and so a new topic
        if self.router.url.path.startswith("/courses/"):
            return CourseState.changed_elsewhere
        if self.router.url.path.startswith(PAGE_OF_ONE):
            return DashboardState.changed_elsewhere
        return next((look for path, look in LOOK_AGAIN.items() if self._is_at(path)), None)
