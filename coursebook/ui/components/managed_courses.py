"""The columns of a table of courses in the console."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.presenters.manage.course_list import ManagedCourseRow
from coursebook.ui.states.session import SessionState


def course_columns(*, has_state: bool = True) -> list[rx.Component]:
    """Return the heads of the columns of `course_cells`."""
    column = i18n.manage.COLUMN
    state = [kit.table_column(column["booking"], width="state")] if has_state else []
    return [
        kit.table_column(column["course"]),
        kit.table_column(column["when"], width="start"),
        kit.table_column(column["places"], width="places"),
        *state,
    ]


def course_cells(course: rx.Var[ManagedCourseRow], *, has_state: bool = True) -> list[rx.Component]:
    """Return the cells of one course; on a phone its state shows only when it is not open.

    `has_state`: its state has a column of its own, for which a narrow table has no room.
    """
    state = kit.cell(
        rx.cond(course.badge != "", _badge(course), kit.quiet(course.state)),
        kit.second_line(course.missing),
    )
    return [
        kit.title_cell(
            course.title,
            course.href,
            below=course.place,
            image=course.image,
            lang=SessionState.courses_language,
        ),
        kit.cell(
            course.when,
            kit.second_line(course.meetings),
            kit.on_cards_only(_badge(course)),
            kit.on_cards_only(kit.small(course.missing)),
            card="start",
        ),
        kit.cell(rx.cond(course.taken != "", _places(course)), card="end"),
        *([state] if has_state else []),
    ]


def _badge(course: rx.Var[ManagedCourseRow]) -> rx.Component:
    return rx.cond(
        course.badge != "",
        rx.cond(
            course.tone == "good",
            kit.badge(course.badge, tone="good"),
            kit.badge(course.badge),
        ),
    )


def _places(course: rx.Var[ManagedCourseRow]) -> rx.Component:
    return kit.stack(
        rx.el.span(kit.strong(course.taken), " ", kit.quiet(course.of_places)),
        kit.seats(course.confirmed_part, course.taken_part),
        gap="xs",
    )
