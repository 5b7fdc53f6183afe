"""Samples of the filter bar of the catalog."""

import reflex as rx

from coursebook.ui import kit

ANY = "Any"


def _filters() -> rx.Component:
    return kit.address_form(
        kit.filter_fold(
            "Filters",
            rx.Var.create(2),
            kit.filter_bar(
                kit.filter_select("Category", "sample-category", kit.option(ANY, "")),
                kit.filter_select(
                    "Price",
                    "sample-price",
                    kit.option(ANY, ""),
                    kit.option("Up to €50", "50eur"),
                    custom_attrs={"defaultValue": "50eur"},
                ),
                kit.filter_day("From", "sample-from", default_value="2026-12-05"),
                kit.filter_day("Until", "sample-to"),
                kit.filter_gap(),
            ),
        ),
        kit.without_script("Show courses"),
        action="/kit",
        names=(),
        applied=rx.Var.create({}),
        answered_query=rx.Var.create(""),
    )


def _sort() -> rx.Component:
    return kit.sort_select("Sort by", "sample-sort", kit.option("Soonest first", ""))


def _chips() -> rx.Component:
    return kit.chips(
        "Chosen filters",
        kit.chip("Beginner", "/kit", "Remove filter: Beginner"),
        kit.chip("Up to €50", "/kit", "Remove filter: Up to €50"),
    )


SAMPLES = {
    "address_form, filter_fold, filter_bar, filter_select, filter_day, filter_gap, "
    "without_script": _filters,
    "sort_select": _sort,
    "chips, chip": _chips,
}
