"""`/manage/money/expected`: money that is still to come by hand."""

import reflex as rx

from coursebook.domain.booking_edits.manual_booking import MAX_REFERENCE_LENGTH
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.manage_money import money_tabs
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.expected_money import ExpectedRow
from coursebook.ui.states.manage.expected_money import PATH, RECORD, VOID, ExpectedState
from coursebook.ui.states.session import SessionState

TITLE = "expected-title"


def expected() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, ExpectedState
    return layout.manage_page(
        "money",
        state,
        kit.stack(
            kit.page_head(words.MONEY_TITLE),
            money_tabs("expected", state.inbox_count),
            linked_notice(state.notice),
            rx.cond(state.rows.length() > 0, _list(), _nothing()),
            _dialog(),
            gap="lg",
        ),
    )


def _list() -> rx.Component:
    words, state = i18n.manage, ExpectedState
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=state.more_clicked, data_testid="more"
    )
    return kit.stack(
        kit.todo_list(words.EXPECTED_LIST, rx.foreach(state.rows, _row), data_testid="expected"),
        rx.cond(state.has_more, rx.el.div(more)),
        gap="xl",
    )


def _row(row: rx.Var[ExpectedRow]) -> rx.Component:
    words, state = i18n.manage, ExpectedState
    course = rx.el.span(row.course, lang=SessionState.courses_language, dir="auto")
    record = kit.button(
        words.EXPECTED_RECORD,
        kit.visually_hidden(", ", row.name),
        look="secondary",
        on_click=state.record_clicked(row.id),
        data_testid="record",
    )
    void = kit.button(
        words.EXPECTED_VOID,
        kit.visually_hidden(", ", row.name),
        look="quiet",
        on_click=state.void_clicked(row.id),
        data_testid="void",
    )
    return kit.todo_row(
        row.name,
        kit.body(rx.fragment(course, ", ", row.number), tone="soft"),
        kit.small(row.method_name, ", ", row.place),
        href=row.href,
        sign=rx.Var.create("banknote"),
        tone=rx.cond(row.is_overdue, "warn", "accent"),
        amount=row.amount,
        age=row.due,
        action=rx.cond(state.may_act, rx.fragment(record, void)),
        more=rx.cond(row.reference != "", kit.small(words.EXPECTED_REFERENCE, ": ", row.reference)),
        key=row.id,
        data_testid="expected-row",
    )


def _nothing() -> rx.Component:
    words = i18n.manage
    return kit.empty_state(
        "circle-check",
        words.EXPECTED_NOTHING,
        words.EXPECTED_NOTHING_TEXT,
        data_testid="expected-empty",
    )


def _dialog() -> rx.Component:
    state = ExpectedState
    return kit.dialog(
        rx.match(state.act, (RECORD, _record()), (VOID, _void()), rx.fragment()),
        is_open=state.act != "",
        stamp=state.stamp,
        on_closed=state.closed,
        title_id=TITLE,
        data_testid="expected-dialog",
    )


def _record() -> rx.Component:
    words, state = i18n.manage, ExpectedState
    names = words.HAND_METHOD
    fields = kit.stack(
        kit.section_title(words.EXPECTED_RECORD, id=TITLE),
        kit.body(rx.fragment(state.chosen.amount, ", ", state.chosen.name)),
        kit.body(words.EXPECTED_RECORD_TEXT, tone="soft"),
        kit.date_field(
            words.EXPECTED_WHEN,
            "received_on",
            name="received_on",
            hint=words.ADD_RECEIVED_HINT,
            error=state.problems["received_on"],
        ),
        kit.option_field(
            words.ADD_LABEL["method"],
            "method",
            *[kit.option(names[method.value], method.value) for method in Method],
            name="method",
            default_value=state.chosen.method,
        ),
        kit.text_field(
            words.EXPECTED_REFERENCE,
            "reference",
            name="reference",
            auto_complete="off",
            max_length=MAX_REFERENCE_LENGTH,
            aside=words.OPTIONAL,
        ),
        _refused(),
        _actions(words.EXPECTED_RECORD),
        gap="lg",
    )
    return token_form(fields, on_send=state.recorded, data_testid="record-form")


def _void() -> rx.Component:
    words, state = i18n.manage, ExpectedState
    fields = kit.stack(
        kit.section_title(words.EXPECTED_VOID_TITLE, id=TITLE),
        kit.body(rx.fragment(state.chosen.amount, ", ", state.chosen.name)),
        kit.body(words.EXPECTED_VOID_TEXT, tone="soft"),
        kit.text_field(
            words.EXPECTED_REASON,
            "reason",
            name="reason",
            auto_complete="off",
            error=state.problems["reason"],
        ),
        kit.date_field(
            words.EXPECTED_NEW_DAY,
            "due_on",
            name="due_on",
            aside=words.OPTIONAL,
            error=state.problems["due_on"],
        ),
        _refused(),
        _actions(words.EXPECTED_VOID_TITLE),
        gap="lg",
    )
    return token_form(fields, on_send=state.voided, data_testid="void-form")


def _refused() -> rx.Component:
    refused = ExpectedState.refused
    return kit.live_region(
        rx.cond(refused != "", kit.notice(refused, "bad", data_testid="refused"))
    )


def _actions(text: rx.Var[str]) -> rx.Component:
    return kit.dialog_actions(
        kit.button(
            i18n.manage.EXPECTED_CLOSE, look="secondary", custom_attrs={"data-closes": "true"}
        ),
        kit.button(text, type="submit", data_testid="send"),
    )


PAGE = Page(
    route=PATH,
    build=expected,
    title=manage_title(ExpectedState, i18n.manage.MONEY_TAB["expected"]),
    state=ExpectedState,
    is_public=False,
)
