"""`/bookings/{id}`: one booking of a student, with an address of its own."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_card import (
    calendar_of,
    cancel_of,
    outcome_of,
    pay_of,
    receipt_of,
    status_badge,
    way_of,
)
from coursebook.ui.components.booking_parts import (
    history_steps,
    hold_of,
    next_of,
    open_ticket_of,
)
from coursebook.ui.components.cancel_dialog import cancel_dialog, dashboard_notice, shown_here
from coursebook.ui.components.course_view import meetings_of
from coursebook.ui.components.page_states import error_state, lines, loading, signed_in_only
from coursebook.ui.page import Page
from coursebook.ui.presenters.rows import BookingRow
from coursebook.ui.states.dashboard import LIST, PAGE_OF_ONE, DashboardState
from coursebook.ui.states.session import SessionState

Row = rx.Var[BookingRow]


def booking() -> rx.Component:
    """Return the page of one booking, or its sign-in state."""
    return layout.page(
        kit.stack(
            rx.el.p(kit.text_link("← ", i18n.BOOKINGS_TITLE, href=LIST)),
            kit.announcement(DashboardState.announcement, data_testid="announcement"),
            signed_in_only(
                _signed_in(),
                on_arrival=DashboardState.viewer_arrived,
                shown_for=shown_here(is_one=True),
                skeleton=_skeleton(),
                text=i18n.BOOKING_SIGN_IN_TEXT,
                needs_script=i18n.SCRIPT_BOOKINGS,
                is_page=True,
            ),
            gap="lg",
        )
    )


def _signed_in() -> rx.Component:
    error = error_state(
        i18n.BOOKINGS_ERROR_TITLE,
        DashboardState.error,
        DashboardState.again_clicked,
        is_page=True,
    )
    return kit.stack(
        dashboard_notice(),
        rx.match(
            DashboardState.view_state,
            ("content", _content()),
            ("missing", _missing()),
            ("error", error),
            _skeleton(),
        ),
        cancel_dialog(layout.connection_in_dialog()),
        kit.focus_on(DashboardState.focus_target, DashboardState.focus_stamp),
    )


def _content() -> rx.Component:
    """Return the booking of the address. A late answer may still bring rows of the list."""

    def mine(row: Row) -> rx.Component:
        return rx.cond(DashboardState.shown_path.contains(row.id), _one(row))

    rows = rx.foreach(DashboardState.sections, lambda section: rx.foreach(section.bookings, mine))
    return rx.el.div(rows, on_mount=DashboardState.bookings_shown)


def _one(row: Row) -> rx.Component:
    return rx.el.article(
        kit.aside_split(_head(row), _money(row), _rest(row)),
        data_testid="booking",
        data_status=row.status,
    )


def _head(row: Row) -> rx.Component:
    titles = kit.stack(
        kit.inline(status_badge(row), kit.strong(row.number), gap="md"),
        kit.page_title(
            row.title,
            id="booking-" + row.id,
            lang=SessionState.courses_language,
            dir="auto",
        ),
    )
    return kit.stack(
        titles,
        hold_of(row, DashboardState.hold_ended(row.id)),
        next_of(row),
        outcome_of(row),
        _change(row),
        _when_and_where(row),
        gap="lg",
    )


def _change(row: Row) -> rx.Component:
    """Return the last change of the course, the old beside the new."""
    change = row.change
    return rx.cond(
        change.text != "",
        kit.notice(
            change.text,
            "info",
            kit.old_and_new((i18n.CHANGE_BEFORE, change.before), (i18n.CHANGE_AFTER, change.after)),
            rx.cond(change.reason != "", rx.el.p(change.reason)),
            data_testid="change",
        ),
    )


def _when_and_where(row: Row) -> rx.Component:
    google = kit.outside_link("Google", href=row.google_href, data_testid="google")
    outlook = kit.outside_link("Outlook", href=row.outlook_href, data_testid="outlook")
    links = rx.cond(row.google_href != "", kit.inline(google, outlook, gap="md"))
    own_time = kit.viewer_time(row.starts, row.ends, row.zone, i18n.YOUR_TIME, keeps_room=False)
    return kit.facts(
        kit.fact(
            "calendar",
            i18n.FACT_WHEN,
            kit.two_lines(row.day, row.hours),
            rx.cond(row.meetings.length() > 0, meetings_of(row), rx.cond(row.is_online, own_time)),
            links,
        ),
        kit.fact("map-pin", i18n.FACT_WHERE, kit.two_lines(row.place, row.address), way_of(row)),
    )


def _money(row: Row) -> rx.Component:
    payment = rx.cond(row.payment != "", row.payment, "\N{EN DASH}")
    return kit.panel(
        open_ticket_of(row),
        kit.figures((i18n.AMOUNT, row.amount), (i18n.BOOKING_PAYMENT, payment)),
        pay_of(row),
        calendar_of(row),
        receipt_of(row),
        rx.el.p(kit.text_link(i18n.BACK_TO_COURSE, href=row.href)),
        rx.cond(
            row.ask_href != "",
            rx.el.p(kit.mail_link(i18n.ASK_SCHOOL, href=row.ask_href)),
        ),
        aria_label=i18n.BOOKING_PAYMENT,
    )


def _rest(row: Row) -> rx.Component:
    info = kit.prose(row.attendee_info, lang=SessionState.courses_language)
    plans = kit.stack(
        kit.section_title(i18n.TERMS_TITLE),
        rx.cond(row.terms.length() > 0, kit.bullets(row.terms)),
        rx.el.div(cancel_of(row)),
        data_testid="promise",
    )
    history = kit.stack(
        kit.section_title(i18n.HISTORY_TITLE), history_steps(row), data_testid="history"
    )
    return kit.stack(
        rx.cond(
            row.attendee_info.length() > 0,
            kit.stack(
                kit.section_title(i18n.ATTENDEE_INFO_TITLE), info, data_testid="attendee-info"
            ),
        ),
        rx.cond(row.can_cancel | (row.terms.length() > 0), plans),
        rx.cond(row.history.length() > 0, history),
        gap="xl",
    )


def _missing() -> rx.Component:
    return kit.empty_state(
        "search-x",
        i18n.BOOKING_MISSING_TITLE,
        i18n.BOOKING_MISSING_TEXT,
        kit.link_button(i18n.TO_BOOKINGS, LIST),
        is_page=True,
        data_testid="booking-missing",
    )


def _skeleton() -> rx.Component:
    return loading(
        kit.stack(kit.page_title(i18n.BOOKING_TITLE), lines(6), gap="lg"),
    )


PAGE = Page(
    route=f"{PAGE_OF_ONE}[booking_key]",
    build=booking,
    title=i18n.BOOKING_TITLE,
    state=DashboardState,
    is_public=False,
)
