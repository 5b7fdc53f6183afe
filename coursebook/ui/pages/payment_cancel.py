"""`/payment/cancel`: the page after leaving Stripe Checkout without having paid."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import (
    history_of,
    hold_of,
    linked_notice,
    pay_button,
)
from coursebook.ui.components.page_states import lines, loading, signed_in_only
from coursebook.ui.page import Page
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState


def payment_cancel() -> rx.Component:
    """Return the cancel page, or its sign-in state."""
    return layout.page(
        signed_in_only(
            kit.stack(kit.page_title(_title()), _faces(), gap="lg"),
            on_arrival=PaymentCancelState.viewer_arrived,
            shown_for=PaymentCancelState.shown_for,
            skeleton=_skeleton(),
            text=i18n.PAYMENT_SIGN_IN_TEXT,
            is_page=True,
            needs_script=i18n.SCRIPT_PAYMENT,
        ),
        width="text",
    )


def _title() -> rx.Var[str]:
    """Return the heading: "Payment cancelled" only if that is true."""
    of_content = rx.match(
        PaymentCancelState.standing,
        ("pending", i18n.PAYMENT_CANCELLED_TITLE),
        ("confirmed", i18n.CONFIRMED_TITLE),
        ("on_its_way", i18n.ON_ITS_WAY_TITLE),
        ("cancelled", i18n.BOOKING_CANCELLED_TITLE),
        ("not_in_time", i18n.NOT_PAID_IN_TIME_TITLE),
        ("failed", i18n.PAYMENT_FAILED_TITLE),
        i18n.PAYMENT_LEFT_TITLE,
    )
    return rx.match(
        PaymentCancelState.view_state,
        ("content", of_content),
        ("missing", i18n.PAYMENT_MISSING_TITLE),
        ("error", i18n.PAYMENT_ERROR_TITLE),
        i18n.PAYMENT_LOADING_TITLE,
    )


def _page_title() -> rx.Var[str]:
    """Return the title of the page; it names private data only to its owner."""
    is_theirs = (PaymentCancelState.shown_for != "") & (
        PaymentCancelState.shown_for == SessionState.viewer
    )
    nobody = rx.cond(
        SessionState.is_known & ~SessionState.is_signed_in,
        i18n.SIGN_IN_NEEDED_TITLE,
        i18n.PAYMENT_LOADING_TITLE,
    )
    return rx.cond(is_theirs, _title(), nobody)


def _skeleton() -> rx.Component:
    return kit.stack(kit.page_title(i18n.PAYMENT_LOADING_TITLE), loading(lines(3)), gap="lg")


def _faces() -> rx.Component:
    return rx.match(
        PaymentCancelState.view_state,
        ("content", _content()),
        ("missing", _missing()),
        (
            "error",
            kit.stack(
                kit.lead(PaymentCancelState.error),
                rx.el.div(kit.button(i18n.TRY_AGAIN, on_click=PaymentCancelState.again_clicked)),
                gap="lg",
                role="alert",
            ),
        ),
        loading(lines(3)),
    )


def _content() -> rx.Component:
    row = PaymentCancelState.booking
    return kit.stack(
        kit.live_region(kit.lead(PaymentCancelState.story), data_testid="story"),
        hold_of(row, PaymentCancelState.hold_ended),
        kit.figures(
            (i18n.COURSE, rx.el.bdi(row.title, lang=SessionState.courses_language)),
            (i18n.FACT_WHEN, kit.two_lines(row.day, row.hours)),
            (i18n.AMOUNT, row.amount),
        ),
        linked_notice(PaymentCancelState.notice),
        kit.inline(
            rx.cond(
                row.can_retry,
                pay_button(
                    PaymentCancelState.retry_clicked,
                    PaymentCancelState.is_busy,
                    booking_id=row.id,
                    shown=row,
                ),
                kit.link_button(i18n.TO_BOOKINGS, "/bookings"),
            ),
            kit.text_link(i18n.BACK_TO_COURSE, href=row.href),
            gap="lg",
        ),
        history_of(row),
        gap="lg",
        data_testid="payment-cancelled",
    )


def _missing() -> rx.Component:
    return kit.stack(
        kit.lead(i18n.PAYMENT_MISSING_TEXT),
        kit.inline(
            kit.link_button(i18n.TO_BOOKINGS, "/bookings"),
            kit.link_button(i18n.TO_COURSES, "/courses", look="secondary"),
            gap="md",
        ),
        gap="lg",
        data_testid="payment-missing",
    )


PAGE = Page(
    route="/payment/cancel",
    build=payment_cancel,
    title=_page_title(),
    state=PaymentCancelState,
    is_public=False,
)
