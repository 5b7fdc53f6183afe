"""The success page: polls the booking until the database says how the payment ended."""

import asyncio
import time
from datetime import datetime, timedelta

import reflex as rx

from coursebook.errors import BookingNotFound, CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.views import BookingStory, BookingView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import booking_statement, timeline
from coursebook.ui.presenters.rows import BookingRow, Notice
from coursebook.ui.states import payment_redirect
from coursebook.ui.states.error_messages import notice_of, sentence_of
from coursebook.ui.states.page_binding import PageBinding
from coursebook.ui.states.payment_retry import PayAgainState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PAUSES = (1, 1, 1, 2, 2, 3, 3, 5, 5, 8, 12, 17)
"""Seconds between two polls of the booking; together one minute."""

FRESH = timedelta(hours=1)
"""For this long after a confirmation the page says that the mail is on its way."""


def view_state(booking: BookingView) -> str:
    """Return the view state of the success page for a booking."""
    if booking.status == "confirmed":
        return "confirmed"
    if booking.payment_status == "processing":
        return "on_its_way"
    if booking.status == "pending":
        return "confirming"
    states = {refund.state for refund in booking.refunds if refund.state != "failed"}
    if not states:
        return "not_booked"
    return "sent_back" if states == {"succeeded"} else "given_back"


def confirmed_words(booking: BookingView, email: str, now: datetime, language: str) -> str:
    """Return the sentence of a confirmed booking, also when the page is opened again later."""
    words = i18n.of(language)
    if booking.course.closed == "begun":
        return str(words.CONFIRMED_BEGUN_TEXT)
    if booking.confirmed_at is not None and now - booking.confirmed_at > FRESH:
        return str(words.CONFIRMED_LATER_TEXT)
    return str(words.CONFIRMED_TEXT.format(email=email)) if email else ""


class PaymentState(PayAgainState, SessionState):
    """The success page.

    `view_state` is `confirming`, `confirmed`, `on_its_way`, `later`, `given_back`, `sent_back`,
    `not_booked`, `missing` or `error`. `is_fresh`: the mail of the confirmation is just being sent.
    """

    view_state: str = "confirming"
    shown_for: str = ""
    mail_words: str = ""
    money_words: str = ""
    is_fresh: bool = False
    error: str = ""

    _watch: int = 0
    _shown_at: PageBinding = PageBinding("", "")

    @rx.event(background=True)
    async def page_opened(self) -> None:
        """Poll the payment of the address for a person who is known."""
        if self._who():
            await self._watch_payment()

    @rx.event(background=True)
    async def viewer_arrived(self) -> None:
        """Poll the payment of the address for the current person."""
        await self._watch_payment()

    @rx.event(background=True)
    async def changed_elsewhere(self) -> None:
        """Reload, because a booking of this person has changed."""
        async with self:
            who, binding, query_ids = self._who(), self._page_binding(), self._query_ids()
            if not self.shown_for:
                return
        await self._look(who, binding, query_ids)

    @rx.event
    async def calendar_clicked(self, booking_id: str) -> rx.event.EventSpec | None:
        """Download the calendar file of one of the person's bookings."""
        checked_id = validation.identifier(booking_id) or "-"
        try:
            return await payment_redirect.calendar_of(
                self._page_binding(), self._require(), checked_id
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return None

    async def _watch_payment(self) -> None:
        """Poll at growing intervals until the payment is decided; a newer poll ends this one.

        A page that loads may poll twice, for its address and for its person. What the first poll
        found stays until the second has found more, since it may be read or clicked by then.
        """
        async with self:
            if not self._is_at("/payment/success"):
                return
            self._watch += 1
            watch = self._watch
            self.is_busy, self.notice = False, Notice()
            binding, query_ids = self._page_binding(), self._query_ids()
            if binding != self._shown_at or self.view_state in ("later", "error"):
                self.error, self.booking, self.view_state = "", BookingRow(), "confirming"
            self.shown_for, self._shown_at = self.viewer, binding
        ends = time.monotonic() + sum(PAUSES)
        for pause in PAUSES:
            async with self:
                if not self._is_still_at(binding) or watch != self._watch:
                    return
                who = self._who()
            if await self._look(who, binding, query_ids):
                return
            if time.monotonic() + pause > ends:
                break  # the polls take time as well
            await asyncio.sleep(pause)
        async with self:
            if (
                self._is_still_at(binding)
                and watch == self._watch
                and self.view_state == "confirming"
            ):
                self.view_state = "later"

    async def _look(
        self, who: Principal | None, binding: PageBinding, query_ids: tuple[str, str]
    ) -> bool:
        """Poll once; return True when there is nothing more to wait for."""
        if who is None:
            return False
        try:
            story = await _story_of(who, *query_ids)
        except BookingNotFound:
            async with self:
                if self._is_still_at(binding):
                    self.view_state = "missing"
            return True
        except CoursebookError:
            return False  # unreachable, or rate limited: the next poll may work
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            async with self:
                if self._is_still_at(binding):
                    self.error = sentence_of(error, self._language())
                    self.view_state = "error"
            return True
        async with self:
            if self._is_still_at(binding):
                self._show(story)
            return self.view_state not in ("confirming", "on_its_way")

    async def _load(self) -> None:
        """Load the booking from the database, after a call that has updated it from Stripe."""
        self._show(await services().dashboard.story(self._require(), self.booking.id))

    def _show(self, story: BookingStory) -> None:
        now, hold = services().clock(), services().context.hold
        self.booking = timeline.booking_entry(story, now, hold, self._language())
        self.error = ""
        booking, language = story.booking, self._language()
        self.mail_words = confirmed_words(booking, self._email, now, language)
        self.is_fresh = booking.confirmed_at is None or now - booking.confirmed_at <= FRESH
        why = booking_statement.why_given_back(booking, language)
        self.money_words = f"{why} {self.booking.next}".strip()
        self.view_state = view_state(booking)

    def _query_ids(self) -> tuple[str, str]:
        query = self.router.url.query_parameters
        session_id = validation.identifier(query.get("session_id")) or ""
        return session_id, validation.identifier(query.get("booking_id")) or ""


async def _story_of(who: Principal, session_id: str, booking_id: str) -> BookingStory:
    """Return the person's booking; ask Stripe first when the address names a session."""
    if session_id:
        booking_id = (await services().bookings.booking_of_session(who, session_id)).id
    if not booking_id:
        raise BookingNotFound
    return await services().dashboard.story(who, booking_id)
