"""`/manage/messages`: the messages to the people of courses."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.course_tabs import course_tabs
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.presenters.manage.messages import READY, MessageRow
from coursebook.ui.states.manage.messages import MessageListState
from coursebook.ui.states.session import SessionState

NEW = "/manage/messages/new"
SIGNS = {"bring": "shopping-bag", "thanks": "heart"}


def message_list() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, MessageListState
    new = kit.link_button(kit.with_sign("plus", words.MESSAGE_NEW), _new_href())
    is_narrowed = state.course_id != ""
    return layout.manage_page(
        "messages",
        state,
        kit.stack(
            kit.page_head(
                words.MESSAGES_TITLE,
                new,
                crumb=rx.cond(is_narrowed, words.MESSAGES_ALL, ""),
                crumb_href=PATHS["messages"],
                above=state.course_title,
            ),
            rx.cond(is_narrowed, course_tabs("messages", state.course_id, state.tabs)),
            linked_notice(state.notice),
            rx.cond(state.rows.length() > 0, _table(), _empty()),
            gap="lg",
        ),
    )


def _new_href() -> rx.Var[str]:
    course_id = MessageListState.course_id
    return rx.cond(course_id != "", f"{NEW}?course={course_id}", NEW)


def _table() -> rx.Component:
    words, state = i18n.manage, MessageListState
    column = words.MESSAGE_COLUMN
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=state.more_clicked, data_testid="more"
    )
    return kit.stack(
        kit.table(
            words.MESSAGES_CAPTION,
            [
                kit.table_column(column["subject"]),
                kit.table_column(column["course"]),
                kit.table_column(column["when"], width="when", shown_from="wide"),
                kit.table_column(column["state"], width="word"),
                kit.table_column(column["reached"], width="word", shown_from="wide"),
            ],
            rx.foreach(state.rows, _row),
            data_testid="messages",
        ),
        rx.cond(state.has_more, more),
    )


def _row(row: rx.Var[MessageRow]) -> rx.Component:
    course = rx.el.span(row.course, lang=SessionState.courses_language, dir="auto")
    return kit.table_row(
        kit.title_cell(row.subject, row.href, below=row.audience),
        kit.cell(
            course,
            kit.on_cards_only(kit.second_line(row.moment), kit.second_line(row.counts)),
            card="start",
        ),
        kit.cell(kit.quiet(row.moment), shown_from="wide"),
        kit.cell(kit.state_word(row.state, row.tone), card="end"),
        kit.cell(kit.quiet(row.counts), shown_from="wide"),
        key=row.id,
    )


def _empty() -> rx.Component:
    words = i18n.manage
    return kit.stack(
        kit.section_title(words.MESSAGES_EMPTY),
        kit.body(words.MESSAGES_EMPTY_TEXT, tone="soft"),
        kit.ways(*[_ready(name) for name in READY]),
        data_testid="no-messages",
    )


def _ready(name: str) -> rx.Component:
    words, course_id = i18n.manage, MessageListState.course_id
    href = rx.cond(course_id != "", f"{NEW}?course={course_id}&text={name}", f"{NEW}?text={name}")
    return kit.way_row(
        SIGNS[name],
        words.MESSAGE_READY_TITLE[name],
        words.MESSAGE_READY_DOES[name],
        action=kit.link_button(words.MESSAGE_READY_USE, href, look="secondary"),
    )


PAGE = Page(
    route=PATHS["messages"],
    build=message_list,
    title=manage_title(MessageListState, i18n.manage.MESSAGES_TITLE),
    state=MessageListState,
    is_public=False,
)
