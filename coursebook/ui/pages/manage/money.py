"""`/manage/money`: what needs a decision about money."""

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
from coursebook.ui.components.manage_money import money_tabs
from coursebook.ui.page import Page
from coursebook.ui.presenters.rows import InboxRow
from coursebook.ui.states.manage.money import PATH, MoneyState
from coursebook.ui.states.session import SessionState

NOTICE = "inbox-notice"


def money() -> rx.Component:
    """Return the page."""
    words = i18n.manage
    has_rows = (MoneyState.misplaced.length() > 0) | (MoneyState.by_hand.length() > 0)
    return layout.manage_page(
        "money",
        MoneyState,
        kit.stack(
            kit.page_head(words.MONEY_TITLE),
            money_tabs("inbox", MoneyState.inbox_count),
            kit.focus_target(
                linked_notice(MoneyState.notice),
                kit.focus_on(rx.Var.create(NOTICE), MoneyState.notice_stamp),
                id=NOTICE,
            ),
            rx.cond(has_rows, _lists(), _nothing()),
            gap="lg",
        ),
    )


def _lists() -> rx.Component:
    words = i18n.manage
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=MoneyState.more_clicked, data_testid="more"
    )
    return kit.stack(
        *[
            rx.cond(rows.length() > 0, kit.todo_list(title, rx.foreach(rows, _row)))
            for title, rows in (
                (words.INBOX_MISPLACED, MoneyState.misplaced),
                (words.INBOX_BY_HAND, MoneyState.by_hand),
            )
        ],
        rx.cond(MoneyState.has_more, rx.el.div(more)),
        gap="xl",
    )


def _row(row: rx.Var[InboxRow]) -> rx.Component:
    words = i18n.manage
    who = rx.fragment(
        row.student, ", ", rx.el.span(row.course, lang=SessionState.courses_language, dir="auto")
    )
    return kit.todo_row(
        row.heading,
        rx.cond(row.student != "", kit.body(who, tone="soft")),
        kit.body(row.detail, tone="soft", lang=row.detail_language, data_testid="detail"),
        rx.cond(row.state != "", kit.small(row.state)),
        sign=row.sign,
        tone=row.tone,
        amount=row.amount,
        age=row.age,
        action=inbox_button(MoneyState, row, look="secondary"),
        more=kit.disclosure(
            words.INBOX_MORE,
            kit.stack(
                kit.body(row.cause, " ", row.money),
                rx.cond((row.act != "") & MoneyState.may_act, kit.body(row.act_means, tone="soft")),
                kit.figures(
                    (words.INBOX_BOOKING, booking_of_entry(row)),
                    (words.INBOX_WHEN, row.since),
                ),
                dispute_of_entry(row),
                close_by_hand(MoneyState, row),
                kit.text_link(words.INBOX_OPEN, href="/manage/inbox/" + row.id.to(str)),
            ),
        ),
        key=row.id,
        data_testid="inbox-row",
    )


def _nothing() -> rx.Component:
    words = i18n.manage
    return kit.empty_state(
        "circle-check", words.INBOX_NOTHING, words.INBOX_NOTHING_TEXT, data_testid="inbox-empty"
    )


PAGE = Page(
    route=PATH,
    build=money,
    title=manage_title(MoneyState, i18n.manage.MONEY_TITLE),
    state=MoneyState,
    is_public=False,
)
