"""`/manage/history`: what happened at the school."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.history_table import history_table
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.states.manage.bookkeeping.school_history import SchoolHistoryState


def school_history() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, SchoolHistoryState
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=state.more_clicked, data_testid="more"
    )
    return layout.manage_page(
        "settings",
        state,
        kit.stack(
            kit.page_head(words.HISTORY_OF_SCHOOL, below=words.HISTORY_OF_SCHOOL_TEXT),
            linked_notice(state.notice),
            history_table(words.HISTORY_CAPTION_SCHOOL, state.rows),
            kit.spread(kit.live_region(kit.small(state.count)), rx.cond(state.has_more, more)),
            gap="lg",
        ),
    )


PAGE = Page(
    route="/manage/history",
    build=school_history,
    title=manage_title(SchoolHistoryState, i18n.manage.HISTORY_OF_SCHOOL),
    state=SchoolHistoryState,
    is_public=False,
)
