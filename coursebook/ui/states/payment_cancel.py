"""The page after leaving Stripe Checkout without having paid."""

import reflex as rx

from coursebook.errors import BookingNotFound, PaymentProviderError
from coursebook.identity.principal import Principal
from coursebook.services.views import BookingStory, BookingView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import booking_statement, courses_and_bookings, timeline
from coursebook.ui.states.error_messages import sentence_of
from coursebook.ui.states.payment_retry import PayAgainState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services


class PaymentCancelState(PayAgainState, SessionState):
    """The cancel page. `view_state` is `loading`, `content`, `missing` or `error`.

    `standing` is that of `courses_and_bookings.standing`; "" while Stripe did not respond.
    """

    view_state: str = "loading"
    shown_for: str = ""
    story: str = ""
    standing: str = ""
    error: str = ""

    @rx.event(background=True)
    async def page_opened(self) -> None:
        """Load the unpaid booking for a person who is known."""
        if self._who():
            await self._open()

    @rx.event(background=True)
    async def viewer_arrived(self) -> None:
        """Load the unpaid booking for the current person."""
        await self._open()

    @rx.event(background=True)
    async def again_clicked(self) -> None:
        """Load again after an error."""
        await self._open()

    @rx.event(background=True)
    async def hold_ended(self) -> None:
        """Ask Stripe about the booking when its hold has ended."""
        await self._open()

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Reload without an announcement, because a booking of this person has changed."""
        if self._who() and self.view_state == "content":
            await self._load()

    async def _open(self) -> None:
        """Ask Stripe before the page says that nothing was charged."""
        async with self:
            if not self._is_at("/payment/cancel"):
                return
            self.is_busy = False
            who, booking_id, binding = self._who(), self._booking_id(), self._page_binding()
        try:
            story, is_asked = await _look_up(who, booking_id)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            async with self:
                if self._is_still_at(binding) and self._is_still(who):
                    self._fail(error)
                    self.shown_for = self.viewer
            return
        async with self:
            if self._is_still_at(binding) and self._is_still(who):
                self._show(story, is_asked=is_asked)
                self.shown_for = self.viewer

    async def _load(self) -> None:
        """Load the booking from the database, after a call that has updated it from Stripe."""
        try:
            story = await services().dashboard.story(self._require(), self._booking_id())
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self._fail(error)
            return
        self._show(story, is_asked=True)

    def _show(self, story: BookingStory, *, is_asked: bool) -> None:
        now, hold, language = services().clock(), services().context.hold, self._language()
        self.booking = timeline.booking_entry(story, now, hold, language)
        words = self._words()
        self.story = story_of(story.booking, language) if is_asked else words.NOT_ASKED_YET
        self.standing = courses_and_bookings.standing(story.booking) if is_asked else ""
        self.view_state = "content"

    def _fail(self, error: Exception) -> None:
        if isinstance(error, BookingNotFound):
            self.view_state = "missing"
        else:
            self.view_state, self.error = "error", sentence_of(error, self._language())

    def _booking_id(self) -> str:
        return validation.identifier(self.router.url.query_parameters.get("booking_id")) or "-"


async def _look_up(who: Principal | None, booking_id: str) -> tuple[BookingStory, bool]:
    """Return the booking, and whether Stripe responded. Raises BookingNotFound."""
    if who is None:
        raise BookingNotFound
    try:
        return await services().dashboard.look(who, booking_id), True
    except PaymentProviderError:
        return await services().dashboard.story(who, booking_id), False


def story_of(booking: BookingView, language: str) -> str:
    """Return the text after leaving Stripe Checkout, from the recorded state of the booking."""
    words = i18n.of(language)
    is_over = booking.status in ("failed", "cancelled")
    if booking.payment_status == "processing":
        return str(words.NEXT["wait_for_refund"] if is_over else words.ON_ITS_WAY_TEXT)
    if is_over and booking_statement.has_come(booking):
        why = booking_statement.why_given_back(booking, language)
        return f"{why} {booking_statement.money_words(booking, language)}".strip()
    return {
        "confirmed": words.PAYMENT_CANCELLED_PAID,
        "cancelled": words.PAYMENT_CANCELLED_OVER,
        "failed": words.PAYMENT_CANCELLED_RELEASED,
    }.get(booking.status, words.PAYMENT_CANCELLED_TEXT)
