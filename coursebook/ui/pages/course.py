"""`/courses/{slug}`: one course, and the box that books it."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import kit, layout, words
from coursebook.ui.components.course_card import newest, places_badge
from coursebook.ui.components.faces import error_face, lines, loading
from coursebook.ui.components.sharing import sharing
from coursebook.ui.kit.types import Text
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState


def course() -> rx.Component:
    """Return the page of a course, in the face it has at the moment."""
    faces = rx.match(
        CourseState.face,
        ("content", _content()),
        ("missing", _missing()),
        (
            "error",
            error_face(words.COURSE_ERROR_TITLE, CourseState.error, CourseState.again_clicked),
        ),
        _skeleton(),
    )
    is_current = CourseState.shown_slug == rx.State.slug
    return layout.page(
        kit.stack(
            rx.el.p(kit.text_link("← ", words.BACK_TO_COURSES, href="/courses")),
            rx.cond(is_current, faces, _skeleton()),
            gap="lg",
        )
    )


def _content() -> rx.Component:
    row, language = CourseState.course, SessionState.courses_language
    intro = kit.stack(
        kit.stack(
            kit.eyebrow(row.category, " · ", row.level),
            kit.page_title(row.title, lang=language),
            kit.lead(row.summary, lang=language),
        ),
        kit.picture(row.image, eager=True),
        gap="lg",
    )
    rest = kit.stack(
        _facts(),
        kit.stack(kit.section_title(words.ABOUT_TITLE), kit.prose(row.description, lang=language)),
        _terms(),
        gap="xl",
    )
    return kit.aside_split(intro, _booking_box(), rest)


def _facts() -> rx.Component:
    row = CourseState.course
    return kit.facts(
        kit.fact("calendar", words.FACT_WHEN, kit.two_lines(row.day, row.hours)),
        kit.fact("map-pin", words.FACT_WHERE, kit.two_lines(row.place, row.address)),
        kit.fact("user-round", words.FACT_TEACHER, kit.two_lines(row.instructor, "")),
        kit.fact("signal", words.FACT_LEVEL, kit.two_lines(row.level, "")),
    )


def _terms() -> rx.Component:
    row = CourseState.course
    return kit.stack(
        kit.section_title(words.TERMS_TITLE),
        kit.body(row.terms),
        rx.cond(row.terms_steps.length() > 0, kit.bullets(row.terms_steps)),
    )


def _booking_box() -> rx.Component:
    row = CourseState.course
    return kit.panel(
        kit.section_title_hidden(words.BOOK_BOX, "booking-title"),
        kit.between(kit.big_amount(row.price), places_badge(row)),
        kit.figures((words.FACT_WHEN, row.day), (words.FACT_WHERE, row.place)),
        rx.match(
            newest(row, "booking", row.booking),
            ("full", _closed_button(words.COURSE_FULL, words.FULL_HELP)),
            ("closed", _closed_button(words.COURSE_CLOSED, words.CLOSED_HELP)),
            _book_button(),
        ),
        kit.live_region(rx.cond(CourseState.notice.text != "", _notice())),
        kit.live_region(kit.for_readers(CourseState.said), data_testid="said"),
        aria_labelledby="booking-title",
        data_testid="booking-box",
    )


def _book_button() -> rx.Component:
    return kit.stack(
        token_button(
            rx.cond(CourseState.is_busy, words.BOOKING_BUSY, words.BOOK_NOW),
            on_press=CourseState.book_clicked,
            disabled=CourseState.is_busy,
            class_name=kit.button_class("primary", wide=True),
            data_testid="book",
        ),
        kit.small(CourseState.course.reassurance),
        gap="sm",
    )


def _closed_button(text: Text, help_text: Text) -> rx.Component:
    return kit.stack(
        kit.button(text, wide=True, disabled=True, data_testid="book"),
        kit.small(help_text),
        gap="sm",
    )


def _notice() -> rx.Component:
    notice = CourseState.notice
    return kit.notice(
        notice.text,
        notice.tone,
        rx.cond(
            notice.link_href != "",
            rx.el.p(kit.text_link(notice.link_text, href=notice.link_href)),
        ),
        data_testid="notice",
    )


def _missing() -> rx.Component:
    return kit.stack(
        kit.page_title(words.COURSE_MISSING_TITLE),
        kit.lead(words.COURSE_MISSING_TEXT),
        rx.el.div(kit.link_button(words.TO_COURSES, "/courses")),
        gap="lg",
        data_testid="course-missing",
    )


def _skeleton() -> rx.Component:
    return loading(
        kit.aside_split(
            kit.stack(
                kit.bone("eyebrow"),
                kit.bone("title"),
                kit.bone("picture"),
                gap="lg",
            ),
            kit.bone("panel"),
            lines(6),
        )
    )


def add_to(app: rx.App) -> None:
    """Register the page."""
    name = rx.cond(CourseState.title != "", CourseState.title, words.COURSE)
    title = f"{name} · {words.BRAND}"
    summary = rx.cond(CourseState.summary != "", CourseState.summary, words.CATALOG_DESCRIPTION)
    app.add_page(
        course,
        route="/courses/[slug]",
        title=title,
        description=summary,
        image=SessionState.share_image,
        meta=sharing(title, summary),
        on_load=CourseState.page_opened,
    )
