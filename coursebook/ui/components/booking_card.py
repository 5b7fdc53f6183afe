"""A booking on the dashboard: status, money, history, actions."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.booking_parts import (
    address_of,
    attendee_info,
    calendar_button,
    history_of,
    hold_of,
    next_of,
    notice_with_link,
    pay_button,
    ticket_of,
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
                    booking.title,
                    href=address_of(booking.id),
                    lang=SessionState.courses_language,
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
        outcome_of(booking),
        rx.cond(
            booking.attendee_info.length() > 0,
            attendee_info(booking.attendee_info),
        ),
        ticket_of(booking),
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


def outcome_of(booking: rx.Var[BookingRow]) -> rx.Component:
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


def pay_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the button that pays a booking, if it can be paid."""
    retry = pay_button(
        lambda token: DashboardState.retry_clicked(booking.id, token),
        _is_busy("pay", booking),
        booking_id=booking.id,
        shown=booking,
        disabled=_is_busy("cancel", booking),
        was_tried=booking.was_tried,
    )
    return rx.cond(booking.can_retry, retry)


def cancel_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the button that opens the cancel dialog, if the booking can be cancelled."""
    is_cancelling = _is_busy("cancel", booking)
    cancel = kit.button(
        rx.cond(
            is_cancelling,
            i18n.CANCEL_BUSY,
            rx.cond(booking.is_offer, i18n.DECLINE_PLACE, i18n.CANCEL_BOOKING),
        ),
        on_click=DashboardState.cancel_clicked(booking.id),
        aria_disabled=is_cancelling,
        aria_busy=is_cancelling,
        look="secondary",
        data_testid="cancel",
    )
    return rx.cond(booking.can_cancel, cancel)


def calendar_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the button that downloads the calendar file of a confirmed booking."""
    button = calendar_button(DashboardState.calendar_clicked(booking.id))
    return rx.cond(booking.has_calendar, button)


def way_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the link to the place or the online room of a confirmed booking."""
    way = kit.outside_link(booking.way_text, href=booking.way_href, data_testid="way")
    return rx.fragment(
        rx.cond(booking.way_href != "", rx.el.p(way)),
        rx.cond(booking.way_note != "", kit.small(booking.way_note)),
    )


def receipt_of(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the link to the receipt, if there is one."""
    receipt = kit.outside_link(i18n.RECEIPT, href=booking.receipt_url, data_testid="receipt")
    return rx.cond(booking.receipt_url != "", rx.el.p(receipt))


def _actions(booking: rx.Var[BookingRow]) -> rx.Component:
    return kit.entry_side(
        pay_of(booking),
        calendar_of(booking),
        cancel_of(booking),
        way_of(booking),
        receipt_of(booking),
    )


def booking_card_skeleton() -> rx.Component:
    """Return the skeleton of a booking."""
    return kit.entry(
        kit.thumbnail(""),
        kit.skeleton("badge"),
        kit.skeleton("heading"),
        kit.skeleton("short"),
    )
