"""Retrying the payment of one booking, for the pages that follow Stripe Checkout."""

import reflex as rx

from coursebook.domain.reader import Reader
from coursebook.ui.presenters.rows import BookingRow
from coursebook.ui.states import expected_amounts, payment_redirect
from coursebook.ui.states.events import Events
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services


class PayAgainState(SingleActionState, mixin=True):
    """Mixed into a state that has a session and `_load`."""

    booking: BookingRow = BookingRow()

    @rx.event(background=True, temporal=True)
    async def retry_clicked(self, token: str) -> Events:
        """Redirect to a Checkout Session for the booking that is shown."""
        async with self:
            booking_id, expected = self.booking.id, expected_amounts.to_pay(self.booking)
            if self.is_busy:
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            binding, reader = self._page_binding(), Reader.of(self._language())
        try:
            checkout = await services().checkout.retry(
                who, booking_id, expected=expected, reader=reader
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            notice = await payment_redirect.why_not(who, booking_id, error, self._language())
            async with self:
                if self._is_still_at(binding):
                    self.is_busy, self.notice = False, notice
                    await self._load()
            return
        async with self:
            is_there = self._is_still_at(binding)
        if not is_there:  # never redirect to the payment of a person who has signed out
            return
        yield binding.go(checkout.checkout_url)
        await payment_redirect.while_gone()
        async with self:
            if self._is_still_at(binding):
                self.is_busy = False
