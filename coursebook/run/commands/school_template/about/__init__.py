"""What this school adds: a page, a field of its courses, and a mail before a course begins."""

import reflex as rx

from coursebook.extend import (
    CourseField,
    Extension,
    Mail,
    MailFacts,
    Page,
    booking_mail,
    i18n,
    kit,
    layout,
)


def about() -> rx.Component:
    """Return the page. Its texts are in words/en.toml."""
    return layout.page(
        kit.stack(kit.page_title(i18n.OUR_SCHOOL_TITLE), kit.lead(i18n.OUR_SCHOOL_TEXT), gap="lg"),
        width="text",
    )


def course_soon(facts: MailFacts) -> Mail:
    """Return the mail. Its texts are in words/mails/en.toml.

    `enqueue_mail("course_soon", occasion=…)` of a locked booking sends it: see docs/extend.md.
    """
    texts = facts.texts
    return booking_mail(
        facts,
        texts.text("course_soon", "subject"),
        texts.text("course_soon", "first", title=facts.course_title),
    )


extension = Extension(
    name="about",
    pages=(
        Page(
            route="/about",
            build=about,
            title=i18n.OUR_SCHOOL_TITLE,
            description=i18n.OUR_SCHOOL_TEXT,
            nav=i18n.OUR_SCHOOL_NAV,
        ),
    ),
    fields=(
        CourseField(
            name="teaching_language",
            kind="choice",
            label="TEACHING_LANGUAGE",
            choices={"en": "IN_ENGLISH", "fr": "IN_FRENCH"},
            default="en",
            is_on_card=True,
            is_filter=True,
        ),
    ),
    mails={"course_soon": course_soon},
)
