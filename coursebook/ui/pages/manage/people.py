"""`/manage/courses/{id}/people`: who is coming to a course, and what they paid."""

import reflex as rx

from coursebook.domain.booking import RosterList
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.kit.address import REMOVES
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.people import NAMES, PersonRow
from coursebook.ui.states.manage.people import PeopleState

COURSES = "/manage/courses"


def people() -> rx.Component:
    """Return the page."""
    words = i18n.manage
    return layout.manage_page(
        "courses",
        PeopleState,
        kit.stack(
            kit.page_head(
                words.PEOPLE_TITLE,
                crumb=words.COURSES_TITLE,
                crumb_href=COURSES,
                meta=kit.quiet(PeopleState.course_title),
            ),
            _filters(),
            linked_notice(PeopleState.notice),
            kit.answer_of(
                rx.cond(PeopleState.empty == "", _table(), _empty()),
                answered_query=PeopleState.answered_query,
                names=NAMES,
            ),
            gap="lg",
        ),
    )


def _filters() -> rx.Component:
    words, chosen = i18n.manage, PeopleState.filters.list
    search = kit.search_field(
        words.PEOPLE_SEARCH,
        words.PEOPLE_SEARCH,
        "people-search",
        name="q",
        default_value=PeopleState.filters.q,
    )
    choices = [kit.segment(words.PEOPLE_ALL, "list", "", chosen), *map(_choice, RosterList)]
    return kit.address_form(
        kit.search_row(search, kit.segments(words.PEOPLE_LISTS, *choices)),
        action=PeopleState.shown_path,
        names=NAMES,
        applied=PeopleState.applied,
        answered_query=PeopleState.answered_query,
        aria_label=words.PEOPLE_SEARCH,
    )


def _choice(listed: RosterList) -> rx.Component:
    text = kit.count_beside(i18n.manage.PEOPLE_LIST[listed.value], PeopleState.counts[listed.value])
    choice = kit.segment(text, "list", listed.value, PeopleState.filters.list)
    return rx.cond(PeopleState.sees_money, choice) if listed is RosterList.OWES else choice


def _table() -> rx.Component:
    words = i18n.manage
    column = words.PEOPLE_COLUMN
    return kit.stack(
        kit.table(
            words.PEOPLE_CAPTION,
            [
                kit.table_column(column["name"]),
                kit.table_column(column["status"], width="when"),
                kit.table_column(column["booked"], width="when"),
            ],
            rx.foreach(PeopleState.rows, _row),
            data_testid="people",
        ),
        kit.spread(
            kit.live_region(kit.small(PeopleState.count)),
            rx.cond(
                PeopleState.has_more,
                kit.button(
                    words.LIST_MORE,
                    look="secondary",
                    on_click=PeopleState.more_clicked,
                    data_testid="more",
                ),
            ),
        ),
    )


def _row(person: rx.Var[PersonRow]) -> rx.Component:
    status = rx.match(
        person.tone,
        ("bad", kit.badge(person.status, tone="bad")),
        ("warn", kit.badge(person.status, tone="warn")),
        kit.quiet(person.status),
    )
    return kit.table_row(
        kit.name_cell(person.name, below=person.email),
        kit.cell(rx.el.span(status, " ", kit.strong(person.amount)), card="start"),
        kit.cell(kit.quiet(person.booked), card="end"),
        key=person.id,
    )


def _empty() -> rx.Component:
    clear = kit.link_button(
        i18n.manage.CLEAR_SEARCH,
        PeopleState.shown_path,
        look="secondary",
        custom_attrs={REMOVES: "q"},
    )
    return kit.empty_state(
        "users",
        PeopleState.empty,
        "",
        rx.cond(PeopleState.filters.q != "", clear),
        data_testid="no-people",
    )


PAGE = Page(
    route=f"{COURSES}/[course_key]/people",
    build=people,
    title=manage_title(PeopleState, i18n.manage.PEOPLE_TITLE),
    state=PeopleState,
    is_public=False,
)
