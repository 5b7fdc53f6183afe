"""Responses and parameters of the people of a course."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import Money, NextCursor, ResponseModel
from coursebook.api.schemas.parameters import PageParameters, Text
from coursebook.domain.booking import PaymentStatus, RosterList, SeatState
from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.errors import FieldError, Invalid
from coursebook.services.manage.roster import MAX_IDS, MAX_WORDS, RosterQuery


class _Filters(BaseModel):
    """Which people. All filters must match."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: RosterList | None = Field(
        default=None,
        description="Without it everybody who is coming or paying. `owes`: coming, and has paid "
        "less than the price; only with the right to see money. `waiting`: on the waiting list "
        "without an offer, in its order whatever `sort` says.",
    )
    q: Text = Field(
        default="",
        max_length=MAX_WORDS,
        description="Words, each of them part of a name or mail address, or the end of a booking "
        "number. Accents and capitals do not matter.",
    )


class ExportParameters(_Filters):
    """Which people are in the file."""

    ids: str = Field(
        default="",
        max_length=MAX_IDS * 41,
        pattern=r"^[A-Za-z0-9_,]*$",
        description=f"Ids of bookings, separated by commas, at most {MAX_IDS}: only these, on any "
        "list.",
    )

    def to_query(self) -> RosterQuery:
        """Return the filters as the service takes them. Raises Invalid for too many ids."""
        ids = tuple(self.ids.split(",")) if self.ids else ()
        if len(ids) > MAX_IDS:
            raise Invalid([FieldError("/ids", f"Choose at most {MAX_IDS} bookings.")])
        return RosterQuery(listed=self.state, q=self.q, ids=ids)


class PeopleParameters(PageParameters, _Filters):
    """Filters and order of a roster. All filters must match."""

    sort: Literal["booked", "name", "payment"] = Field(
        default="booked",
        description="`booked`: booked last first. `payment`: who owes, who is paying, all others, "
        "each by name; only with the right to see money.",
    )


class AttendanceMark(ResponseModel):
    """What is recorded of a person at a meeting."""

    state: AttendanceState
    at: datetime = Field(description="Since when, by the phone's clock if it can be right.")


class BegunMeeting(ResponseModel):
    """A meeting that began, or begins today."""

    id: str
    starts_at: datetime
    number: int = Field(ge=1, description="Which meeting of the course it is, of `total`.")
    total: int = Field(ge=1)


class RosterPerson(ResponseModel):
    """A person with a booking, or one who waits for a place. What may not be seen is null."""

    booking_id: str | None = Field(description="Null for somebody who waits.")
    entry_id: str | None = Field(description="The entry of the waiting list of who waits.")
    position: int | None = Field(ge=1, description="The number on the waiting list; 1 is next.")
    number: str = Field(description="The number that people use; not unique.")
    name: str = Field(description="The name of who takes part.")
    booked_by: str = Field(description="Who booked, when that is somebody else.")
    email: str | None
    place: SeatState | None = Field(description="Null for somebody who waits.")
    payment_status: PaymentStatus | None
    price: Money | None
    received: Money | None = Field(description="What you have of it now, after refunds.")
    owed: Money | None = Field(description="What somebody who is coming has still to pay.")
    note: str = Field(
        description="What the school wrote down; the student never gets it. Of who waits what they "
        "wrote on joining."
    )
    tags: list[str] = Field(description="Words of the school. The student never gets them.")
    has_failed_mail: bool = Field(
        description="The last mail to them could not be sent. False without the right to see "
        "contacts."
    )
    attendance: AttendanceMark | None = Field(
        description="At `meeting` of the answer; null when nothing is recorded."
    )
    times_here: int = Field(ge=0, description="At how many of the meetings so far they were.")
    booked_at: datetime
    held_until: datetime | None = Field(description="How long a place that is not paid is kept.")


class RosterCounts(ResponseModel):
    """How many people are on each list; 10,000 stands for more than 9,999."""

    coming: int = Field(ge=0)
    paying: int = Field(ge=0)
    owes: int | None = Field(default=None, ge=0, description="Null without the right.")
    waiting: int = Field(ge=0)
    cancelled: int = Field(ge=0)


class PeopleList(ResponseModel):
    """One page of people."""

    items: list[RosterPerson]
    next_cursor: NextCursor
    counts: RosterCounts
    expected: list[Money] | None = Field(
        description="Money by hand that is still to come, one sum for each currency; null without "
        "the right."
    )
    meeting: BegunMeeting | None = Field(
        description="The last meeting that began or begins today: that of `attendance`."
    )
