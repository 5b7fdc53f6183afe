"""Bookings of all courses: their filters in the address, and their rows in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from coursebook.domain.booking import SeatState
from coursebook.services.manage.roster import MAX_WORDS
from coursebook.services.operators.booking_search import BookingQuery, FoundBooking
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.people import PersonRow, person_row

NAMES = ("place", "q")
"""The fields of the address, in their order."""
PAGE_SIZE = 50


@dataclass(frozen=True)
class BookingFilters:
    """The query of the page. Empty values: every booking, no search."""

    place: str = ""
    q: str = ""

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}

    def to_query(self, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> BookingQuery:
        """Return the filters as the service takes them."""
        place = SeatState(self.place) if self.place else None
        return BookingQuery(q=self.q, place=place, limit=limit, cursor=cursor)


def booking_filters_of(parameters: Mapping[str, str]) -> BookingFilters:
    """Return the filters of a query; an invalid value counts as empty."""
    place = parameters.get("place", "")
    words = validation.text(parameters.get("q", ""), MAX_WORDS) or ""
    return BookingFilters(place=place if place in list(SeatState) else "", q=words.strip())


@dataclass(frozen=True)
class BookingListRow:
    """One booking in the list: its person as in a roster, and its course."""

    person: PersonRow = field(default_factory=PersonRow)
    course: str = ""
    people_href: str = ""


def booking_list_row(found: FoundBooking, now: datetime, language: str) -> BookingListRow:
    """Return one booking in words."""
    return BookingListRow(
        person=person_row(found.person, found.timezone, now, language),
        course=found.course_title,
        people_href=f"/manage/courses/{found.course_id}/people",
    )


def booking_count_words(shown: int, has_more: bool, language: str) -> str:
    """Return how many bookings are shown."""
    words = i18n.manage_of(language)
    return say.counted(shown, words.FIRST_BOOKINGS if has_more else words.BOOKINGS_SHOWN, language)


def no_booking_words(filters: BookingFilters, language: str) -> str:
    """Return the sentence of a list without bookings."""
    words = i18n.manage_of(language)
    return str(words.NO_HIT.format(words=filters.q) if filters.q else words.NO_BOOKINGS)
