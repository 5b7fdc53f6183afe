"""Samples of the forms of the console."""

import reflex as rx

from coursebook.ui import kit


def _fields() -> rx.Component:
    return kit.form_part(
        "What it is",
        kit.text_field("Title", "sample-title", default_value="Paint Your Own Azulejo"),
        kit.long_field(
            "Summary",
            "sample-summary",
            hint="The line under the title and in the catalog.",
            aside="0 of 400",
            placeholder="One or two sentences",
        ),
        kit.text_field("Category", "sample-kind", suggestions=("Craft", "Music"), aside="optional"),
        kit.choice_field(
            "Where",
            "sample-place",
            kit.choice("In a place", "sample-where", "place", "sample-place", default_checked=True),
            kit.choice("Online", "sample-where", "online", "sample-online"),
        ),
        kit.field_row(
            kit.date_field("First day", "sample-day", default_value="2026-12-19"),
            kit.time_field("Starts at", "sample-start", default_value="10:00"),
            kit.time_field("Ends at", "sample-end", default_value="13:00"),
            columns="first",
        ),
        kit.zone_field("Time zone", "sample-zone", "Europe/Lisbon"),
        kit.field_row(
            kit.money_field(
                "Price",
                "sample-price",
                default_value="45.5O",
                error="Write the sum in figures, such as 45.50.",
            ),
            kit.option_field("Currency", "sample-currency", kit.option("EUR", "eur")),
            kit.number_field("Places", "sample-places", default_value="11", disabled=True),
        ),
    )


def _summary() -> rx.Component:
    return kit.error_summary(
        "Two things to mend before it can be published",
        kit.summary_link("Price: “45.5O” is not a sum", "sample-price"),
        kit.summary_link("Places: 12 are taken, so it cannot be 11", "sample-places"),
        stamp=rx.Var.create(0),
    )


def _ticks() -> rx.Component:
    return kit.tick_list(
        "Courses",
        "sample-courses",
        kit.search_field("Find a course", "Find a course", "sample-course-search"),
        kit.tick("Indigo in Two Days", "Sat 16 Jan 2027", "sample-tick-1", default_checked=True),
        kit.tick("Paint Your Own Azulejo", "Sat 19 Dec 2026", "sample-tick-2"),
        error="Please choose at least one course.",
    )


def _split() -> rx.Component:
    return kit.form_split(
        kit.stack(
            kit.body("The form."), kit.form_foot(kit.body("Saved 10:42"), kit.button("Save"))
        ),
        kit.panel(kit.body("What a student sees.")),
    )


SAMPLES = {
    "form_part, field_row, text_field, long_field, choice_field, choice, date_field, time_field, "
    "zone_field, money_field, option_field, number_field": _fields,
    "field_error": lambda: kit.field_error("12 places are taken."),
    "error_summary, summary_link": _summary,
    "tick_list, tick": _ticks,
    "form_split, form_foot": _split,
}
