"""Samples of surfaces and layout."""

import reflex as rx

from coursebook.ui import kit
from coursebook.ui.kit.layout import GAPS
from coursebook.ui.kit.surfaces import BADGES, BONES

PICTURE = "/courses/stargazing-with-what-you-have.svg"


def _card(title: str) -> rx.Component:
    return kit.linked_card(
        href="/kit",
        title=title,
        lang="en",
        image=rx.Var.create(PICTURE),
        above=kit.eyebrow("Science · Beginner"),
        details=kit.details(
            kit.detail_line("calendar", "Wed 2 Dec 2026"), kit.detail_line("map-pin", "Online")
        ),
        foot=kit.spread(kit.amount("€45"), kit.badge("2 places left", tone="warn")),
    )


def _entry() -> rx.Component:
    return kit.entry(
        kit.thumbnail(rx.Var.create(PICTURE)),
        kit.card_title("An entry of the dashboard"),
        kit.body("With its actions at the end.", tone="soft"),
        side=kit.entry_side(kit.button("Pay"), kit.button("Cancel", look="secondary")),
    )


def _split() -> rx.Component:
    return kit.aside_split(
        kit.body("The beginning."),
        kit.panel(kit.body("What stays in reach.")),
        kit.body("The rest."),
    )


def _gaps() -> rx.Component:
    rows = [kit.stack(kit.rule(), kit.small(f"gap «{gap}»"), kit.rule(), gap=gap) for gap in GAPS]
    return kit.column(*rows, width="text")


SAMPLES = {
    "panel": lambda: kit.panel(kit.section_title("A panel"), kit.body("One on a page.")),
    "badge": lambda: kit.inline(*[kit.badge(tone, tone=tone) for tone in BADGES]),
    "picture, thumbnail": lambda: kit.aside_split(
        kit.picture(rx.Var.create(PICTURE)), kit.thumbnail(""), kit.thumbnail(PICTURE)
    ),
    "cards, linked_card, details, detail_line": lambda: kit.cards(
        _card("A course"), _card("Another course, with a title that takes two lines")
    ),
    "entry, entry_side": _entry,
    "empty_state": lambda: kit.empty_state(
        "search-x", "No courses match", "Try fewer words.", kit.button("Clear all filters")
    ),
    "status_icon": lambda: kit.inline(
        *[kit.status_icon("check", tone) for tone in ("good", "info", "warn", "wait")], gap="md"
    ),
    "skeleton": lambda: kit.stack(*[kit.skeleton(shape) for shape in BONES]),
    "rule": kit.rule,
    "column, stack": _gaps,
    "inline, spread, answer_of": lambda: kit.answer_of(
        kit.spread(kit.inline(kit.badge("one"), kit.badge("two")), kit.badge("far")),
        answered_query=rx.Var.create(""),
        names=(),
    ),
    "aside_split": _split,
}
