"""What the list of bookings and the page of one share: cancel dialog, notice, whose rows show."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit
from coursebook.ui.states.dashboard import PAGE_OF_ONE, DashboardState
from coursebook.ui.states.session import SessionState


def shown_here(*, is_one: bool) -> rx.Var[str]:
    """Return whose rows are shown, "" while they are those of another page's address.

    `is_one`: on the page of one booking. The browser draws it before the server knows that the
    person is there: until then the rows and the address are both still those of the list.
    """
    path = DashboardState.shown_path
    is_current = path == rx.State.router.url.path.to(str)
    is_of_one = path.startswith(PAGE_OF_ONE)
    return rx.cond(is_current & (is_of_one if is_one else ~is_of_one), DashboardState.shown_for, "")


def dashboard_notice() -> rx.Component:
    """Return the result of an action on a booking that is not shown."""
    notice = DashboardState.notice
    return kit.live_region(
        rx.cond(notice.text != "", kit.notice(notice.text, notice.tone, data_testid="notice")),
        id="dashboard-notice",
        tab_index=-1,
    )


def cancel_dialog(connection: rx.Component) -> rx.Component:
    """Return the dialog that asks before a booking is cancelled.

    `connection` are the messages about the connection: the page behind the dialog is inert.
    """
    question = DashboardState.cancel_question
    return kit.dialog(
        kit.section_title(i18n.CANCEL_TITLE, id="cancel-title"),
        kit.body(question.title, lang=SessionState.courses_language, dir="auto"),
        rx.cond(
            question.changed != "", kit.notice(question.changed, "info", data_testid="changed")
        ),
        kit.body(question.money, data_testid="cancel-money"),
        rx.cond(question.promise.length() > 0, kit.bullets(question.promise)),
        connection,
        kit.inline(
            kit.button(i18n.CANCEL_KEEP, look="secondary", custom_attrs={"data-closes": "true"}),
            token_button(
                i18n.CANCEL_CONFIRM,
                on_press=lambda token: DashboardState.cancel_confirmed(question.id, token),
                class_name=kit.button_class("danger"),
                data_testid="confirm-cancel",
            ),
            gap="md",
        ),
        is_open=question.id != "",
        stamp=question.stamp,
        on_closed=DashboardState.cancel_dismissed,
        title_id="cancel-title",
        data_testid="cancel-dialog",
    )
