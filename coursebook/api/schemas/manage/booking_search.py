"""Response and parameters of the search over all bookings."""

from pydantic import Field

from coursebook.api.schemas.manage.people import RosterPerson
from coursebook.api.schemas.models import NextCursor, ResponseModel
from coursebook.api.schemas.parameters import PageParameters, Text
from coursebook.domain.booking import SeatState
from coursebook.services.manage.roster import MAX_WORDS


class BookingSearchParameters(PageParameters):
    """Words, filter and page of the search."""

    q: Text = Field(
        default="",
        max_length=MAX_WORDS,
        description="The beginnings of names or mail addresses, a booking number, the number of a "
        "receipt, or the id of a payment (`pi_…`), a payment page (`cs_…`) or a refund (`re_…`) at "
        "Stripe.",
    )
    place: SeatState | None = Field(default=None, description="Only bookings in this state.")


class FoundBooking(ResponseModel):
    """A booking with its course. What the caller may not see of the person is null."""

    person: RosterPerson
    course_id: str
    course_title: str
    timezone: str = Field(description="The zone of the course.")


class FoundBookings(ResponseModel):
    """One page of bookings, the newest first."""

    items: list[FoundBooking]
    next_cursor: NextCursor
