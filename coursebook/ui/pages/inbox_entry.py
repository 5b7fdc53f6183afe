"""`/manage/inbox/{id}`: one entry of the money inbox with its action, for operators."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.page_states import error_state, lines, loading, signed_in_only
from coursebook.ui.page import Page
from coursebook.ui.states.inbox_entry import PATH, InboxEntryState
from coursebook.ui.states.session import SessionState


def inbox_entry() -> rx.Component:
    """Return the page of an entry, or its sign-in state."""
    path = rx.State.router.url.path.to(str)
    is_current = InboxEntryState.shown_path == path
    return layout.page(
        signed_in_only(
            rx.cond(is_current, _faces(), loading(lines(4))),
            on_arrival=InboxEntryState.viewer_arrived,
            shown_for=InboxEntryState.shown_for,
            skeleton=loading(lines(4)),
            text=i18n.INBOX_SIGN_IN_TEXT,
            needs_script=i18n.SCRIPT_SIGN_IN,
            is_page=True,
        ),
        width="text",
    )


def _faces() -> rx.Component:
    return rx.match(
        InboxEntryState.view_state,
        ("content", _content()),
        ("missing", _missing()),
        (
            "error",
            error_state(
                i18n.INBOX_ERROR_TITLE, InboxEntryState.error, InboxEntryState.again_clicked
            ),
        ),
        loading(lines(4)),
    )


def _content() -> rx.Component:
    row = InboxEntryState.entry
    return kit.stack(
        kit.stack(kit.eyebrow(i18n.INBOX_TITLE), kit.page_title(row.cause), kit.lead(row.money)),
        rx.cond(row.state != "", kit.notice(row.state, "info", data_testid="state")),
        kit.figures(
            (i18n.INBOX_AMOUNT, _or_dash(row.amount)),
            (i18n.INBOX_STUDENT, _or_dash(row.student)),
            (i18n.COURSE, rx.el.span(_or_dash(row.course), lang=SessionState.courses_language)),
            (i18n.INBOX_WHEN, row.since),
        ),
        kit.stack(
            kit.section_title(i18n.INBOX_DETAIL),
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
        kit.section_title(i18n.INBOX_ACT_TITLE),
        kit.body(row.act_means),
        rx.el.div(
            token_button(
                rx.cond(InboxEntryState.is_busy, i18n.INBOX_BUSY, row.act),
                on_press=lambda token: InboxEntryState.act_clicked(
                    row.id, row.action, row.expect_amount, row.expect_currency, token
                ),
                disabled=InboxEntryState.is_busy,
                class_name=kit.button_class("primary"),
                data_testid="act",
            )
        ),
    )


def _missing() -> rx.Component:
    """Return the state of a missing entry; it is the same for an entry that one may not see."""
    return kit.stack(
        kit.page_title(i18n.NOT_FOUND_TITLE),
        kit.lead(i18n.NOT_FOUND_TEXT),
        rx.el.div(kit.link_button(i18n.TO_COURSES, "/courses")),
        gap="lg",
        data_testid="not-found",
    )


def _title() -> rx.Var[str]:
    is_missing = SessionState.is_signed_in & (InboxEntryState.view_state == "missing")
    return rx.cond(is_missing, i18n.NOT_FOUND_TITLE, i18n.INBOX_TITLE)


PAGE = Page(
    route=f"{PATH}[entry_key]",
    build=inbox_entry,
    title=_title(),
    state=InboxEntryState,
    is_public=False,
)
