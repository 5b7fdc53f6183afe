"""`/manage/courses`: the courses of the school."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.managed_courses import course_cells, course_columns
from coursebook.ui.components.ready_to_sell import ready_points
from coursebook.ui.kit.address import REMOVES
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.course_list import NAMES, ManagedCourseRow
from coursebook.ui.states.manage.course_list import ACTS, ManagedCoursesState

PATH = "/manage/courses"
NEW = f"{PATH}/new"
LISTS = ("upcoming", "drafts", "past", "cancelled", "archived")
"""The lists; the first one is not written to the address."""
SIGNS = {
    "open": "lock-open",
    "close": "lock",
    "unpublish": "eye-off",
    "archive": "archive",
    "restore": "archive-restore",
}
COMMANDS = {"samples": "coursebook seed", "file": "coursebook courses import FILE"}


def course_list() -> rx.Component:
    """Return the page."""
    return layout.manage_page(
        "courses",
        ManagedCoursesState,
        rx.cond(ManagedCoursesState.face == "none", _none(), _list()),
    )


def _list() -> rx.Component:
    new = rx.cond(ManagedCoursesState.may_write, _new_course())
    return kit.stack(
        kit.page_head(i18n.manage.COURSES_TITLE, new),
        _filters(),
        linked_notice(ManagedCoursesState.notice),
        rx.cond(ManagedCoursesState.read_as != "", kit.notice(ManagedCoursesState.read_as, "info")),
        kit.answer_of(
            rx.match(
                ManagedCoursesState.face,
                ("rows", _table()),
                ("no_hit", _no_hit()),
                _nothing(),
            ),
            answered_query=ManagedCoursesState.answered_query,
            names=NAMES,
        ),
        gap="lg",
    )


def _new_course() -> rx.Component:
    return kit.link_button(kit.with_sign("plus", i18n.manage.LIST_NEW), NEW)


def _filters() -> rx.Component:
    chosen = ManagedCoursesState.filters.list
    search = kit.search_field(
        i18n.manage.LIST_SEARCH,
        i18n.manage.LIST_SEARCH,
        "course-search",
        name="q",
        default_value=ManagedCoursesState.filters.q,
    )
    choices = [
        kit.segment(
            kit.count_beside(i18n.manage.LIST[name], ManagedCoursesState.counts[name]),
            "list",
            "" if name == LISTS[0] else name,
            chosen,
        )
        for name in LISTS
    ]
    return kit.address_form(
        kit.search_row(search, kit.segments(i18n.manage.LIST_LABEL, *choices)),
        action=PATH,
        names=NAMES,
        applied=ManagedCoursesState.applied,
        answered_query=ManagedCoursesState.answered_query,
        aria_label=i18n.manage.LIST_SEARCH,
    )


def _table() -> rx.Component:
    column = i18n.manage.COLUMN
    return kit.stack(
        kit.table(
            i18n.manage.LIST_CAPTION,
            [
                *course_columns(),
                rx.cond(
                    ManagedCoursesState.sees_money,
                    kit.table_column(
                        column["received"], is_end=True, shown_from="wide", width="sum"
                    ),
                ),
                kit.table_column(column["actions"], width="menu", is_hidden=True),
            ],
            rx.foreach(ManagedCoursesState.rows, _row),
            data_testid="managed-courses",
        ),
        kit.spread(
            kit.live_region(kit.small(ManagedCoursesState.count, " · ", i18n.manage.LIST_NOTE)),
            rx.cond(
                ManagedCoursesState.has_more,
                kit.button(
                    i18n.manage.LIST_MORE,
                    look="secondary",
                    on_click=ManagedCoursesState.more_clicked,
                    data_testid="more",
                ),
            ),
        ),
    )


def _row(course: rx.Var[ManagedCourseRow]) -> rx.Component:
    received = kit.cell(course.received, is_end=True, shown_from="wide")
    return kit.table_row(
        *course_cells(course),
        rx.cond(ManagedCoursesState.sees_money, received),
        kit.cell(_menu(course), card="menu"),
    )


def _menu(course: rx.Var[ManagedCourseRow]) -> rx.Component:
    words = i18n.manage.MENU
    return kit.row_menu(
        course.menu_label,
        course.menu_id,
        rx.cond(
            course.people_href != "", kit.menu_link("users", words["people"], course.people_href)
        ),
        rx.cond(course.may_edit, kit.menu_link("pencil", words["edit"], course.href)),
        rx.cond(course.may_edit, kit.menu_link("copy", words["duplicate"], course.duplicate_href)),
        rx.cond(
            course.repeat_href != "",
            kit.menu_link("calendar", words["repeat"], course.repeat_href),
        ),
        rx.cond(course.public_href != "", kit.menu_link("eye", words["page"], course.public_href)),
        rx.cond(course.acts.length() > 0, kit.menu_rule()),
        *[rx.cond(course.acts.contains(act), _act(course, act)) for act in ACTS],
        rx.cond(
            course.cancel_href != "",
            kit.menu_link(
                "calendar-x",
                rx.cond(course.is_cancelled, words["report"], words["cancel"]),
                course.cancel_href,
            ),
        ),
    )


def _act(course: rx.Var[ManagedCourseRow], act: str) -> rx.Component:
    return kit.menu_item(
        token_button(
            kit.with_sign(SIGNS[act], i18n.manage.MENU[act]),
            on_press=lambda token: ManagedCoursesState.act_clicked(course.id, act, token),
            class_name=kit.menu_class(),
        )
    )


def _no_hit() -> rx.Component:
    return kit.empty_state(
        "search-x",
        ManagedCoursesState.empty_title,
        "",
        kit.link_button(
            i18n.manage.CLEAR_SEARCH, PATH, look="secondary", custom_attrs={REMOVES: "q"}
        ),
        data_testid="no-courses",
    )


def _nothing() -> rx.Component:
    return kit.empty_state(
        "book-open", ManagedCoursesState.empty_title, "", data_testid="no-courses"
    )


def _none() -> rx.Component:
    """Return the page of a school without any course: the ways to begin, and what is missing."""
    words = i18n.manage
    return kit.stack(
        kit.empty_state("book-open", words.NONE_TITLE, words.NONE_TEXT, is_page=True),
        kit.ways(
            kit.way_row(
                "sparkles",
                words.WAY_NEW_TITLE,
                words.WAY_NEW_TEXT,
                action=kit.link_button(words.LIST_NEW, NEW, wide=True),
            ),
            kit.way_row(
                "copy",
                words.WAY_SAMPLES_TITLE,
                words.WAY_SAMPLES_TEXT,
                " ",
                kit.command(COMMANDS["samples"]),
            ),
            kit.way_row(
                "file-text",
                words.WAY_FILE_TITLE,
                words.WAY_FILE_TEXT,
                " ",
                kit.command(COMMANDS["file"]),
            ),
        ),
        kit.reading_width(
            ready_points(ManagedCoursesState.ready),
            kit.text_link(words.READY_ON_TODAY, href="/manage"),
        ),
        gap="lg",
    )


PAGE = Page(
    route=PATH,
    build=course_list,
    title=manage_title(ManagedCoursesState, i18n.manage.COURSES_TITLE),
    state=ManagedCoursesState,
    is_public=False,
)
