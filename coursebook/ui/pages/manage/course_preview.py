"""`/manage/courses/{id}/preview`: the student's page of a course, also before it is public."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.course_form.dialogs import attendee_info_preview
from coursebook.ui.components.course_view import course_view, still_parts
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.states.manage.course_preview import CoursePreviewState


def course_preview() -> rx.Component:
    """Return the page."""
    row = CoursePreviewState.course
    back = kit.link_to_list("← ", i18n.manage.PREVIEW_BACK, href=CoursePreviewState.edit_href)
    return layout.manage_page(
        "courses",
        CoursePreviewState,
        kit.stack(
            rx.cond(CoursePreviewState.edit_href != "", rx.el.p(back)),
            kit.notice(i18n.manage.PREVIEW_NOTE, "info"),
            course_view(row, still_parts(row)),
            attendee_info_preview(CoursePreviewState.attendee_info),
            gap="lg",
        ),
    )


PAGE = Page(
    route="/manage/courses/[course_key]/preview",
    build=course_preview,
    title=manage_title(CoursePreviewState, i18n.manage.PREVIEW_TITLE),
    state=CoursePreviewState,
    is_public=False,
)
