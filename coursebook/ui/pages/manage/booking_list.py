"""`/manage/bookings`: bookings of all courses, with a search."""

import reflex as rx

from coursebook.domain.booking import SeatState
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.kit.address import REMOVES
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.presenters.manage.booking_list import NAMES, BookingListRow
from coursebook.ui.states.manage.booking_list import BookingListState
from coursebook.ui.states.session import SessionState


def booking_list() -> rx.Component:
    """Return the page."""
    words = i18n.manage
    return layout.manage_page(
        "bookings",
        BookingListState,
        kit.stack(
            kit.page_head(words.AREA["bookings"]),
            _filters(),
            linked_notice(BookingListState.notice),
            kit.answer_of(
                rx.cond(BookingListState.empty == "", _table(), _empty()),
                answered_query=BookingListState.answered_query,
                names=NAMES,
            ),
            gap="lg",
        ),
    )


def _filters() -> rx.Component:
    words, chosen = i18n.manage, BookingListState.filters.place
    search = kit.search_field(
        words.BOOKING_SEARCH,
        rx.cond(
            BookingListState.sees_contacts, words.BOOKING_SEARCH_HINT, words.BOOKING_SEARCH_NAME
        ),
        "booking-search",
        name="q",
        default_value=BookingListState.filters.q,
    )
    places = [
        kit.segment(words.BOOKING_PLACE[place.value], "place", place.value, chosen)
        for place in (SeatState.CONFIRMED, SeatState.HELD, SeatState.CANCELLED, SeatState.EXPIRED)
    ]
    everything = kit.segment(words.PEOPLE_ALL, "place", "", chosen)
    return kit.address_form(
        kit.search_row(search, kit.segments(words.BOOKING_PLACES, everything, *places)),
        action=BookingListState.shown_path,
        names=NAMES,
        applied=BookingListState.applied,
        answered_query=BookingListState.answered_query,
        aria_label=words.BOOKING_SEARCH,
    )


def _table() -> rx.Component:
    words = i18n.manage
    column = words.BOOKING_COLUMN
    more = kit.button(
        words.LIST_MORE,
        look="secondary",
        on_click=BookingListState.more_clicked,
        data_testid="more",
    )
    return kit.stack(
        kit.table(
            words.BOOKING_CAPTION,
            [
                kit.table_column(column["person"]),
                kit.table_column(column["course"]),
                kit.table_column(column["status"], width="when"),
                kit.table_column(column["booked"], width="sum", shown_from="wide"),
                kit.table_column(column["number"], width="sum", shown_from="wide"),
            ],
            rx.foreach(BookingListState.rows, _row),
            data_testid="bookings",
        ),
        kit.spread(
            kit.live_region(kit.small(BookingListState.count)),
            rx.cond(BookingListState.has_more, more),
        ),
    )


def _row(row: rx.Var[BookingListRow]) -> rx.Component:
    person = row.person
    status = kit.state_word(person.status, person.tone, kit.sum_beside(person.amount, person.more))
    return kit.table_row(
        kit.title_cell(person.name, person.href, below=person.email),
        kit.cell(
            kit.text_link(
                row.course, href=row.people_href, lang=SessionState.courses_language, dir="auto"
            ),
            card="start",
        ),
        kit.cell(status, card="end"),
        kit.cell(kit.quiet(person.booked), shown_from="wide"),
        kit.cell(kit.quiet(person.number), shown_from="wide"),
        key=person.id,
    )


def _empty() -> rx.Component:
    clear = kit.link_button(
        i18n.manage.CLEAR_SEARCH,
        BookingListState.shown_path,
        look="secondary",
        custom_attrs={REMOVES: "q"},
    )
    return kit.empty_state(
        "ticket",
        BookingListState.empty,
        "",
        rx.cond(BookingListState.filters.q != "", clear),
        data_testid="no-bookings",
    )


PAGE = Page(
    route=PATHS["bookings"],
    build=booking_list,
    title=manage_title(BookingListState, i18n.manage.AREA["bookings"]),
    state=BookingListState,
    is_public=False,
)
