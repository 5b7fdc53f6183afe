"""`/manage/courses/{id}/waiting`: who waits for a place, and whose place is kept."""

import reflex as rx

from coursebook.identity.shell import token_button, token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import notice_with_link
from coursebook.ui.components.course_tabs import COURSES, course_tabs
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.managed_waiting_list import WaitingRow
from coursebook.ui.states.manage.waiting_list import LIST, NOTICE, REASON, WaitingListState

MESSAGES = "/manage/messages"
ROUTE = f"{COURSES}/[course_key]/waiting"
MAX_REASON_LENGTH = 60


def waiting_list() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, WaitingListState
    head = state.head
    return layout.manage_page(
        "courses",
        state,
        kit.stack(
            kit.page_head(
                words.WAITING_TITLE,
                _message_button(),
                crumb=words.COURSES_TITLE,
                crumb_href=COURSES,
                above=head.title,
                below=head.when,
            ),
            course_tabs("waiting", state.course_id, state.tabs),
            rx.cond(
                state.notice.text != "",
                kit.focus_target(notice_with_link(state.notice, data_testid="notice"), id=NOTICE),
            ),
            rx.cond(head.closed != "", kit.notice(head.closed, "info")),
            kit.day_split(
                rx.fragment(
                    rx.cond(state.offered.length() > 0, _offers()),
                    rx.cond(state.chosen.id != "", _front()),
                    kit.focus_target(
                        rx.cond(
                            state.rows.length() > 0,
                            _table(),
                            kit.empty_state(
                                "users",
                                words.WAITING_NOBODY,
                                words.WAITING_NOBODY_TEXT,
                                data_testid="nobody",
                            ),
                        ),
                        kit.focus_on(state.focus_target, state.focus_stamp),
                        id=LIST,
                    ),
                ),
                _rules(),
            ),
            gap="lg",
        ),
    )


def _message_button() -> rx.Component:
    """Return the way to write to everybody who waits."""
    state = WaitingListState
    text = kit.with_sign("mail", i18n.manage.PEOPLE_MESSAGE)
    href = f"{MESSAGES}/new?course=" + state.course_id + "&who=waiting"
    can_write = state.may_write & (state.rows.length() > 0)
    return rx.cond(can_write, kit.link_button(text, href, look="secondary"))


def _offers() -> rx.Component:
    words = i18n.manage
    return kit.stack(
        kit.section_title(words.WAITING_OFFERS),
        kit.offer_list(
            words.WAITING_OFFERS, rx.foreach(WaitingListState.offered, _offer), data_testid="offers"
        ),
    )


def _offer(row: rx.Var[WaitingRow]) -> rx.Component:
    end = _remove(row, i18n.manage.WAITING_END_OFFER, kit.button_class("secondary"))
    return kit.offer_row(
        kit.ring_clock(row.seconds, row.whole, row.stamp),
        kit.text_link(row.name, href=row.href),
        row.until,
        rx.cond(WaitingListState.may_change, end),
        key=row.id,
    )


def _table() -> rx.Component:
    words = i18n.manage
    column = words.WAITING_COLUMN
    return kit.stack(
        kit.live_region(kit.small(WaitingListState.head.count)),
        kit.table(
            words.WAITING_TITLE,
            [
                kit.table_column(column["number"], width="tick", is_hidden=True),
                kit.table_column(column["name"], width="contact"),
                kit.table_column(column["since"], width="day"),
                kit.table_column(column["note"], shown_from="wide"),
                kit.table_column(column["act"], is_hidden=True, is_end=True, width="word"),
                kit.table_column(column["more"], is_hidden=True, width="menu"),
            ],
            rx.foreach(WaitingListState.rows, _row),
            data_testid="waiting",
        ),
    )


def _row(row: rx.Var[WaitingRow]) -> rx.Component:
    may_change = WaitingListState.may_change
    return kit.table_row(
        kit.cell(kit.strong(row.number)),
        kit.name_cell(row.name, below=row.email),
        kit.cell(
            row.since,
            kit.on_cards_only(kit.small(i18n.manage.WAITING_COLUMN["number"], " ", row.number)),
            kit.on_cards_only(kit.small(row.note)),
            card="start",
        ),
        kit.cell(row.note, shown_from="wide"),
        kit.cell(rx.cond(may_change, _offer_place(row)), card="end", is_end=True),
        kit.cell(rx.cond(may_change, _menu(row)), card="menu", is_end=True),
        key=row.id,
    )


def _offer_place(row: rx.Var[WaitingRow]) -> rx.Component:
    return rx.cond(
        WaitingListState.head.closed == "",
        token_button(
            i18n.manage.WAITING_OFFER,
            kit.visually_hidden(", ", row.name),
            on_press=WaitingListState.offer_clicked(row.id),
            class_name=rx.cond(row.number == "1", *_offer_classes()),
        ),
    )


def _offer_classes() -> list[str]:
    """Return the looks of the button for number 1, and for everybody after."""
    return [f"{kit.button_class(look)} whitespace-nowrap" for look in ("secondary", "quiet")]


def _menu(row: rx.Var[WaitingRow]) -> rx.Component:
    words, state = i18n.manage, WaitingListState
    front = kit.menu_item(
        rx.el.button(
            kit.with_sign("arrow-up", words.WAITING_FRONT),
            type="button",
            on_click=state.front_clicked(row.id),
            class_name=kit.menu_class(),
        )
    )
    can_rise = (row.number != "1") & (state.chosen.id == "")
    remove = kit.menu_item(_remove(row, words.WAITING_REMOVE, kit.menu_class()))
    return kit.row_menu(row.menu_label, row.menu_id, rx.cond(can_rise, front), remove)


def _remove(row: rx.Var[WaitingRow], text: rx.Var[str], look: str) -> rx.Component:
    return token_button(
        text,
        kit.visually_hidden(", ", row.name),
        on_press=WaitingListState.remove_clicked(row.id),
        class_name=look,
    )


def _front() -> rx.Component:
    words, state = i18n.manage, WaitingListState
    form = kit.form_part(
        rx.fragment(words.WAITING_FRONT, ": ", state.chosen.name),
        kit.text_field(
            words.WAITING_REASON,
            REASON,
            name=REASON,
            auto_complete="off",
            max_length=MAX_REASON_LENGTH,
            hint=words.WAITING_REASON_HINT,
            error=state.problem,
        ),
        kit.inline(
            kit.button(words.WAITING_FRONT, type="submit"),
            kit.button(
                words.WAITING_KEEP, look="quiet", on_click=state.front_clicked(state.chosen.id)
            ),
        ),
    )
    return kit.narrow(token_form(form, on_send=state.front_sent, key=state.chosen.id))


def _rules() -> rx.Component:
    """Return how places are passed on, and what more places would bring."""
    words, state = i18n.manage, WaitingListState
    turn, more, edit = state.head.turn, state.head.more, f"{COURSES}/" + state.course_id + "/edit"
    return rx.fragment(
        kit.stack(
            kit.section_title(words.WAITING_RULES_TITLE),
            rx.cond(turn != "", kit.body(turn)),
            kit.numbered(state.head.rules, lambda rule: kit.body(rule, tone="soft")),
            gap="sm",
        ),
        rx.cond(
            more != "",
            kit.stack(
                kit.body(more),
                rx.cond(state.may_edit, kit.text_link(words.WAITING_ADD_PLACES, href=edit)),
                gap="sm",
                data_testid="more-places",
            ),
        ),
    )


PAGE = Page(
    route=ROUTE,
    build=waiting_list,
    title=manage_title(WaitingListState, i18n.manage.WAITING_TITLE),
    state=WaitingListState,
    is_public=False,
)
