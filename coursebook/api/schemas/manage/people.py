"""Responses and parameters of the people of a course."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import Money, NextCursor, ResponseModel
from coursebook.api.schemas.parameters import PageParameters, Text
from coursebook.domain.booking import PaymentStatus, RosterList, SeatState
from coursebook.services.manage.roster import MAX_WORDS


class _Filters(BaseModel):
    """Which people. All filters must match."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: RosterList | None = Field(
        default=None,
        description="Without it everybody who is coming or paying. `owes`: coming, and has paid "
        "less than the price; only with the right to see money.",
    )
    q: Text = Field(
        default="",
        max_length=MAX_WORDS,
        description="Part of a name or mail address, or the end of a booking number.",
    )


class ExportParameters(_Filters):
    """Which people are in the file."""


class PeopleParameters(PageParameters, _Filters):
    """Filters and order of a roster. All filters must match."""

    sort: Literal["booked", "name"] = Field(
        default="booked", description="`booked`: booked last first."
    )


class RosterPerson(ResponseModel):
    """A person with a booking. What the caller may not see is null."""

    booking_id: str
    number: str = Field(description="The number that people use; not unique.")
    name: str
    email: str | None
    place: SeatState
    payment_status: PaymentStatus | None
    price: Money | None
    received: Money | None = Field(description="What you have of it now, after refunds.")
    booked_at: datetime


class RosterCounts(ResponseModel):
    """How many people are on each list; 10,000 stands for more than 9,999."""

    coming: int = Field(ge=0)
    paying: int = Field(ge=0)
    owes: int | None = Field(default=None, ge=0, description="Null without the right.")
    cancelled: int = Field(ge=0)


class PeopleList(ResponseModel):
    """One page of people."""

    items: list[RosterPerson]
    next_cursor: NextCursor
    counts: RosterCounts
