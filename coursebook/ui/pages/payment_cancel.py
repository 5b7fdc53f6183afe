"""`/payment/cancel`: back from the payment page without having paid."""

import reflex as rx

from coursebook.ui import kit, layout, words
from coursebook.ui.components.booking_parts import (
    history_of,
    hold_of,
    linked_notice,
    pay_button,
)
from coursebook.ui.components.faces import lines, loading, signed_in_only
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState


def payment_cancel() -> rx.Component:
    """Return the page after leaving the payment page, or the way to sign in."""
    return layout.page(
        signed_in_only(
            kit.stack(kit.page_title(_title()), _faces(), gap="lg"),
            on_arrival=PaymentCancelState.viewer_arrived,
            shown_for=PaymentCancelState.shown_for,
            skeleton=_skeleton(),
            text=words.PAYMENT_SIGN_IN_TEXT,
            is_page=True,
            needs_script=words.SCRIPT_PAYMENT,
        ),
        width="text",
    )


def _title() -> rx.Var[str]:
    """Return the heading of what is shown: «Payment cancelled» only where that is true."""
    of_content = rx.match(
        PaymentCancelState.standing,
        ("pending", words.PAYMENT_CANCELLED_TITLE),
        ("confirmed", words.CONFIRMED_TITLE),
        ("on_its_way", words.ON_ITS_WAY_TITLE),
        ("cancelled", words.BOOKING_CANCELLED_TITLE),
        ("not_in_time", words.NOT_PAID_IN_TIME_TITLE),
        ("failed", words.PAYMENT_FAILED_TITLE),
        words.PAYMENT_LEFT_TITLE,
    )
    return rx.match(
        PaymentCancelState.face,
        ("content", of_content),
        ("missing", words.PAYMENT_MISSING_TITLE),
        ("error", words.PAYMENT_ERROR_TITLE),
        words.PAYMENT_LOADING_TITLE,
    )


def _page_title() -> rx.Var[str]:
    """Return the title of the page; what belongs to a person is named only to them."""
    is_theirs = (PaymentCancelState.shown_for != "") & (
        PaymentCancelState.shown_for == SessionState.viewer
    )
    nobody = rx.cond(
        SessionState.is_known & ~SessionState.is_signed_in,
        words.SIGN_IN_NEEDED_TITLE,
        words.PAYMENT_LOADING_TITLE,
    )
    return rx.cond(is_theirs, _title(), nobody)


def _skeleton() -> rx.Component:
    return kit.stack(kit.page_title(words.PAYMENT_LOADING_TITLE), loading(lines(3)), gap="lg")


def _faces() -> rx.Component:
    return rx.match(
        PaymentCancelState.face,
        ("content", _content()),
        ("missing", _missing()),
        (
            "error",
            kit.stack(
                kit.lead(PaymentCancelState.error),
                rx.el.div(kit.button(words.TRY_AGAIN, on_click=PaymentCancelState.again_clicked)),
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
            (words.COURSE, rx.el.bdi(row.title, lang=SessionState.courses_language)),
            (words.FACT_WHEN, kit.two_lines(row.day, row.hours)),
            (words.AMOUNT, row.amount),
        ),
        linked_notice(PaymentCancelState.notice),
        kit.cluster(
            rx.cond(
                row.can_retry,
                pay_button(
                    PaymentCancelState.retry_clicked,
                    PaymentCancelState.is_busy,
                    booking_id=row.id,
                    shown=row,
                ),
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
        title=f"{_page_title()} · {words.BRAND}",
        description=words.CATALOG_DESCRIPTION,
        image=layout.IMAGE,
        on_load=PaymentCancelState.page_opened,
    )
