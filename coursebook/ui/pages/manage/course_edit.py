"""`/manage/courses/{id}/edit`: the form of a stored course."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.course_form.frame import course_form
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.states.manage.course_form import EDIT, PREFIX, CourseFormState


def course_edit() -> rx.Component:
    """Return the page."""
    return layout.manage_page(
        "courses", CourseFormState, course_form(layout.connection_in_dialog, is_new=False)
    )


PAGE = Page(
    route=f"{PREFIX}[course_key]{EDIT}",
    build=course_edit,
    title=manage_title(CourseFormState, i18n.manage.EDIT_COURSE),
    state=CourseFormState,
    is_public=False,
)
