"""What has changed since the page was loaded: places of its courses, and one's own bookings."""

import reflex as rx

from coursebook.ui.presenters.rows import PlacesRow
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState

LOOK_AGAIN = {
    "/bookings": DashboardState.changed_elsewhere,
    "/payment/success": PaymentState.changed_elsewhere,
    "/payment/cancel": PaymentCancelState.changed_elsewhere,
}
"""The pages of a person, and what lets each of them look again."""


class LiveState(SessionState):
    """`places` are sent straight to the browsers (`ui/live/push.py`); here it stays empty."""

    places: dict[str, PlacesRow] = {}

    @rx.event
    async def person_changed(self) -> rx.event.EventSpec | None:
        """Let the page of a person who is known look again. Anybody may ask; it shows one's own."""
        if self._who() is None:
            return None
        await self._watch_own()  # after somebody's first booking we have an id of our own for them
        if self.router.url.path.startswith("/courses/"):
            return CourseState.changed_elsewhere
        return next((look for path, look in LOOK_AGAIN.items() if self._is_at(path)), None)
