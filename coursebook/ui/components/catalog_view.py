"""The catalog: search, filters, and the list with its four faces."""

import reflex as rx

from coursebook.ui import kit, words
from coursebook.ui.components.course_card import course_card, course_card_skeleton
from coursebook.ui.components.faces import error_face, loading
from coursebook.ui.kit.types import Handler
from coursebook.ui.states.catalog import CatalogState


def catalog_view(*, is_first_page: bool = False) -> rx.Component:
    """Return search, filters and courses. The heading differs on the first page."""
    return kit.stack(
        _heading(is_first_page),
        _search(),
        rx.match(
            CatalogState.face,
            ("content", _content()),
            ("empty", _empty()),
            (
                "error",
                error_face(
                    words.CATALOG_ERROR_TITLE, CatalogState.error, CatalogState.again_clicked
                ),
            ),
            loading(kit.cards(*[course_card_skeleton() for _ in range(6)])),
        ),
        gap="xl",
    )


def _heading(is_first_page: bool) -> rx.Component:
    if is_first_page:
        return kit.stack(kit.hero_title(words.HERO_TITLE), kit.lead(words.HERO_TEXT), gap="lg")
    return kit.stack(kit.page_title(words.CATALOG_TITLE), kit.lead(words.TAGLINE))


def _search() -> rx.Component:
    """Return the form. The browser keeps what is typed; only a new key gives it other values."""
    return kit.form_row(
        kit.search_field(
            words.SEARCH_LABEL,
            words.SEARCH_HINT,
            "course-search",
            name="q",
            default_value=CatalogState.q,
            key=CatalogState.form_key,
            on_change=CatalogState.search_changed.debounce(250),
        ),
        _choice(
            (words.CATEGORY_LABEL, words.ALL_CATEGORIES),
            "category",
            CatalogState.categories,
            CatalogState.category,
            CatalogState.category_chosen,
        ),
        _choice(
            (words.LEVEL_LABEL, words.ALL_LEVELS),
            "level",
            CatalogState.levels,
            CatalogState.level,
            CatalogState.level_chosen,
        ),
        kit.check_field(
            words.AVAILABLE_LABEL,
            "course-available",
            default_checked=CatalogState.available,
            key=CatalogState.form_key,
            on_change=CatalogState.available_toggled,
        ),
        on_submit=rx.prevent_default,
        role="search",
        aria_label=words.FILTERS_LABEL,
    )


def _choice(
    words_of: tuple[str, str],
    name: str,
    values: rx.Var[list[str]],
    chosen: rx.Var[str],
    on_change: Handler,
) -> rx.Component:
    label, everything = words_of
    return kit.select_field(
        label,
        f"course-{name}",
        kit.option(everything, ""),
        rx.foreach(values, lambda value: kit.option(value, value)),
        name=name,
        default_value=chosen,
        key=CatalogState.form_key,
        on_change=on_change,
    )


def _content() -> rx.Component:
    return kit.stack(
        _count(),
        kit.quiet(
            kit.cards(rx.foreach(CatalogState.courses, course_card), data_testid="courses"),
            is_quiet=CatalogState.is_searching,
        ),
        rx.cond(
            CatalogState.has_more,
            rx.el.div(
                kit.button(words.MORE_COURSES, look="secondary", on_click=CatalogState.more_clicked)
            ),
        ),
        rx.cond(CatalogState.error != "", kit.notice(CatalogState.error, "bad", role="alert")),
        gap="lg",
    )


def _count() -> rx.Component:
    return kit.between(
        kit.live_region(kit.small(CatalogState.count), data_testid="course-count"),
        rx.cond(
            CatalogState.is_filtered,
            kit.button(words.CLEAR_FILTERS, look="quiet", on_click=CatalogState.filters_cleared),
        ),
    )


def _empty() -> rx.Component:
    return kit.live_region(
        kit.empty_face(
            "search-x",
            words.CATALOG_EMPTY_TITLE,
            words.CATALOG_EMPTY_TEXT,
            kit.button(words.CLEAR_FILTERS, on_click=CatalogState.filters_cleared),
            data_testid="no-courses",
        )
    )
