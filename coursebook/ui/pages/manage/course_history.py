"""`/manage/courses/{id}/history`: what happened to a course and to its bookings."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.course_tabs import COURSES, course_tabs
from coursebook.ui.components.history_table import history_table
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.states.manage.course_history import CourseHistoryState

ROUTE = f"{COURSES}/[course_key]/history"


def course_history() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, CourseHistoryState
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=state.more_clicked, data_testid="more"
    )
    return layout.manage_page(
        "courses",
        state,
        kit.stack(
            kit.page_head(
                words.HISTORY_OF_COURSE,
                crumb=words.COURSES_TITLE,
                crumb_href=COURSES,
                above=state.course_title,
                below=state.zone,
            ),
            course_tabs("history", state.course_id, state.tabs),
            linked_notice(state.notice),
            history_table(words.HISTORY_CAPTION, state.rows),
            kit.spread(kit.live_region(kit.small(state.count)), rx.cond(state.has_more, more)),
            gap="lg",
        ),
    )


PAGE = Page(
    route=ROUTE,
    build=course_history,
    title=manage_title(CourseHistoryState, i18n.manage.HISTORY_OF_COURSE),
    state=CourseHistoryState,
    is_public=False,
)
