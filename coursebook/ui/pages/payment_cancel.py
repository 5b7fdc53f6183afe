"""`/payment/cancel`: back from the payment page without having paid."""

import reflex as rx

from coursebook.ui import kit, layout, words
from coursebook.ui.components.booking_parts import (
    history_of,
    hold_of,
    linked_notice,
    pay_button,
)
from coursebook.ui.components.faces import error_face, lines, loading, signed_in_only
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState


def payment_cancel() -> rx.Component:
    """Return the page after leaving the payment page, or the way to sign in."""
    query = rx.State.router.url.query
    return layout.page(
        kit.stack(
            kit.page_title(words.PAYMENT_CANCELLED_TITLE),
            signed_in_only(
                _faces(),
                on_arrival=PaymentCancelState.viewer_arrived,
                shown_for=PaymentCancelState.shown_for,
                skeleton=loading(lines(3)),
                text=words.PAYMENT_SIGN_IN_TEXT,
                next_path=rx.Var.create("/payment/cancel?") + query.to(str),
            ),
            gap="lg",
        ),
        width="text",
    )


def _faces() -> rx.Component:
    return rx.match(
        PaymentCancelState.face,
        ("content", _content()),
        ("missing", _missing()),
        (
            "error",
            error_face(
                words.PAYMENT_ERROR_TITLE,
                PaymentCancelState.error,
                PaymentCancelState.again_clicked,
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
            (words.COURSE, rx.el.span(row.title, lang=SessionState.courses_language)),
            (words.FACT_WHEN, kit.two_lines(row.day, row.hours)),
            (words.AMOUNT, row.amount),
        ),
        linked_notice(PaymentCancelState.notice),
        kit.cluster(
            rx.cond(
                row.can_retry,
                pay_button(PaymentCancelState.retry_clicked, PaymentCancelState.is_busy),
                kit.link_button(words.TO_BOOKINGS, "/bookings"),
            ),
            kit.text_link(words.BACK_TO_COURSE, href=row.href),
            gap="lg",
        ),
        history_of(row),
        gap="lg",
        data_testid="payment-cancelled",
    )


def _missing() -> rx.Component:
    return kit.stack(
        kit.lead(words.PAYMENT_MISSING_TEXT),
        kit.cluster(
            kit.link_button(words.TO_BOOKINGS, "/bookings"),
            kit.link_button(words.TO_COURSES, "/courses", look="secondary"),
            gap="md",
        ),
        gap="lg",
        data_testid="payment-missing",
    )


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        payment_cancel,
        route="/payment/cancel",
        title=f"{words.PAYMENT_CANCELLED_TITLE} · {words.BRAND}",
        description=words.CATALOG_DESCRIPTION,
        image=layout.IMAGE,
        on_load=PaymentCancelState.page_opened,
    )
