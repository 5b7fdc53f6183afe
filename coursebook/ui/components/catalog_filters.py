"""The search form of the catalog. Without JavaScript it is a plain GET form of the same address."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.kit.address import REMOVES
from coursebook.ui.kit.types import Child, Text
from coursebook.ui.presenters.catalog_filters import WHERE, clearable_names, filter_fields, names
from coursebook.ui.presenters.rows import Choice
from coursebook.ui.states.catalog import CatalogState

FORM = "course-filters"
COUNT = "course-count"
Chosen = rx.Var[str]


def catalog_filters(path: str) -> rx.Component:
    """Return search and filters. The browser writes each choice to the address at once."""
    return kit.address_form(
        kit.search_field(
            i18n.SEARCH_LABEL,
            i18n.SEARCH_HINT,
            "course-search",
            name="q",
            default_value=CatalogState.filters.q,
        ),
        kit.filter_fold(
            i18n.FILTERS,
            _number_set(),
            kit.filter_bar(*_cells()),
            kit.check_field(
                i18n.AVAILABLE_LABEL,
                "course-available",
                name="available",
                value="true",
                default_checked=CatalogState.filters.available != "",
            ),
            *_field_checks(),
        ),
        _series(),
        kit.without_script(i18n.APPLY_FILTERS),
        id=FORM,
        action=path,
        names=names(),
        applied=CatalogState.applied,
        answered_query=CatalogState.answered_query,
        aria_label=i18n.FILTERS_LABEL,
    )


def _series() -> rx.Component:
    """Return the hidden field that keeps the list on one series while other filters change."""
    series = CatalogState.filters.series
    return rx.cond(series != "", rx.el.input(type="hidden", name="series", default_value=series))


def sort_choice() -> rx.Component:
    """Return the sort order. It is placed beside the list, but belongs to the form."""
    return kit.sort_select(
        i18n.SORT_LABEL,
        "course-sort",
        rx.foreach(CatalogState.sorts, _option),
        form=FORM,
        name="sort",
        default_value=CatalogState.filters.sort,
    )


def chosen_filters() -> rx.Component:
    """Return a chip for each filter that is set, and one link that clears them all."""
    return kit.chips(
        i18n.CHOSEN_FILTERS,
        rx.foreach(
            CatalogState.chips,
            lambda chip: kit.chip(
                chip.text,
                chip.href,
                chip.label,
                custom_attrs={REMOVES: chip.name},
                on_click=rx.set_focus(COUNT),
            ),
        ),
        rx.cond(
            CatalogState.chips.length() > 1,
            kit.text_link(
                i18n.CLEAR_FILTERS,
                href=CatalogState.clear_href,
                custom_attrs={REMOVES: clearable_names()},
                on_click=rx.set_focus(COUNT),
            ),
        ),
    )


def _number_set() -> rx.Var[int]:
    """Return how many collapsed filters are set; the search words are not among them."""
    number = CatalogState.chips.length()
    return rx.cond(CatalogState.filters.q != "", number - 1, number)


def _cells() -> list[rx.Component]:
    chosen = CatalogState.filters
    categories = rx.foreach(CatalogState.categories, lambda name: kit.option(name, name))
    levels = rx.foreach(CatalogState.levels, _option)
    prices = rx.foreach(CatalogState.prices, _option)
    where = [kit.option(i18n.ONLINE_ONLY, WHERE[0]), kit.option(i18n.IN_A_PLACE, WHERE[1])]
    return [
        _select(i18n.CATEGORY_LABEL, "category", chosen.category, i18n.ANY, categories),
        _select(i18n.LEVEL_LABEL, "level", chosen.level, i18n.ANY, levels),
        _select(i18n.PRICE_LABEL, "price", chosen.price, i18n.ANY, prices),
        _select(i18n.WHERE_LABEL, "where", chosen.where, i18n.ANYWHERE, *where),
        kit.filter_day(i18n.FROM_LABEL, "course-from", name="from", default_value=chosen.day_from),
        kit.filter_day(i18n.TO_LABEL, "course-to", name="to", default_value=chosen.day_to),
        *_field_selects(),
    ]


def _field_selects() -> list[rx.Component]:
    """Return a drop-down for each choice that the school adds to its courses."""
    return [
        _select(
            getattr(i18n, declared.label),
            declared.name,
            CatalogState.applied[declared.name],
            i18n.ANY,
            *[kit.option(getattr(i18n, text), value) for value, text in declared.choices.items()],
        )
        for declared in filter_fields()
        if declared.kind == "choice"
    ]


def _field_checks() -> list[rx.Component]:
    """Return a check box for each boolean that the school adds to its courses."""
    return [
        kit.check_field(
            getattr(i18n, declared.label),
            f"course-{declared.name}",
            name=declared.name,
            value="true",
            default_checked=CatalogState.applied[declared.name] == "true",
        )
        for declared in filter_fields()
        if declared.kind == "boolean"
    ]


def _select(label: Text, name: str, chosen: Chosen, every: Text, *options: Child) -> rx.Component:
    everything = kit.option(every, "")
    return kit.filter_select(
        label, f"course-{name}", everything, *options, name=name, default_value=chosen
    )


def _option(choice: rx.Var[Choice]) -> rx.Component:
    return kit.option(choice.text, choice.value)
