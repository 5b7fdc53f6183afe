"""Parts of a booking that several pages show: countdown, what to bring, history, buttons."""

import reflex as rx

from coursebook.domain.texts.markdown import Block
from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit
from coursebook.ui.kit.check_in.ticket import ticket, ticket_of_panel
from coursebook.ui.kit.types import Handler, Text
from coursebook.ui.presenters.rows import BookingRow, HistoryRow, Notice, OwnPlaceRow
from coursebook.ui.states.dashboard import PAGE_OF_ONE
from coursebook.ui.states.session import SessionState

VIEWER_TIMEZONE = rx.Var("Intl.DateTimeFormat().resolvedOptions().timeZone", _var_type=str)
"""The time zone of the browser, as an argument of an event."""
LONG_SECONDS = 8
"""After this many seconds a busy button says that it takes longer."""


def address_of(booking_id: rx.Var[str]) -> rx.Var[str]:
    """Return the address of one booking's page."""
    return PAGE_OF_ONE + booking_id


def busy_words(text: Text) -> rx.Component:
    """Return the text of a busy button, which changes when it takes long."""
    return kit.text_over_time(text, i18n.BUSY_LONGER, LONG_SECONDS)


def pay_button(
    on_press: Handler,
    is_busy: rx.Var[bool],
    *,
    booking_id: rx.Var[str],
    shown: rx.Var[BookingRow] | rx.Var[OwnPlaceRow],
    disabled: rx.Var[bool] | bool = False,
    was_tried: rx.Var[bool] | bool = True,
    wide: bool = False,
    test_id: str = "retry",
) -> rx.Component:
    """Return the button to Stripe Checkout: "Pay now", or "Try again" after an attempt.

    It pays the sum of the row `shown`, over the socket or over HTTP.
    """
    pay = rx.cond(shown.pay_amount == 0, i18n.TAKE_PLACE, i18n.PAY_NOW)
    text = rx.cond(was_tried, i18n.TRY_AGAIN, pay)
    expect = {"amount": shown.pay_amount, "currency": shown.pay_currency}
    return token_button(
        rx.cond(is_busy, busy_words(i18n.RETRY_BUSY), text),
        on_press=on_press,
        busy=is_busy,
        disabled=disabled,
        http=rx.Var.create(
            {"path": f"/api/bookings/{booking_id}/retry", "body": {"expect": expect}}
        ),
        class_name=kit.button_class("primary", wide=wide),
        data_testid=test_id,
    )


def next_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the next step of a booking."""
    return rx.cond(
        booking.next != "",
        kit.until_here(booking.next, booking.hold_until, i18n.CLOCK_FORM, data_testid="next"),
    )


def attendee_info(blocks: rx.Var[list[Block]], *, is_open: bool = False) -> rx.Component:
    """Return what people with a place should bring and know, behind its title unless `is_open`."""
    return kit.disclosure(
        i18n.ATTENDEE_INFO_TITLE,
        kit.prose(blocks, lang=SessionState.courses_language),
        open=is_open,
        data_testid="attendee-info",
    )


def ticket_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the ticket of a confirmed place, behind its title."""
    return rx.cond(
        booking.ticket != "",
        kit.disclosure(
            i18n.TICKET_TITLE,
            ticket(booking.ticket, i18n.TICKET_ALT, booking.ticket_code),
            data_testid="ticket",
        ),
    )


def open_ticket_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the ticket of a confirmed place, for the top of a panel."""
    return rx.cond(
        booking.ticket != "",
        ticket_of_panel(booking.ticket, i18n.TICKET_ALT, booking.ticket_code, data_testid="ticket"),
    )


def calendar_button(on_click: Handler) -> rx.Component:
    """Return the button that downloads the calendar file."""
    return kit.button(
        kit.icon("calendar-plus"),
        i18n.CALENDAR_FILE,
        on_click=on_click,
        look="secondary",
        data_testid="calendar",
    )


def linked_notice(notice: rx.Var[Notice]) -> rx.Component:
    """Return a notice with its link in a live region."""
    return kit.live_region(
        rx.cond(notice.text != "", notice_with_link(notice, data_testid="notice"))
    )


def notice_with_link(notice: rx.Var[Notice], **props: object) -> rx.Component:
    """Return a notice with its link."""
    return kit.notice(
        notice.text,
        notice.tone,
        rx.cond(
            notice.link_href != "",
            rx.el.p(kit.text_link(notice.link_text, href=notice.link_href)),
        ),
        **props,
    )


def hold_of(booking: rx.Var[BookingRow] | rx.Var[OwnPlaceRow], on_end: Handler) -> rx.Component:
    """Return the countdown of a hold; nothing without a hold."""
    return rx.cond(
        booking.hold_seconds > 0,
        kit.hold_clock(
            seconds=booking.hold_seconds,
            whole=booking.hold_whole,
            stamp=booking.hold_stamp,
            label=i18n.HELD_UNTIL,
            until=booking.hold_until,
            clock_form=i18n.CLOCK_FORM,
            ended=i18n.CLOCK_ENDED,
            announce=i18n.CLOCK_SPOKEN,
            minutes=i18n.CLOCK_MINUTES,
            minute=i18n.CLOCK_MINUTE,
            on_end=on_end,
            data_testid="hold",
        ),
    )


def history_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the history of a booking, collapsed."""
    return rx.cond(
        booking.history.length() > 0,
        kit.disclosure(
            i18n.HISTORY_TITLE,
            history_steps(booking),
            data_testid="history",
        ),
    )


def history_steps(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the steps of the history of a booking."""
    return kit.timeline(booking.history, _history_line)


def _history_line(step: rx.Var[HistoryRow]) -> rx.Component:
    return kit.timeline_step(step.text, step.at, step.money, step.tone)
