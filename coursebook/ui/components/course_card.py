"""A course in the catalog."""

import reflex as rx

from coursebook.extensions.loader import course_fields
from coursebook.ui import kit
from coursebook.ui.presenters.rows import CourseRow
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.live import LiveState
from coursebook.ui.states.session import SessionState


def course_card(course: rx.Var[CourseRow], number: rx.Var[int]) -> rx.Component:
    """Return the card of a course: picture, linked heading, date, place, price, seats left.

    `number` counts the cards of a page from 0; the picture of the first is loaded eagerly.
    """
    return kit.linked_card(
        href=course.href,
        title=course.title,
        lang=SessionState.courses_language,
        image=course.image,
        eager=number == 0,
        above=kit.eyebrow(course.category, " · ", course.level),
        details=rx.fragment(
            kit.body(course.summary, tone="soft", lang=SessionState.courses_language, dir="auto"),
            kit.details(
                kit.detail_line("calendar", course.when),
                kit.detail_line("map-pin", course.where),
                *_field_lines(course),
            ),
        ),
        foot=kit.spread(kit.amount(course.price), places_badge(course)),
        data_testid="course-card",
    )


def _field_lines(course: rx.Var[CourseRow]) -> list[rx.Component]:
    """Return the lines of the school's fields; a product without such fields has nothing here."""
    if not any(declared.is_on_card for declared in course_fields()):
        return []
    lines = CatalogState.card_fields[course.id]
    return [rx.foreach(lines, lambda line: kit.detail_line("info", line))]


def places_badge(course: rx.Var[CourseRow]) -> rx.Component:
    """Return the seats left, emphasised when there are few; live updates change it."""
    text = newest(course, "places", course.places)
    return rx.match(
        newest(course, "tone", course.places_tone),
        ("few", kit.badge(text, tone="warn", data_testid="places-left")),
        ("none", kit.badge(text, tone="plain", data_testid="places-left")),
        kit.badge(text, tone="accent", data_testid="places-left"),
    )


def newest(course: rx.Var[CourseRow], name: str, loaded: rx.Var[str]) -> rx.Var[str]:
    """Return a field of a course's seats: the newest pushed value, or the loaded one."""
    pushed = LiveState.places[course.id]
    return rx.cond(pushed.stamp > course.stamp, getattr(pushed, name), loaded)


def course_card_skeleton() -> rx.Component:
    """Return the skeleton of a card."""
    return kit.stack(
        kit.skeleton("picture"),
        kit.skeleton("eyebrow"),
        kit.skeleton("heading"),
        kit.skeleton("line"),
        kit.skeleton("short"),
        gap="md",
    )
