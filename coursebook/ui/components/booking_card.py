"""A booking on the dashboard: status, money, history, actions."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.booking_parts import (
    attendee_info,
    calendar_button,
    history_of,
    hold_of,
    next_of,
    notice_with_link,
    pay_button,
)
from coursebook.ui.components.course_view import meetings_of
from coursebook.ui.presenters.rows import BookingRow
from coursebook.ui.states.dashboard import DashboardState, act_of
from coursebook.ui.states.session import SessionState

TONES = {"pending": "warn", "confirmed": "good", "failed": "bad", "cancelled": "plain"}
SIGNS = {"pending": "clock", "confirmed": "check", "failed": "x", "cancelled": "ban"}


def booking_card(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return one booking."""
    return kit.entry(
        kit.thumbnail(booking.image),
        kit.stack(
            rx.el.div(status_badge(booking)),
            kit.entry_title(
                kit.plain_link(
                    booking.title, href=booking.href, lang=SessionState.courses_language
                ),
                id=f"booking-{booking.id}",
            ),
            kit.detail_line("calendar", booking.day, ", ", booking.hours),
            kit.detail_line("map-pin", booking.place),
            rx.cond(
                booking.meetings.length() > 0,
                kit.disclosure(i18n.MEETINGS_TITLE, meetings_of(booking)),
                rx.cond(
                    booking.is_online,
                    kit.viewer_time(
                        booking.starts, booking.ends, booking.zone, i18n.YOUR_TIME, keeps_room=False
                    ),
                ),
            ),
            kit.detail_line(
                "wallet",
                booking.amount,
                rx.cond(booking.payment != "", rx.fragment(" · ", booking.payment)),
            ),
            rx.cond(booking.promise.length() > 0, kit.bullets(booking.promise)),
            kit.small(booking.number),
            gap="sm",
        ),
        hold_of(booking, DashboardState.hold_ended(booking.id)),
        next_of(booking),
        _outcome(booking),
        rx.cond(
            booking.attendee_info.length() > 0,
            attendee_info(booking.attendee_info),
        ),
        history_of(booking),
        side=_actions(booking),
        data_testid="booking-card",
        data_status=booking.status,
    )


def status_badge(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the status as icon, word and colour."""
    looks = [
        (
            status,
            kit.badge(
                kit.icon(SIGNS[status]),
                booking.status_words,
                tone=TONES[status],
                data_testid="booking-status",
            ),
        )
        for status in TONES
    ]
    return rx.match(booking.status, *looks, kit.badge(booking.status_words))


def _outcome(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the result of the last action on this booking; it gets the focus."""
    notice = DashboardState.outcomes[booking.id]
    return rx.cond(
        DashboardState.outcomes.contains(booking.id),
        rx.el.div(
            notice_with_link(notice, data_testid="notice"),
            id=f"outcome-{booking.id}",
            tab_index=-1,
            role="status",
        ),
    )


def _is_busy(act: str, booking: rx.Var[BookingRow]) -> rx.Var[bool]:
    return DashboardState.busy.contains(act_of(act, "") + booking.id)


def _actions(booking: rx.Var[BookingRow]) -> rx.Component:
    is_cancelling = _is_busy("cancel", booking)
    retry = pay_button(
        lambda token: DashboardState.retry_clicked(booking.id, token),
        _is_busy("pay", booking),
        booking_id=booking.id,
        shown=booking,
        disabled=is_cancelling,
        was_tried=booking.was_tried,
    )
    cancel = kit.button(
        rx.cond(is_cancelling, i18n.CANCEL_BUSY, i18n.CANCEL_BOOKING),
        on_click=DashboardState.cancel_clicked(booking.id),
        aria_disabled=is_cancelling,
        aria_busy=is_cancelling,
        look="secondary",
        data_testid="cancel",
    )
    return kit.entry_side(
        rx.cond(booking.can_retry, retry),
        rx.cond(booking.has_calendar, calendar_button(DashboardState.calendar_clicked(booking.id))),
        rx.cond(booking.can_cancel, cancel),
        _links(booking),
    )


def _links(booking: rx.Var[BookingRow]) -> rx.Component:
    way = kit.outside_link(booking.way_text, href=booking.way_href, data_testid="way")
    receipt = kit.outside_link(i18n.RECEIPT, href=booking.receipt_url, data_testid="receipt")
    return rx.fragment(
        rx.cond(booking.way_href != "", rx.el.p(way)),
        rx.cond(booking.way_note != "", kit.small(booking.way_note)),
        rx.cond(booking.receipt_url != "", rx.el.p(receipt)),
    )


def booking_card_skeleton() -> rx.Component:
    """Return the skeleton of a booking."""
    return kit.entry(
        kit.thumbnail(""),
        kit.skeleton("badge"),
        kit.skeleton("heading"),
        kit.skeleton("short"),
    )
