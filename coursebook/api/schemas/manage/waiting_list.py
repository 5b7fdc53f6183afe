"""Request and response bodies of the waiting list on the operator's side."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import ResponseModel
from coursebook.api.schemas.waiting_list import MAX_NOTE_LENGTH
from coursebook.domain.external_text import MAX_ADDRESS_LENGTH
from coursebook.domain.waiting_list.entry import EntryState
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.services.waiting_list.entry_changes import MAX_WHY_LENGTH
from coursebook.services.waiting_list.managed_lists import NewWaiting

LINE = r"^[^\x00]*$"


class NewWaitingPerson(BaseModel):
    """An account that is put on the list: `user_id`, or its e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_id: str = Field(default="", max_length=ID_LENGTH)
    email: str = Field(default="", max_length=MAX_ADDRESS_LENGTH)
    note: str = Field(default="", max_length=MAX_NOTE_LENGTH, pattern=LINE)

    @property
    def person(self) -> NewWaiting:
        """The same values for the services."""
        return NewWaiting(**self.model_dump())


class PlaceOffer(BaseModel):
    """An offer out of order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_more: bool = Field(default=False, description="Make one place more if the course is full.")


class MoveToFront(BaseModel):
    """Why somebody is served next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(min_length=1, max_length=MAX_WHY_LENGTH, pattern=LINE)


class WaitingPerson(ResponseModel):
    """An entry as the school sees it."""

    id: str
    name: str
    email: str = Field(description="Empty for those who may not see contact data.")
    state: EntryState
    position: int | None = Field(description="1 is served next; null when a place is offered.")
    joined_at: datetime
    note: str
    is_first_by_school: bool = Field(description="The school moved this person to the front.")
    booking_id: str | None
    offered_at: datetime | None
    offer_until: datetime | None = Field(description="Until then the place is kept.")


class ManagedWaitingList(ResponseModel):
    """Offered places first, then those who wait, in their order."""

    course_id: str
    title: str
    timezone: str
    starts_at: datetime
    capacity: int = Field(ge=1)
    seats_left: int = Field(ge=0)
    has_waiting_list: bool
    is_list_open: bool = Field(description="Whether people can join, and places are offered.")
    closes_at: datetime = Field(description="Six hours before the start.")
    turn_ends_at: datetime | None = Field(
        description="Until when a place would be kept that became free now."
    )
    turn_minutes: int = Field(description="How long a place is offered, long before the start.")
    waiting: int = Field(ge=0)
    items: list[WaitingPerson]
