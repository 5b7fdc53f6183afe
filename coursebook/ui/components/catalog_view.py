"""The catalog: search, filters, and the list in its four view states."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.catalog_filters import (
    COUNT,
    catalog_filters,
    chosen_filters,
    sort_choice,
)
from coursebook.ui.components.course_card import course_card, course_card_skeleton
from coursebook.ui.components.page_states import error_state, loading
from coursebook.ui.presenters.catalog_filters import names
from coursebook.ui.states.catalog import CatalogState


def catalog_view(*, is_first_page: bool = False) -> rx.Component:
    """Return search, filters and courses. The heading differs on the first page."""
    return kit.stack(
        _heading(is_first_page),
        catalog_filters("/" if is_first_page else "/courses"),
        kit.stack(
            _result_count(),
            rx.match(
                CatalogState.view_state,
                ("content", _content()),
                ("empty", _empty()),
                (
                    "error",
                    error_state(
                        i18n.CATALOG_ERROR_TITLE, CatalogState.error, CatalogState.again_clicked
                    ),
                ),
                loading(kit.cards(*[course_card_skeleton() for _ in range(6)])),
            ),
            gap="md",
        ),
        gap="xl",
    )


def _heading(is_first_page: bool) -> rx.Component:
    if is_first_page:
        return kit.stack(kit.hero_title(i18n.HERO_TITLE), kit.lead(i18n.HERO_TEXT), gap="lg")
    return kit.stack(kit.page_title(i18n.CATALOG_TITLE), kit.lead(i18n.TAGLINE))


def _result_count() -> rx.Component:
    """Return the count of results in words, in a live region, with the sort order.

    The region always exists, because a region that is inserted with its text is not announced. The
    focus comes here when a filter is removed.
    """
    text = rx.match(
        CatalogState.view_state,
        ("content", kit.body(CatalogState.count, data_testid=COUNT)),
        ("empty", _none_fits()),
        rx.fragment(),
    )
    return kit.spread(
        kit.live_region(text, id=COUNT, tab_index=-1, data_testid="result-count"),
        rx.cond(CatalogState.view_state == "content", sort_choice()),
    )


def _content() -> rx.Component:
    return kit.stack(
        _above(),
        kit.answer_of(
            kit.cards(rx.foreach(CatalogState.courses, course_card), data_testid="courses"),
            answered_query=CatalogState.answered_query,
            names=names(),
        ),
        kit.inline(
            rx.cond(CatalogState.more_href != "", _more()),
            rx.cond(
                CatalogState.first_href != "",
                kit.text_link(i18n.FIRST_COURSES, href=CatalogState.first_href),
            ),
            gap="lg",
        ),
        gap="lg",
    )


def _more() -> rx.Component:
    """Return the link to more courses: appended to the list, or on a further page.

    A longer list replaces the shorter one in the history, so that Back leaves the list.
    """
    href = CatalogState.more_href
    return rx.cond(
        CatalogState.has_next_page,
        kit.link_button(i18n.MORE_COURSES, href, look="secondary", on_click=rx.set_focus(COUNT)),
        kit.link_button(
            i18n.MORE_COURSES,
            href,
            look="secondary",
            prevent_scroll_reset=True,
            replace=True,
        ),
    )


def _above() -> rx.Component:
    """Return the lines above the list: the set filters, and notes on the search."""
    return kit.stack(
        chosen_filters(),
        rx.cond(CatalogState.read_as != "", kit.notice(CatalogState.read_as, "info")),
        rx.cond(CatalogState.order_note != "", kit.notice(CatalogState.order_note, "info")),
        rx.cond(CatalogState.is_mended, kit.notice(i18n.ADDRESS_MENDED, "info")),
        gap="md",
    )


def _none_fits() -> rx.Component:
    """Return the empty state: no courses at all, or the filter that hides most of them."""
    hint = CatalogState.hint
    return kit.empty_state(
        "search-x",
        CatalogState.empty_title,
        rx.cond(hint.text != "", hint.text, CatalogState.empty_text),
        rx.cond(
            hint.text != "",
            kit.link_button(hint.link, hint.href, on_click=rx.set_focus(COUNT)),
        ),
        rx.cond(
            CatalogState.new_course_href != "",
            kit.link_button(i18n.NO_COURSES_ADD, CatalogState.new_course_href),
        ),
        rx.cond(
            CatalogState.chips.length() > 0,
            kit.link_button(
                i18n.CLEAR_FILTERS,
                CatalogState.clear_href,
                look="secondary",
                on_click=rx.set_focus(COUNT),
            ),
        ),
        data_testid="no-courses",
    )


def _empty() -> rx.Component:
    """Return the parts below the empty state: the set filters, and similar courses."""
    return kit.stack(
        chosen_filters(),
        rx.cond(CatalogState.courses.length() > 0, _similar()),
        gap="lg",
    )


def _similar() -> rx.Component:
    return kit.stack(
        kit.section_title(i18n.SIMILAR_TITLE),
        kit.cards(rx.foreach(CatalogState.courses, course_card), data_testid="similar-courses"),
        gap="lg",
    )
