"""Coming back from the payment page without having paid."""

import reflex as rx

from coursebook.errors import BookingNotFound, Unauthenticated
from coursebook.services.views import BookingView
from coursebook.ui import present, words
from coursebook.ui.rows import BookingRow, Notice
from coursebook.ui.states import checks, leaving
from coursebook.ui.states.events import Events
from coursebook.ui.states.problems import notice_of, sentence_of
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services


class PaymentCancelState(SessionState):
    """The cancel page. `face` is `loading`, `content`, `missing` or `error`."""

    face: str = "loading"
    shown_for: str = ""
    booking: BookingRow = BookingRow()
    story: str = ""
    notice: Notice = Notice()
    is_busy: bool = False
    error: str = ""

    @rx.event
    async def page_opened(self) -> None:
        """Show the booking that was left unpaid to a person who is known."""
        if self._who():
            await self._open()

    @rx.event
    async def viewer_arrived(self) -> None:
        """Show the booking that was left unpaid to the person who is there now."""
        if self._is_at("/payment/cancel"):
            await self._open()

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Load anew without a word, because something of this person has changed."""
        if self._who() and self.face == "content":
            await self._load()

    @rx.event
    async def again_clicked(self) -> None:
        """Try to load once more."""
        await self._load()

    @rx.event(background=True, temporal=True)
    async def retry_clicked(self, token: str) -> Events:
        """Lead to a payment page for the same booking."""
        async with self:
            booking_id, address = self._booking_id(), self._address()
            if self.is_busy:
                return
            try:
                who = await self._fresh(token)
            except Unauthenticated:
                yield rx.redirect(f"/sign-in?next=/payment/cancel%3Fbooking_id%3D{booking_id}")
                return
            except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
                self.notice = notice_of(problem, self._language())
                return
            self.is_busy, self.notice = True, Notice()
        try:
            checkout = await services().checkout.retry(who, booking_id, address=address)
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            async with self:
                self.is_busy, self.notice = False, notice_of(problem, self._language())
                await self._load()
            return
        yield leaving.way_to(checkout)
        await leaving.while_gone()
        async with self:
            self.is_busy = False

    async def _open(self) -> None:
        self.is_busy, self.notice = False, Notice()
        await self._load()
        self.shown_for = self.viewer

    async def _load(self) -> None:
        try:
            booking = await services().bookings.booking(self._require(), self._booking_id())
        except BookingNotFound:
            self.face = "missing"
            return
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.face, self.error = "error", sentence_of(problem, self._language())
            return
        self.booking = present.booking_row(booking, services().clock(), self._language())
        self.story = story_of(booking, self._language())
        self.face = "content"

    def _booking_id(self) -> str:
        return checks.identifier(self.router.url.query_parameters.get("booking_id")) or "-"


def story_of(booking: BookingView, language: str) -> str:
    """Say what leaving the payment page meant, as far as our books know."""
    known = words.of(language)
    if booking.payment_status == "processing":
        return str(known.ON_ITS_WAY_TEXT)
    return {
        "confirmed": known.PAYMENT_CANCELLED_PAID,
        "cancelled": known.PAYMENT_CANCELLED_OVER,
        "failed": f"{known.PAYMENT_CANCELLED_TEXT} {known.PAYMENT_CANCELLED_RELEASED}",
    }.get(booking.status, known.PAYMENT_CANCELLED_TEXT)
