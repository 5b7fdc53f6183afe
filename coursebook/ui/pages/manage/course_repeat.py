"""`/manage/courses/{id}/repeat`: repeat a course on other dates."""

import reflex as rx

from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.course_repeat import RepeatRow, WeekdayRow
from coursebook.ui.states.manage.course_repeat import CourseRepeatState
from coursebook.ui.states.session import SessionState

COURSES = "/manage/courses"
NOTICE, LIST, DATES = "repeat-notice", "repeat-list", "repeat-dates"


def course_repeat() -> rx.Component:
    """Return the page."""
    return layout.manage_page("courses", CourseRepeatState, _content())


def _content() -> rx.Component:
    words, head = i18n.manage, CourseRepeatState.head
    edit = f"{COURSES}/" + head.course_id + "/edit"
    return kit.stack(
        kit.page_head(words.REPEAT_TITLE, crumb=head.title, crumb_href=edit, below=head.below),
        kit.reading_width(
            kit.stack(
                kit.body(words.REPEAT_TEXT, tone="soft"),
                _notice(),
                rx.cond(
                    head.why_not != "",
                    kit.notice(head.why_not, "info"),
                    kit.stack(_rule(), _dates(), gap="xl"),
                ),
                gap="lg",
            )
        ),
        gap="lg",
    )


def _notice() -> rx.Component:
    return kit.focus_target(
        kit.stack(
            linked_notice(CourseRepeatState.notice),
            rx.cond(
                CourseRepeatState.list_href != "",
                kit.text_link(i18n.manage.REPEAT_TO_LIST, href=CourseRepeatState.list_href),
            ),
            gap="sm",
        ),
        kit.focus_on(rx.Var.create(NOTICE), CourseRepeatState.notice_stamp),
        id=NOTICE,
    )


def _rule() -> rx.Component:
    """Return the form of the rule. Its fields keep what was typed, whatever is answered."""
    words, head = i18n.manage, CourseRepeatState.head
    return token_form(
        kit.tick_row(
            words.REPEAT_DAYS,
            "weekdays",
            rx.foreach(CourseRepeatState.weekdays, _weekday),
            error=_problem("weekdays"),
        ),
        kit.field_row(
            kit.date_field(
                words.REPEAT_FIRST,
                "first",
                name="first",
                default_value=head.first,
                error=_problem("first"),
            ),
            kit.date_field(
                words.REPEAT_LAST,
                "last",
                name="last",
                default_value=head.last,
                error=_problem("last"),
            ),
            kit.time_field(
                words.REPEAT_TIME,
                "time",
                name="time",
                default_value=head.time,
                error=_problem("time"),
            ),
        ),
        kit.inline(
            kit.button(
                words.REPEAT_SHOW,
                look="secondary",
                type="submit",
                data_testid="show-dates",
            )
        ),
        on_send=CourseRepeatState.dates_asked,
        busy=CourseRepeatState.is_busy,
        class_name=kit.form_class(),
        key=SessionState.viewer + head.course_id,
    )


def _weekday(weekday: rx.Var[WeekdayRow]) -> rx.Component:
    return kit.short_tick(
        weekday.text,
        weekday.name,
        name=weekday.name,
        default_checked=weekday.is_chosen,
        key=weekday.name,
    )


def _dates() -> rx.Component:
    words, dates = i18n.manage, CourseRepeatState.dates
    publish = kit.button(
        CourseRepeatState.publish_words,
        type="submit",
        name="act",
        value="publish",
        data_testid="publish-dates",
    )
    form = token_form(
        kit.tick_list(
            words.REPEAT_DATES,
            DATES,
            kit.small(words.REPEAT_UNTICK),
            rx.foreach(dates, _date),
        ),
        kit.inline(
            rx.cond(CourseRepeatState.may_publish, publish),
            kit.button(
                CourseRepeatState.add_words,
                look="secondary",
                type="submit",
                name="act",
                value="drafts",
                data_testid="add-drafts",
            ),
            gap="md",
        ),
        on_send=CourseRepeatState.repeat_sent,
        busy=CourseRepeatState.is_busy,
        class_name=kit.form_class(),
        data_testid="repeat-form",
    )
    return kit.focus_target(
        rx.cond(dates.length() > 0, form),
        kit.focus_on(rx.Var.create(LIST), CourseRepeatState.shown_stamp),
        id=LIST,
    )


def _date(row: rx.Var[RepeatRow]) -> rx.Component:
    return kit.tick(
        row.text,
        row.note,
        row.name,
        name=row.name,
        default_checked=row.is_chosen,
        disabled=row.is_blocked,
        on_change=lambda is_chosen: CourseRepeatState.date_ticked(row.day, is_chosen),
        key=row.name + CourseRepeatState.shown_stamp.to(str),
    )


def _problem(name: str) -> rx.Var[str]:
    problems = CourseRepeatState.problems
    return rx.cond(problems.contains(name), problems[name], "")


PAGE = Page(
    route=f"{COURSES}/[course_key]/repeat",
    build=course_repeat,
    title=manage_title(CourseRepeatState, i18n.manage.REPEAT_TITLE),
    state=CourseRepeatState,
    is_public=False,
)
