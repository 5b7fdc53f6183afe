"""`/payment/success`: the page after paying, which waits until the payment is recorded."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import (
    calendar_button,
    history_of,
    linked_notice,
    pay_button,
)
from coursebook.ui.components.page_states import signed_in_only
from coursebook.ui.kit.types import Text
from coursebook.ui.page import Page
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.session import SessionState


def payment_success() -> rx.Component:
    """Return the success page, or its sign-in state."""
    return layout.page(
        _announcement(),
        signed_in_only(
            _faces(),
            on_arrival=PaymentState.viewer_arrived,
            shown_for=PaymentState.shown_for,
            skeleton=_confirming(),
            text=i18n.PAYMENT_SIGN_IN_TEXT,
            is_page=True,
            needs_script=i18n.SCRIPT_PAYMENT,
        ),
        width="text",
    )


def _announcement() -> rx.Component:
    """Return the heading in a live region, because it changes without a click.

    The region always exists, because only changes inside of it are announced. It is empty until the
    person is known.
    """
    is_shown = (PaymentState.shown_for != "") & (PaymentState.shown_for == SessionState.viewer)
    return kit.announcement(rx.cond(is_shown, _title(), ""), data_testid="announcement")


def _title() -> rx.Var[str]:
    """Return the heading of the current view state."""
    return rx.match(
        PaymentState.view_state,
        ("confirmed", i18n.CONFIRMED_TITLE),
        ("on_its_way", i18n.ON_ITS_WAY_TITLE),
        ("later", i18n.LATER_TITLE),
        ("given_back", i18n.GIVEN_BACK_TITLE),
        ("sent_back", i18n.SENT_BACK_TITLE),
        ("not_booked", _not_booked_title()),
        ("missing", i18n.PAYMENT_MISSING_TITLE),
        ("error", i18n.PAYMENT_ERROR_TITLE),
        i18n.CONFIRMING_TITLE,
    )


def _not_booked_title() -> rx.Var[str]:
    """Return the status text if it says why there is no booking, as on the dashboard."""
    row = PaymentState.booking
    return rx.cond(row.status == "failed", row.status_words, i18n.NOT_BOOKED_TITLE)


def _page_title() -> rx.Var[str]:
    """Return the title of the page: that of its view state, or the one of the sign-in state."""
    is_nobody = SessionState.is_known & ~SessionState.is_signed_in
    return rx.cond(is_nobody, i18n.SIGN_IN_NEEDED_TITLE, _title())


def _mail_words() -> rx.Var[str]:
    return rx.cond(
        PaymentState.mail_words != "", PaymentState.mail_words, i18n.CONFIRMED_TEXT_PLAIN
    )


def _faces() -> rx.Component:
    return rx.match(
        PaymentState.view_state,
        ("confirmed", _confirmed()),
        ("on_its_way", _story("hourglass", i18n.ON_ITS_WAY_TITLE, i18n.ON_ITS_WAY_TEXT)),
        ("later", _story("hourglass", i18n.LATER_TITLE, i18n.LATER_TEXT)),
        ("given_back", _story("undo-2", i18n.GIVEN_BACK_TITLE, PaymentState.money_words)),
        ("sent_back", _story("undo-2", i18n.SENT_BACK_TITLE, PaymentState.money_words)),
        ("not_booked", _not_booked()),
        ("missing", _missing()),
        ("error", _story("cloud-off", i18n.PAYMENT_ERROR_TITLE, PaymentState.error)),
        _confirming(),
    )


def _confirming() -> rx.Component:
    return kit.stack(
        kit.status_icon("hourglass", "wait"),
        kit.page_title(i18n.CONFIRMING_TITLE),
        kit.lead(kit.text_over_time(i18n.CONFIRMING_TEXT, i18n.CONFIRMING_LONGER_TEXT, 10)),
        gap="lg",
        data_testid="confirming",
    )


def _confirmed() -> rx.Component:
    row = PaymentState.booking
    return kit.stack(
        kit.status_icon("check", "good"),
        kit.stack(kit.page_title(i18n.CONFIRMED_TITLE), kit.lead(_mail_words())),
        _facts(),
        linked_notice(PaymentState.notice),
        kit.inline(
            calendar_button(PaymentState.calendar_clicked(row.id)),
            rx.cond(
                row.way_href != "",
                kit.outside_link(row.way_text, href=row.way_href, data_testid="way"),
            ),
            rx.cond(row.way_note != "", kit.small(row.way_note)),
            rx.cond(
                row.receipt_url != "",
                kit.outside_link(i18n.RECEIPT, href=row.receipt_url, data_testid="receipt"),
            ),
            gap="lg",
        ),
        rx.cond(
            PaymentState.is_fresh | row.can_cancel,
            kit.stack(
                kit.small_title(i18n.NEXT_STEPS),
                rx.cond(PaymentState.is_fresh, kit.body(i18n.NEXT_MAIL, tone="soft")),
                rx.cond(row.can_cancel, kit.body(i18n.NEXT_CHANGE, tone="soft")),
                gap="xs",
            ),
        ),
        _ways_on(),
        gap="lg",
        data_testid="confirmed",
    )


def _facts() -> rx.Component:
    row = PaymentState.booking
    when = rx.fragment(
        kit.two_lines(row.day, row.hours),
        rx.cond(
            row.is_online,
            kit.viewer_time(row.starts, row.ends, row.zone, i18n.YOUR_TIME, keeps_room=False),
        ),
    )
    return kit.figures(
        (
            i18n.COURSE,
            kit.plain_link(row.title, href=row.href, lang=SessionState.courses_language),
        ),
        (i18n.FACT_WHEN, when),
        (i18n.FACT_WHERE, kit.two_lines(row.place, row.address)),
        (i18n.AMOUNT, row.amount),
    )


def _ways_on() -> rx.Component:
    return kit.inline(
        kit.link_button(i18n.TO_BOOKINGS, "/bookings"),
        kit.link_button(i18n.TO_COURSES, "/courses", look="secondary"),
        gap="md",
    )


def _not_booked() -> rx.Component:
    row = PaymentState.booking
    return kit.stack(
        kit.status_icon("ban", "info"),
        kit.stack(
            kit.page_title(_not_booked_title()),
            kit.lead(rx.cond(row.next != "", row.next, i18n.NOT_BOOKED_TEXT)),
        ),
        _facts(),
        linked_notice(PaymentState.notice),
        kit.inline(
            rx.cond(
                row.can_retry,
                pay_button(
                    PaymentState.retry_clicked,
                    PaymentState.is_busy,
                    booking_id=row.id,
                    shown=row,
                ),
            ),
            kit.text_link(i18n.BACK_TO_COURSE, href=row.href),
            kit.text_link(i18n.TO_BOOKINGS, href="/bookings"),
            gap="lg",
        ),
        history_of(row),
        gap="lg",
        data_testid="payment-story",
    )


def _story(sign: str, title: Text, text: Text) -> rx.Component:
    return kit.stack(
        kit.status_icon(sign, "info"),
        kit.stack(kit.page_title(title), kit.lead(text)),
        rx.cond(
            PaymentState.booking.id != "",
            kit.stack(_facts(), history_of(PaymentState.booking), gap="lg"),
        ),
        _ways_on(),
        gap="lg",
        data_testid="payment-story",
    )


def _missing() -> rx.Component:
    return kit.stack(
        kit.page_title(i18n.PAYMENT_MISSING_TITLE),
        kit.lead(i18n.PAYMENT_MISSING_TEXT),
        _ways_on(),
        gap="lg",
        data_testid="payment-missing",
    )


PAGE = Page(
    route="/payment/success",
    build=payment_success,
    title=_page_title(),
    state=PaymentState,
    is_public=False,
)
