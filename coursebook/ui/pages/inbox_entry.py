"""`/manage/inbox/{id}`: one entry of the money inbox with its action, for operators."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.page_states import lines
from coursebook.ui.page import Page
from coursebook.ui.states.inbox_entry import PATH, InboxEntryState
from coursebook.ui.states.session import SessionState


def inbox_entry() -> rx.Component:
    """Return the page of an entry, or its sign-in state."""
    return layout.manage_page("", InboxEntryState, kit.reading_width(_content()), skeleton=lines(4))


def _content() -> rx.Component:
    row = InboxEntryState.entry
    return kit.stack(
        kit.stack(
            kit.eyebrow(i18n.manage.INBOX_TITLE), kit.page_head(row.cause), kit.lead(row.money)
        ),
        rx.cond(row.state != "", kit.notice(row.state, "info", data_testid="state")),
        kit.figures(
            (i18n.manage.INBOX_AMOUNT, _or_dash(row.amount)),
            (i18n.manage.INBOX_STUDENT, _or_dash(row.student)),
            (i18n.COURSE, rx.el.span(_or_dash(row.course), lang=SessionState.courses_language)),
            (i18n.manage.INBOX_WHEN, row.since),
        ),
        kit.stack(
            kit.section_title(i18n.manage.INBOX_DETAIL),
            kit.body(row.detail, lang="en", data_testid="detail"),
        ),
        linked_notice(InboxEntryState.notice),
        rx.cond(row.act != "", _action()),
        gap="lg",
        data_testid="inbox-entry",
    )


def _or_dash(value: rx.Var[str]) -> rx.Var:
    return rx.cond(value != "", value, "\N{EN DASH}")


def _action() -> rx.Component:
    row = InboxEntryState.entry
    return kit.stack(
        kit.section_title(i18n.manage.INBOX_ACT_TITLE),
        kit.body(row.act_means),
        rx.el.div(
            token_button(
                rx.cond(InboxEntryState.is_busy, i18n.manage.INBOX_BUSY, row.act),
                on_press=lambda token: InboxEntryState.act_clicked(
                    row.id, row.action, row.expect_amount, row.expect_currency, token
                ),
                disabled=InboxEntryState.is_busy,
                class_name=kit.button_class("primary"),
                data_testid="act",
            )
        ),
    )


PAGE = Page(
    route=f"{PATH}[entry_key]",
    build=inbox_entry,
    title=manage_title(InboxEntryState, i18n.manage.INBOX_TITLE),
    state=InboxEntryState,
    is_public=False,
)
