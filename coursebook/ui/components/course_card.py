"""A course in the catalog."""

import reflex as rx

from coursebook.ui import kit
from coursebook.ui.rows import CourseRow


def course_card(course: rx.Var[CourseRow]) -> rx.Component:
    """Return the card of a course: picture, heading that is a link, date, place, price, places."""
    return kit.linked_card(
        href=course.href,
        title=course.title,
        image=course.image,
        above=kit.eyebrow(course.category, " · ", course.level),
        details=rx.fragment(
            kit.body(course.summary, tone="soft"),
            kit.details(
                kit.detail_line("calendar", course.day),
                kit.detail_line("map-pin", course.place),
            ),
        ),
        foot=kit.between(kit.amount(course.price), places_badge(course)),
        data_testid="course-card",
    )


def places_badge(course: rx.Var[CourseRow]) -> rx.Component:
    """Return how many places are left, louder when there are few."""
    return rx.match(
        course.places_tone,
        ("few", kit.badge(course.places, tone="warn", data_testid="places-left")),
        ("none", kit.badge(course.places, tone="plain", data_testid="places-left")),
        kit.badge(course.places, tone="accent", data_testid="places-left"),
    )


def course_card_skeleton() -> rx.Component:
    """Return the grey shape of a card."""
    return kit.stack(
        kit.bone("picture"),
        kit.bone("eyebrow"),
        kit.bone("heading"),
        kit.bone("line"),
        kit.bone("short"),
        gap="md",
    )
