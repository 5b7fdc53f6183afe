"""`/manage`: the first page of the console."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.managed_courses import course_cells, course_columns
from coursebook.ui.components.ready_to_sell import ready_points
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.course_list import ManagedCourseRow
from coursebook.ui.presenters.manage.day import MeetingTodayRow
from coursebook.ui.presenters.manage.readiness import ReadyRow
from coursebook.ui.states.manage.today import TodayState

COURSES, BOOKINGS = "/manage/courses", "/manage/bookings"


def today() -> rx.Component:
    """Return the page."""
    return layout.manage_page(
        "today",
        TodayState,
        kit.stack(
            kit.page_head(i18n.manage.TODAY_TITLE, below=TodayState.head),
            kit.day_split(
                _meetings(),
                rx.fragment(
                    rx.cond(TodayState.may_search, _search()),
                    rx.cond(TodayState.sees_needs, _needs()),
                    rx.cond(TodayState.ready.is_open, ready_to_sell()),
                ),
            ),
            _next_courses(),
            rx.cond(TodayState.week.days != "", _week()),
            gap="xl",
        ),
    )


def _meetings() -> rx.Component:
    """Return the meetings of today, or what comes next."""
    nothing = kit.body(TodayState.nothing, data_testid="nothing-today")
    rows = kit.meeting_list(
        i18n.manage.TODAY_MEETINGS,
        rx.foreach(TodayState.meetings, _meeting),
        data_testid="meetings",
    )
    return rx.cond(TodayState.meetings.length() > 0, rows, nothing)


def _meeting(row: rx.Var[MeetingTodayRow]) -> rx.Component:
    door = kit.door_button(
        rx.fragment(i18n.manage.TODAY_CHECK_IN, kit.visually_hidden(": ", row.title)),
        row.door,
        is_first=row.is_first,
        data_testid="check-in",
    )
    return kit.meeting_row(
        row.clock,
        row.until,
        kit.text_link(row.title, href=row.href, dir="auto"),
        rx.foreach(
            row.notes, lambda note: kit.meeting_fact("triangle-alert", note, is_warning=True)
        ),
        kit.meeting_fact("", row.places),
        rx.cond(row.owes != "", kit.meeting_fact("banknote", row.owes)),
        rx.cond(row.paying != "", kit.meeting_fact("clock", row.paying)),
        rx.cond(row.new != "", kit.meeting_fact("user-plus", row.new)),
        rx.cond(row.absent != "", kit.meeting_fact("user-x", row.absent)),
        rx.cond(row.waiting != "", kit.meeting_fact("list-ordered", row.waiting)),
        below=row.below,
        count=row.count,
        bar=rx.cond(
            row.drawn.length() > 0,
            kit.place_bar(row.drawn),
            kit.seats(row.confirmed_part, row.taken_part, row.here_part, is_wide=True),
        ),
        action=rx.cond(row.door != "", door),
        is_first=row.is_first,
        key=row.id,
        data_testid="meeting",
    )


def _needs() -> rx.Component:
    """Return what needs somebody."""
    words = i18n.manage
    rows = rx.foreach(
        TodayState.needs, lambda row: kit.need_row(row.text, row.below, row.href, row.tone)
    )
    return kit.need_list(
        words.TODAY_NEEDS, words.TODAY_NEEDS_NOTHING, rows, TodayState.needs.length() > 0
    )


def _search() -> rx.Component:
    """Return the search over people and bookings, whose page answers."""
    label = i18n.manage.TODAY_FIND
    return kit.search_form(BOOKINGS, kit.search_field(label, label, "today-search", name="q"))


def _week() -> rx.Component:
    """Return what happened in the last seven days."""
    words, week = i18n.manage, TodayState.week
    return kit.week_section(
        words.WEEK_TITLE,
        week.days,
        kit.text_link(words.WEEK_REPORTS, href=week.reports),
        kit.big_figure(
            words.WEEK_BOOKED,
            rx.fragment(week.booked, " ", kit.spark(week.heights)),
            week.booked_more,
        ),
        kit.big_figure(words.WEEK_RECEIVED, week.received, week.received_more),
        kit.big_figure(words.WEEK_GIVEN_BACK, week.given_back, week.given_back_more),
        kit.big_figure(words.WEEK_PLACES, week.places, ""),
    )


def _next_courses() -> rx.Component:
    """Return the courses that begin next, or that none does."""
    words = i18n.manage
    table = kit.stack(
        kit.spread(
            kit.section_title(words.TODAY_NEXT),
            kit.text_link(words.TODAY_ALL, href=COURSES),
        ),
        kit.table(
            words.LIST_CAPTION,
            course_columns(has_state=False),
            rx.foreach(TodayState.next_courses, _next_course),
            data_testid="next-courses",
        ),
    )
    nothing = kit.empty_state(
        "book-open",
        words.TODAY_NOTHING,
        "",
        rx.cond(TodayState.may_write, kit.link_button(words.LIST_NEW, f"{COURSES}/new")),
    )
    return rx.cond(TodayState.next_courses.length() > 0, table, nothing)


def _next_course(course: rx.Var[ManagedCourseRow]) -> rx.Component:
    return kit.table_row(*course_cells(course, has_state=False))


def ready_to_sell() -> rx.Component:
    """Return the points to do before a school can sell."""
    ready = TodayState.ready
    return kit.stack(
        ready_points(ready, _terms_action),
        kit.live_region(
            rx.cond(TodayState.are_terms_shown, kit.notice(ready.terms, "info")),
            linked_notice(TodayState.notice),
        ),
    )


def _terms_action(point: rx.Var[ReadyRow]) -> rx.Component:
    is_terms = (point.name == "terms") & ~TodayState.are_terms_shown
    return rx.cond(is_terms, _terms_button())


def _terms_button() -> rx.Component:
    return token_button(
        i18n.manage.READY_TERMS_BUTTON,
        on_press=TodayState.terms_clicked,
        class_name=kit.link_like_class(),
        data_testid="terms",
    )


PAGE = Page(
    route="/manage",
    build=today,
    title=manage_title(TodayState, i18n.manage.TODAY_TITLE),
    state=TodayState,
    is_public=False,
)
