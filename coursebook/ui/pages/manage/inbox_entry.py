"""`/manage/inbox/{id}`: one entry of the money inbox, which the mail about it links to."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.inbox_actions import (
    booking_of_entry,
    close_by_hand,
    dispute_of_entry,
    inbox_button,
)
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.page_states import lines
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.states.manage.inbox_entry import PATH, InboxEntryState
from coursebook.ui.states.session import SessionState


def inbox_entry() -> rx.Component:
    """Return the page of an entry, or its sign-in state."""
    content = kit.reading_width(_content())
    return layout.manage_page("money", InboxEntryState, content, skeleton=lines(4))


def _content() -> rx.Component:
    row = InboxEntryState.entry
    return kit.stack(
        kit.page_head(row.cause, crumb=i18n.manage.MONEY_TITLE, crumb_href=PATHS["money"]),
        kit.body(row.money),
        rx.cond(row.state != "", kit.notice(row.state, "info", data_testid="state")),
        kit.figures(
            (i18n.manage.INBOX_AMOUNT, _or_dash(row.amount)),
            (i18n.manage.INBOX_STUDENT, _or_dash(row.student)),
            (i18n.COURSE, rx.el.span(_or_dash(row.course), lang=SessionState.courses_language)),
            (i18n.manage.INBOX_BOOKING, booking_of_entry(row)),
            (i18n.manage.INBOX_WHEN, row.since),
        ),
        dispute_of_entry(row),
        kit.stack(
            kit.section_title(i18n.manage.INBOX_DETAIL),
            kit.body(row.detail, lang=row.detail_language, data_testid="detail"),
        ),
        linked_notice(InboxEntryState.notice),
        rx.cond((row.act != "") & InboxEntryState.may_act, _action()),
        rx.cond(row.action != "", close_by_hand(InboxEntryState, row)),
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
        rx.el.div(inbox_button(InboxEntryState, row, look="primary")),
    )


PAGE = Page(
    route=f"{PATH}[entry_key]",
    build=inbox_entry,
    title=manage_title(InboxEntryState, i18n.manage.INBOX_TITLE),
    state=InboxEntryState,
    is_public=False,
)
