"""`/teachers`: everybody who gives a course, with their next courses."""

from dataclasses import dataclass

import reflex as rx

from coursebook.extend import (
    CourseQuery,
    Extension,
    Page,
    PageState,
    SessionState,
    i18n,
    in_view_state,
    kit,
    layout,
    services,
)

MOST = 200
"""Courses to come that the page names at most."""


@dataclass(frozen=True)
class CourseLink:
    """A course as the page shows it."""

    title: str = ""
    href: str = ""


@dataclass(frozen=True)
class Teacher:
    """A teacher as the page shows them."""

    name: str = ""
    courses: tuple[CourseLink, ...] = ()


class TeachersState(PageState, SessionState):
    """All teachers, by name."""

    teachers: list[Teacher] = []

    async def _load(self) -> None:
        page = await services().catalog.list_courses(CourseQuery(limit=MOST, is_counted=False))
        links: dict[str, list[CourseLink]] = {}
        for view in page.items:
            link = CourseLink(view.title, f"/courses/{view.slug}")
            links.setdefault(view.instructor, []).append(link)
        self.teachers = [Teacher(name, tuple(links[name])) for name in sorted(links)]


def teachers() -> rx.Component:
    """Return the page."""
    everybody = kit.stack(rx.foreach(TeachersState.teachers, _teacher), gap="xl")
    return layout.page(
        kit.stack(
            kit.page_title(i18n.TEACHERS_TITLE),
            kit.lead(i18n.TEACHERS_TEXT),
            in_view_state(TeachersState, everybody),
            gap="lg",
        ),
        width="text",
    )


def _teacher(teacher: rx.Var[Teacher]) -> rx.Component:
    return kit.stack(
        kit.section_title(teacher.name),
        rx.foreach(
            teacher.courses,
            lambda course: kit.text_link(
                course.title, href=course.href, lang=SessionState.courses_language
            ),
        ),
    )


extension = Extension(
    name="teachers",
    pages=(
        Page(
            route="/teachers",
            build=teachers,
            title=i18n.TEACHERS_TITLE,
            description=i18n.TEACHERS_TEXT,
            state=TeachersState,
            nav=i18n.TEACHERS_NAV,
        ),
    ),
)
