"""Samples of form fields."""

import reflex as rx

from coursebook.ui import kit


def _form() -> rx.Component:
    return kit.stack(
        kit.search_field("Search", "Pottery, Lisbon…", "sample-search"),
        kit.select_field(
            "Level",
            "sample-level",
            kit.option("All levels", ""),
            kit.option("Beginner", "b"),
            custom_attrs={"defaultValue": "b"},
        ),
        kit.select_field("Empty", "sample-off", kit.option("Nothing yet", ""), disabled=True),
        kit.check_field("Places left only", "sample-check", default_checked=True),
    )


def _segments() -> rx.Component:
    return kit.segments(
        "Sample",
        kit.segment(kit.count_beside("All", "12"), "sample", "", rx.Var.create("")),
        kit.segment("Waiting for payment", "sample", "pending", rx.Var.create("")),
        kit.segment("Confirmed", "sample", "confirmed", rx.Var.create("")),
    )


SAMPLES = {
    "search_field, select_field, option, check_field": _form,
    "segments, segment, count_beside": _segments,
    "search_row": lambda: kit.search_row(
        kit.search_field("Search your courses", "Search your courses", "sample-find"), _segments()
    ),
}
