"""`/manage/check-in`: the meetings of today, each with the way to its page at the door."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.check_in_link import check_in_link
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.check_in import PATH, MeetingRow
from coursebook.ui.states.manage.check_in_list import CheckInListState
from coursebook.ui.states.session import SessionState


def check_in_list() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, CheckInListState
    table = kit.table(
        words.CHECK_IN_CAPTION,
        [
            kit.table_column(words.CHECK_IN_COURSE),
            kit.table_column(words.CHECK_IN_WHEN, width="when"),
            kit.table_column(words.CHECK_IN_HERE, width="places"),
            kit.table_column(kit.visually_hidden(words.CHECK_IN), width="word"),
        ],
        rx.foreach(state.meetings, _row),
        data_testid="meetings",
    )
    nothing = kit.empty_state("calendar", words.CHECK_IN_NOTHING, "")
    return layout.manage_page(
        "today",
        state,
        kit.stack(
            kit.page_head(words.CHECK_IN_TITLE),
            rx.cond(state.meetings.length() > 0, table, nothing),
            gap="lg",
        ),
    )


def _row(meeting: rx.Var[MeetingRow]) -> rx.Component:
    return kit.table_row(
        kit.title_cell(
            meeting.title,
            meeting.href,
            below=meeting.place,
            lang=SessionState.courses_language,
        ),
        kit.cell(meeting.hours, kit.on_cards_only(kit.small(meeting.here)), card="start"),
        kit.cell(meeting.here),
        kit.cell(check_in_link(meeting.href, meeting.title), card="end"),
        key=meeting.id,
    )


PAGE = Page(
    route=PATH,
    build=check_in_list,
    title=manage_title(CheckInListState, i18n.manage.CHECK_IN_TITLE),
    state=CheckInListState,
    is_public=False,
)
