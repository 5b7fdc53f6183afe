"""The redirect to Stripe Checkout in the same tab, and the notices when there is none."""

import asyncio

import reflex as rx

from coursebook.errors import ChangedMeanwhile, CoursebookError, NotRetryable
from coursebook.identity.principal import Principal
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.page_binding import PageBinding
from coursebook.wiring import services

SECONDS = 4
"""How long a button stays busy while the browser navigates; then it can be clicked again."""


async def while_gone() -> None:
    """Wait until the browser has probably left the page."""
    await asyncio.sleep(SECONDS)


async def why_not(who: Principal, booking_id: str, error: Exception, language: str) -> Notice:
    """Return the notice of a refused payment; often the booking has already been paid."""
    if isinstance(error, ChangedMeanwhile):
        return changed(error, language)
    if isinstance(error, NotRetryable):
        try:
            story = await services().dashboard.story(who, booking_id)
        except CoursebookError:
            return notice_of(error, language)
        words = i18n.of(language)
        if story.booking.status == "confirmed":
            return Notice(words.PAID_MEANWHILE, "good", words.TO_BOOKINGS, "/bookings")
    return notice_of(error, language)


def changed(error: ChangedMeanwhile, language: str) -> Notice:
    """Return the notice of a changed price; nothing was charged."""
    amount = say.money(error.amount or 0, error.currency, language)
    return Notice(i18n.of(language).PAY_CHANGED.format(amount=amount))


async def calendar_of(binding: PageBinding, who: Principal, booking_id: str) -> rx.event.EventSpec:
    """Return the download of a booking's calendar file. Raises BookingNotFound."""
    file = await services().calendars.of_booking(who, booking_id)
    return binding.give(file.data, file.name, "text/calendar")
