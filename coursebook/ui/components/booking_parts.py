"""Parts of a booking that several pages show: its clock, its story, its buttons."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import kit, words
from coursebook.ui.kit.types import Handler
from coursebook.ui.rows import BookingRow, HistoryRow, Notice


def retry_button(on_press: Handler, is_busy: rx.Var[bool]) -> rx.Component:
    """Return the button that leads to the payment page once more."""
    return token_button(
        rx.cond(is_busy, words.RETRY_BUSY, words.TRY_AGAIN),
        on_press=on_press,
        disabled=is_busy,
        class_name=kit.button_class("primary"),
        data_testid="retry",
    )


def calendar_button(on_click: Handler) -> rx.Component:
    """Return the button that gives the calendar file."""
    return kit.button(
        kit.icon("calendar-plus"),
        words.CALENDAR_FILE,
        on_click=on_click,
        look="secondary",
        data_testid="calendar",
    )


def linked_notice(notice: rx.Var[Notice]) -> rx.Component:
    """Return a sentence about what happened, with its way on, spoken when it comes."""
    return kit.live_region(
        rx.cond(
            notice.text != "",
            kit.notice(
                notice.text,
                notice.tone,
                rx.cond(
                    notice.link_href != "",
                    rx.el.p(kit.text_link(notice.link_text, href=notice.link_href)),
                ),
                data_testid="notice",
            ),
        )
    )


def hold_of(booking: rx.Var[BookingRow], on_end: Handler) -> rx.Component:
    """Return the clock of a held place, or why it does not tick."""
    return rx.cond(
        booking.hold_seconds > 0,
        kit.hold_clock(
            seconds=booking.hold_seconds,
            whole=booking.hold_whole,
            stamp=booking.hold_stamp,
            label=booking.hold,
            ended=words.CLOCK_ENDED,
            announce=words.CLOCK_SPOKEN,
            minutes=words.CLOCK_MINUTES,
            minute=words.CLOCK_MINUTE,
            on_end=on_end,
            data_testid="hold",
        ),
    )


def history_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return what happened to a booking, folded away."""
    return rx.cond(
        booking.history.length() > 0,
        kit.disclosure(
            words.HISTORY_TITLE,
            kit.timeline(booking.history, _history_line),
            data_testid="history",
        ),
    )


def _history_line(step: rx.Var[HistoryRow]) -> rx.Component:
    return kit.story_step(step.text, step.at, step.money, step.tone)
