"""`/courses/{slug}`: one course, and the box that books it."""

from typing import Any

import reflex as rx

from coursebook.identity.shell import token_button, token_once
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import (
    VIEWER_TIMEZONE,
    address_of,
    busy_words,
    hold_of,
    linked_notice,
    pay_button,
)
from coursebook.ui.components.course_view import BoxParts, booking, closed_button, course_view
from coursebook.ui.components.other_dates import other_dates
from coursebook.ui.components.page_states import error_state, lines, loading
from coursebook.ui.kit.types import Text
from coursebook.ui.page import Page
from coursebook.ui.presenters.structured_data import first_course_head
from coursebook.ui.reflex_compat.components import add_route_vars
from coursebook.ui.ssr_recording import with_school_name
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

ROUTE = "/courses/[slug]"


def course() -> rx.Component:
    """Return the page of a course, in its current view state."""
    view_states = rx.match(
        CourseState.view_state,
        ("content", _content()),
        ("missing", _missing()),
        (
            "error",
            error_state(
                i18n.COURSE_ERROR_TITLE,
                CourseState.error,
                CourseState.again_clicked,
                is_page=True,
            ),
        ),
        _skeleton(),
    )
    return layout.page(
        kit.stack(
            rx.el.p(kit.link_to_list("← ", i18n.BACK_TO_COURSES, href="/courses")),
            rx.cond(_is_current(), view_states, _skeleton()),
            gap="lg",
        )
    )


def _content() -> rx.Component:
    row = CourseState.course
    beside = kit.small(_beside_the_button())
    parts = BoxParts(
        price=_price(),
        hides_places=_has_last_place(),
        own=_own_place(),
        action=_action,
        notice=linked_notice(CourseState.notice),
        note=rx.cond(_is_own("held", "on_its_way", "booked", "waiting"), None, beside),
        dates=other_dates(CourseState.dates, CourseState.all_dates_href),
        unseen=(
            rx.el.span(hidden=True, on_mount=_report_what_is_drawn()),
            _viewer(),
            kit.announcement(CourseState.announcement, data_testid="announcement"),
        ),
    )
    return course_view(row, parts)


def _report_what_is_drawn() -> Any:
    row = CourseState.course
    return CourseState.page_drawn(
        CourseState.shown_slug, row.revision, row.price, row.when, row.where
    )


def _viewer() -> rx.Component:
    """Return the invisible parts that report each new viewer and continue a waiting booking.

    The key remounts the first part for each viewer.
    """
    return rx.cond(
        SessionState.is_signed_in,
        rx.fragment(
            rx.el.span(key=SessionState.viewer, hidden=True, on_mount=CourseState.viewer_arrived),
            rx.cond(
                CourseState.goes_on,
                token_once(
                    on_token=lambda token: CourseState.booking_resumed(token, VIEWER_TIMEZONE)
                ),
            ),
        ),
    )


def _is_own(*kinds: str) -> rx.Var[bool]:
    """Tell whether the viewer, not an earlier one of this tab, has such a booking here."""
    own = CourseState.own
    is_theirs = (own.viewer == SessionState.viewer) & (own.course_id == CourseState.course.id)
    return SessionState.is_signed_in & is_theirs & rx.Var.create(list(kinds)).contains(own.kind)


def _has_last_place() -> rx.Var[bool]:
    """Tell whether the course is full and the viewer has a seat: the page then hides "Full"."""
    return _is_own("held", "on_its_way", "booked") & (booking(CourseState.course) == "full")


def _own_place() -> rx.Component:
    """Return the state of the viewer's own booking."""
    own = CourseState.own
    held = kit.stack(hold_of(own, CourseState.hold_ended), kit.small(i18n.OWN_HELD_TEXT), gap="sm")
    view_states = rx.match(
        own.kind,
        (
            "held",
            kit.stack(
                rx.cond(own.words != "", _own_notice("good", own.words, i18n.OWN_HELD_TEXT), held),
                gap="sm",
            ),
        ),
        (
            "waiting",
            kit.notice(
                rx.el.strong(own.words),
                "info",
                kit.queue_dots(own.ahead, own.number),
                kit.small(i18n.WAITING_TEXT),
            ),
        ),
        ("again", _own_notice("info", own.words, "")),
        ("on_its_way", _own_notice("info", i18n.ON_ITS_WAY_TITLE, i18n.OWN_ON_ITS_WAY_TEXT)),
        _own_notice("good", i18n.YOU_ARE_BOOKED, i18n.YOU_ARE_BOOKED_TEXT),
    )
    is_own = _is_own("held", "on_its_way", "booked", "waiting", "again")
    shown = kit.stack(view_states, rx.cond(own.change != "", kit.small(own.change)), gap="sm")
    return rx.cond(is_own, rx.el.div(shown, data_testid="own-place"))


def _own_notice(tone: str, title: Text, text: Text) -> rx.Component:
    return kit.notice(rx.el.strong(title), tone, kit.small(text))


def _price() -> rx.Var[str]:
    """Return the price to pay: a held booking keeps its price."""
    return rx.cond(_is_own("held"), CourseState.own.price, CourseState.course.price)


def _beside_the_button() -> rx.Component:
    return rx.match(
        booking(CourseState.course),
        ("full", rx.cond(CourseState.course.has_list, i18n.LIST_HELP, i18n.FULL_HELP)),
        ("closed", i18n.CLOSED_HELP),
        ("begun", i18n.BEGUN_HELP),
        ("cancelled", i18n.CALLED_OFF_HELP),
        CourseState.course.reassurance,
    )


def _book(token: rx.Var[str]) -> Any:
    return CourseState.book_clicked(token, VIEWER_TIMEZONE)


def _book_button(test_id: str, *, wide: bool) -> rx.Component:
    is_busy = CourseState.is_busy | CourseState.goes_on
    return token_button(
        rx.cond(is_busy, busy_words(i18n.BOOKING_BUSY), i18n.BOOK_NOW),
        on_press=_book,
        busy=is_busy,
        http=rx.Var.create(
            {
                "path": "/api/stripe/checkout",
                "body": {
                    "course_id": CourseState.course.id,
                    "seen_revision": CourseState.course.revision,
                },
            }
        ),
        class_name=kit.button_class("primary", wide=wide),
        data_testid=test_id,
    )


def _action(test_id: str, *, wide: bool) -> rx.Component:
    book = _book_button(test_id, wide=wide)
    pay = pay_button(
        _book,
        CourseState.is_busy,
        booking_id=CourseState.own.booking_id,
        shown=CourseState.own,
        was_tried=CourseState.own.was_tried,
        wide=wide,
        test_id=test_id,
    )
    way = kit.link_button(
        i18n.TO_YOUR_BOOKING,
        address_of(CourseState.own.booking_id),
        wide=wide,
        data_testid=test_id,
    )
    closed = closed_button(i18n.COURSE_CLOSED, test_id, wide=wide)
    for_strangers = rx.match(
        booking(CourseState.course),
        ("full", _when_full(test_id, wide=wide)),
        ("closed", closed),
        ("begun", closed),
        ("cancelled", closed),
        book,
    )
    return rx.cond(
        _is_own("held"),
        rx.match(
            booking(CourseState.course),
            ("begun", closed),
            ("cancelled", closed),
            _or_decline(pay, wide=wide),
        ),
        rx.cond(_is_own("on_its_way", "booked"), way, for_strangers),
    )


def _when_full(test_id: str, *, wide: bool) -> rx.Component:
    """Return the buttons of a full course: to wait for a place, or to leave the waiting list."""
    is_back = _is_own("again")
    join = token_button(
        rx.cond(is_back, i18n.PUT_BACK, i18n.JOIN_LIST),
        on_press=lambda token: CourseState.join_clicked(token, VIEWER_TIMEZONE),
        busy=CourseState.is_busy,
        class_name=kit.button_class("primary", wide=wide),
        data_testid="join-waiting-list",
    )
    full = closed_button(i18n.COURSE_FULL, test_id, wide=wide)
    to_join = kit.stack(full, join, gap="sm") if wide else join
    return rx.cond(
        _is_own("waiting"),
        _leave(wide=wide),
        rx.cond(CourseState.course.has_list, to_join, full),
    )


def _or_decline(pay: rx.Component, *, wide: bool) -> rx.Component:
    """Return the button that pays; for a place from the waiting list also that which declines."""
    both = kit.stack(pay, _leave(wide=wide), gap="sm")
    return rx.cond(CourseState.own.words != "", both, pay)


def _leave(*, wide: bool) -> rx.Component:
    return token_button(
        rx.cond(CourseState.own.kind == "held", i18n.DECLINE_PLACE, i18n.LEAVE_LIST),
        on_press=CourseState.leave_clicked,
        busy=CourseState.is_busy,
        class_name=kit.button_class("secondary", wide=wide),
        data_testid="leave-waiting-list",
    )


def _missing() -> rx.Component:
    return kit.stack(
        kit.page_title(i18n.COURSE_MISSING_TITLE),
        kit.lead(i18n.COURSE_MISSING_TEXT),
        rx.el.div(kit.link_button(i18n.TO_COURSES, "/courses")),
        gap="lg",
        data_testid="course-missing",
    )


def _skeleton() -> rx.Component:
    return loading(
        kit.aside_split(
            kit.stack(
                kit.skeleton("eyebrow"),
                kit.skeleton("title"),
                kit.skeleton("picture"),
                gap="lg",
            ),
            kit.skeleton("panel"),
            lines(6),
        )
    )


def _is_current() -> rx.Var[bool]:
    return CourseState.shown_slug == rx.State.slug


def _title() -> rx.Var[str]:
    return rx.cond(_is_current() & (CourseState.title != ""), CourseState.title, i18n.COURSE)


async def _addresses(most: int) -> list[str]:
    return [f"/courses/{slug}" for slug in await services().catalog.slugs(most)]


add_route_vars(ROUTE)  # the title uses the slug before the page is registered
PAGE = Page(
    route=ROUTE,
    build=course,
    title=_title(),
    description=rx.cond(CourseState.summary != "", CourseState.summary, i18n.CATALOG_DESCRIPTION),
    state=CourseState,
    addresses=_addresses,
    head=with_school_name(first_course_head),
)
