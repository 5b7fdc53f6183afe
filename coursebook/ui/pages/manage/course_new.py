"""`/manage/courses/new`: the form of a new course."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.course_form.frame import course_form
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.states.manage.course_form import NEW, CourseFormState


def course_new() -> rx.Component:
    """Return the page."""
    return layout.manage_page(
        "courses", CourseFormState, course_form(layout.connection_in_dialog, is_new=True)
    )


PAGE = Page(
    route=NEW,
    build=course_new,
    title=manage_title(CourseFormState, i18n.manage.NEW_COURSE),
    state=CourseFormState,
    is_public=False,
)
