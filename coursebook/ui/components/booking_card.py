"""A booking on the dashboard: status in words, money, history, what can be done."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import kit, words
from coursebook.ui.rows import BookingRow, HistoryRow
from coursebook.ui.states.dashboard import DashboardState

TONES = {"pending": "warn", "confirmed": "good", "failed": "bad", "cancelled": "plain"}
SIGNS = {"pending": "clock", "confirmed": "check", "failed": "x", "cancelled": "ban"}


def booking_card(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return one booking."""
    return kit.entry(
        kit.thumbnail(booking.image),
        kit.stack(
            rx.el.div(status_badge(booking)),
            kit.card_title(kit.plain_link(booking.title, href=booking.href)),
            kit.detail_line("calendar", booking.day, ", ", booking.hours),
            kit.detail_line("map-pin", booking.place),
            kit.detail_line("wallet", booking.amount, " · ", booking.payment),
            gap="sm",
        ),
        rx.cond(booking.hold != "", kit.body(booking.hold, data_testid="hold")),
        rx.cond(booking.history.length() > 0, _history(booking)),
        side=_actions(booking),
        data_testid="booking-card",
        data_status=booking.status,
    )


def status_badge(booking: rx.Var[BookingRow]) -> rx.Component:
    """Return the status: icon, word and colour together."""
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


def _actions(booking: rx.Var[BookingRow]) -> rx.Component:
    is_busy = DashboardState.busy_id == booking.id
    retry = token_button(
        rx.cond(is_busy, words.RETRY_BUSY, words.TRY_AGAIN),
        on_press=lambda token: DashboardState.retry_clicked(booking.id, token),
        disabled=is_busy,
        class_name=kit.button_class("primary"),
        data_testid="retry",
    )
    cancel = kit.button(
        words.CANCEL_BOOKING,
        on_click=DashboardState.cancel_clicked(booking.id),
        disabled=is_busy,
        look="secondary",
        data_testid="cancel",
    )
    receipt = kit.outside_link(words.RECEIPT, href=booking.receipt_url, data_testid="receipt")
    return kit.entry_side(
        rx.cond(booking.can_retry, retry),
        rx.cond(booking.can_cancel, cancel),
        rx.cond(booking.receipt_url != "", rx.el.p(receipt)),
    )


def _history(booking: rx.Var[BookingRow]) -> rx.Component:
    return kit.disclosure(
        words.HISTORY_TITLE, kit.timeline(booking.history, _history_line), data_testid="history"
    )


def _history_line(step: rx.Var[HistoryRow]) -> rx.Component:
    return kit.timeline_step(step.text, step.at)


def booking_card_skeleton() -> rx.Component:
    """Return the grey shape of a booking."""
    return kit.entry(
        kit.thumbnail(""),
        kit.bone("badge"),
        kit.bone("heading"),
        kit.bone("short"),
    )
