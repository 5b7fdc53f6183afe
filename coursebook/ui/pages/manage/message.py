"""`/manage/messages/{id}`: one message, and what became of it for each person."""

import reflex as rx

from coursebook.domain.messaging.message_state import RecipientState
from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.kit.forms import written
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.presenters.manage.messages import RecipientRow
from coursebook.ui.states.manage.messages import MessageState

STOP_TITLE = "stop-title"


def message() -> rx.Component:
    """Return the page."""
    words, shown = i18n.manage, MessageState.message
    edit = kit.link_button(words.MESSAGE_EDIT, shown.edit_href, look="secondary")
    stop = kit.button(
        words.MESSAGE_STOP, look="danger", on_click=MessageState.stop_asked, data_testid="stop"
    )
    return layout.manage_page(
        "messages",
        MessageState,
        kit.stack(
            kit.page_head(
                shown.row.subject,
                rx.cond(shown.edit_href != "", edit),
                rx.cond(shown.may_stop, stop),
                crumb=words.MESSAGES_TITLE,
                crumb_href=PATHS["messages"],
                above=shown.row.course,
                below=shown.when,
            ),
            linked_notice(MessageState.notice),
            _standing(),
            rx.cond(shown.has_begun, _log(), kit.body(words.MESSAGE_LOG_LATER, tone="soft")),
            _text(),
            _stop_dialog(),
            gap="lg",
        ),
    )


def _standing() -> rx.Component:
    words, shown = i18n.manage, MessageState.message
    bar = kit.progress(
        shown.count,
        shown.count_words,
        shown.done_part,
        shown.done_part,
        shown.failed_part,
        data_testid="progress",
    )
    return kit.reading_width(
        kit.inline(
            kit.state_word(shown.row.state, shown.row.tone),
            kit.quiet(shown.row.audience),
            kit.text_link(words.MESSAGE_ITS_COURSE, href=shown.course_href),
            gap="md",
        ),
        rx.cond(shown.has_begun, bar),
        kit.live_region(kit.small(shown.rest, data_testid="rest")),
        rx.cond(shown.later != "", kit.small(shown.later)),
    )


def _log() -> rx.Component:
    words, state = i18n.manage, MessageState
    column = words.MESSAGE_COLUMN
    lists = {"": words.PEOPLE_ALL}
    lists |= {one.value: words.MESSAGE_LOG_LIST[one.value] for one in RecipientState}
    choices = [
        kit.tab_button(text, is_current=state.listed == name, on_click=state.list_chosen(name))
        for name, text in lists.items()
    ]
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=state.more_clicked, data_testid="more"
    )
    table = kit.table(
        words.MESSAGE_LOG,
        [
            kit.table_column(column["person"]),
            kit.table_column(column["result"]),
        ],
        rx.foreach(state.people, _person),
        data_testid="recipients",
    )
    return kit.stack(
        kit.section_title(words.MESSAGE_LOG),
        kit.tabs(words.MESSAGE_LOG, *choices),
        rx.cond(state.people.length() > 0, table, kit.body(words.MESSAGE_LOG_EMPTY, tone="soft")),
        rx.cond(state.has_more, more),
    )


def _person(person: rx.Var[RecipientRow]) -> rx.Component:
    linked = kit.title_cell(person.name, person.href, below=person.email)
    return kit.table_row(
        rx.cond(person.href != "", linked, kit.name_cell(person.name, below=person.email)),
        kit.cell(
            kit.state_word(person.state, person.tone), kit.second_line(person.reason), card="end"
        ),
        key=person.id,
    )


def _text() -> rx.Component:
    shown = MessageState.message
    card = written.mail_card(shown.row.audience, shown.row.subject, kit.prose(shown.blocks))
    return kit.stack(kit.section_title(i18n.manage.MESSAGE_TEXT), kit.reading_width(card))


def _stop_dialog() -> rx.Component:
    words, state = i18n.manage, MessageState
    return kit.dialog(
        kit.section_title(words.MESSAGE_STOP_ASK, id=STOP_TITLE),
        kit.body(words.MESSAGE_STOP_TEXT),
        layout.connection_in_dialog(),
        kit.inline(
            kit.button(
                words.MESSAGE_STOP_KEEP, look="secondary", custom_attrs={"data-closes": "true"}
            ),
            token_button(
                words.MESSAGE_STOP,
                on_press=state.stop_clicked,
                class_name=kit.button_class("danger"),
                data_testid="stop-now",
            ),
            gap="md",
        ),
        is_open=state.is_stopping,
        stamp=state.stamp,
        on_closed=state.stop_closed,
        title_id=STOP_TITLE,
    )


PAGE = Page(
    route=f"{PATHS['messages']}/[message_key]",
    build=message,
    title=manage_title(MessageState, i18n.manage.MESSAGES_TITLE),
    state=MessageState,
    is_public=False,
)
