"""Paying for one booking once more: what the pages after the payment page share."""

import reflex as rx

from coursebook.errors import Unauthenticated
from coursebook.ui.presenters.rows import BookingRow, Notice
from coursebook.ui.states import expected_amounts, payment_redirect
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.wiring import services


class PayAgainState(rx.State, mixin=True):
    """Mixed into a state that has a session and `_load`."""

    booking: BookingRow = BookingRow()
    notice: Notice = Notice()
    is_busy: bool = False

    @rx.event(background=True, temporal=True)
    async def retry_clicked(self, token: str) -> Events:
        """Lead to a payment page for the booking that is shown."""
        async with self:
            booking_id, expected = self.booking.id, expected_amounts.to_pay(self.booking)
            if self.is_busy:
                return
            try:
                who = await self._fresh(token)
            except Unauthenticated:
                yield self._place().go(self._sign_in_way())
                return
            except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
                self.notice = notice_of(problem, self._language())
                return
            self.is_busy, self.notice, place = True, Notice(), self._place()
        try:
            checkout = await services().checkout.retry(who, booking_id, expected=expected)
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            notice = await payment_redirect.why_not(who, booking_id, problem, self._language())
            async with self:
                if self._is_still_at(place):
                    self.is_busy, self.notice = False, notice
                    await self._load()
            return
        async with self:
            is_there = self._is_still_at(place)
        if not is_there:  # nobody is led to pay for whoever signed out
            return
        yield place.go(checkout.checkout_url)
        await payment_redirect.while_gone()
        async with self:
            if self._is_still_at(place):
                self.is_busy = False

    @rx.event
    async def calendar_clicked(self) -> rx.event.EventSpec | None:
        """Give the calendar file of the booking that is shown."""
        try:
            return await payment_redirect.calendar_of(
                self._place(), self._require(), self.booking.id
            )
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.notice = notice_of(problem, self._language())
            return None
