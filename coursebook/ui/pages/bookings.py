"""`/bookings`: the dashboard of a student."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_card import booking_card, booking_card_skeleton
from coursebook.ui.components.cancel_dialog import cancel_dialog, dashboard_notice, shown_here
from coursebook.ui.components.page_states import error_state, loading, signed_in_only
from coursebook.ui.page import Page
from coursebook.ui.presenters.rows import SectionRow
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.dashboard_rows import NAMES


def bookings() -> rx.Component:
    """Return the dashboard, or its sign-in state."""
    return layout.page(
        kit.stack(
            kit.page_title(i18n.BOOKINGS_TITLE),
            kit.announcement(DashboardState.announcement, data_testid="announcement"),
            signed_in_only(
                _signed_in(),
                on_arrival=DashboardState.viewer_arrived,
                shown_for=shown_here(is_one=False),
                skeleton=_skeleton(),
                text=i18n.SIGN_IN_NEEDED_TEXT,
                needs_script=i18n.SCRIPT_BOOKINGS,
            ),
            gap="lg",
        )
    )


def _signed_in() -> rx.Component:
    return kit.stack(
        _filter(),
        dashboard_notice(),
        rx.match(
            DashboardState.view_state,
            ("content", _content()),
            ("empty", _empty()),
            (
                "error",
                error_state(
                    i18n.BOOKINGS_ERROR_TITLE, DashboardState.error, DashboardState.again_clicked
                ),
            ),
            _skeleton(),
        ),
        cancel_dialog(layout.connection_in_dialog()),
        kit.focus_on(DashboardState.focus_target, DashboardState.focus_stamp),
        gap="xl",
    )


def _filter() -> rx.Component:
    choices = {"": i18n.BOOKINGS_ALL, **i18n.STATUS}
    return kit.address_form(
        kit.narrow(
            kit.search_field(
                i18n.BOOKINGS_SEARCH,
                i18n.BOOKINGS_SEARCH_HINT,
                "booking-search",
                name="q",
                default_value=DashboardState.q,
            )
        ),
        kit.segments(
            i18n.BOOKINGS_FILTER,
            *[
                kit.segment(
                    text,
                    "status",
                    status,
                    DashboardState.status,
                    data_testid=f"filter-{status or 'all'}",
                )
                for status, text in choices.items()
            ],
        ),
        action="/bookings",
        names=NAMES,
        applied=DashboardState.applied,
        answered_query=DashboardState.answered_query,
        aria_label=i18n.BOOKINGS_FILTER,
    )


def _content() -> rx.Component:
    return rx.el.div(
        kit.announcement(DashboardState.count, data_testid="booking-count"),
        kit.answer_of(
            kit.stack(
                rx.foreach(DashboardState.sections, _section), gap="2xl", data_testid="bookings"
            ),
            answered_query=DashboardState.answered_query,
            names=NAMES,
        ),
        on_mount=DashboardState.bookings_shown,
    )


def _section(section: rx.Var[SectionRow]) -> rx.Component:
    return kit.list_section(
        section.title,
        section.count,
        rx.foreach(section.bookings, booking_card),
        rx.cond(
            section.has_more,
            rx.el.div(
                kit.button(
                    i18n.MORE_OF_SECTION,
                    kit.visually_hidden(": ", section.title),
                    look="secondary",
                    on_click=DashboardState.more_clicked(section.name),
                )
            ),
        ),
        data_testid="section",
        data_section=section.name,
    )


def _empty() -> rx.Component:
    is_narrowed = (DashboardState.status != "") | (DashboardState.q != "")
    return kit.live_region(
        rx.cond(
            is_narrowed,
            kit.empty_state(
                "ticket",
                i18n.BOOKINGS_EMPTY_FILTER_TITLE,
                rx.cond(
                    DashboardState.q != "",
                    i18n.BOOKINGS_EMPTY_SEARCH_TEXT,
                    i18n.BOOKINGS_EMPTY_FILTER_TEXT,
                ),
                kit.link_button(i18n.SHOW_ALL, "/bookings", look="secondary"),
                data_testid="no-bookings",
            ),
            kit.empty_state(
                "ticket",
                i18n.BOOKINGS_EMPTY_TITLE,
                i18n.BOOKINGS_EMPTY_TEXT,
                kit.link_button(i18n.TO_COURSES, "/courses"),
                data_testid="no-bookings",
            ),
        )
    )


def _skeleton() -> rx.Component:
    return loading(kit.stack(*[booking_card_skeleton() for _ in range(3)]))


PAGE = Page(
    route="/bookings",
    build=bookings,
    title=i18n.BOOKINGS_TITLE,
    description=i18n.BOOKINGS_DESCRIPTION,
    state=DashboardState,
    nav=i18n.NAV_BOOKINGS,
    is_public=False,
)
