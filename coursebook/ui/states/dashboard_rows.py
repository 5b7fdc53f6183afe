"""The filters of the dashboard, as its address has them, and the rows that it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from coursebook.domain.booking import BookingStatus
from coursebook.services.bookings.dashboard import BookingSearch
from coursebook.services.views import BookingStory, SectionView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import timeline
from coursebook.ui.presenters.rows import BookingRow, SectionRow
from coursebook.wiring import services

STATUSES = tuple(status.value for status in BookingStatus)


@dataclass(frozen=True)
class Filters:
    """The filters in the address of the dashboard."""

    status: str = ""
    q: str = ""

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def criteria(self) -> BookingSearch:
        """The filters as the service takes them."""
        return BookingSearch(self.q, BookingStatus(self.status) if self.status else None)


NAMES = tuple(field.name for field in fields(Filters))
"""The names in the address, in their order."""


def filters_of(query: Mapping[str, str]) -> Filters:
    """Return the filters in the query of an address; invalid values are ignored."""
    status = query.get("status", "")
    q = (validation.text(query.get("q"), 200) or "").strip()
    return Filters(status if status in STATUSES else "", q)


def section_row(section: SectionView, language: str) -> SectionRow:
    """Return a section with its first bookings."""
    return SectionRow(
        name=section.section.value,
        title=i18n.of(language).SECTION[section.section],
        count=str(section.total),
        bookings=rows_of(section.items, language),
        has_more=section.next_cursor is not None,
    )


def changes_announcement(
    before: Sequence[SectionRow], after: Sequence[SectionRow], language: str
) -> str:
    """Return the announcement of changes to bookings that are shown, or ""."""
    words = i18n.of(language).LIVE_BOOKING
    was = {row.id: row.status_words for section in before for row in section.bookings}
    return " ".join(
        words[row.status].format(title=row.title, status=row.status_words)
        for section in after
        for row in section.bookings
        if was.get(row.id, row.status_words) != row.status_words
    )


def rows_of(stories: Sequence[BookingStory], language: str) -> list[BookingRow]:
    """Return the cards of these bookings as of now."""
    now, hold = services().clock(), services().context.hold
    return [timeline.booking_entry(story, now, hold, language) for story in stories]
