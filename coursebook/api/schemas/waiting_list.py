"""Request and response bodies of the waiting list, for people who wait."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import Course, ResponseModel
from coursebook.domain.waiting_list.entry import EntryState

MAX_NOTE_LENGTH = 300


class Joining(BaseModel):
    """A wish to wait for a place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = Field(
        default="",
        max_length=MAX_NOTE_LENGTH,
        pattern=r"^[^\x00]*$",
        description="What the school should know.",
    )


class WaitingEntry(ResponseModel):
    """A person's own entry of a waiting list."""

    id: str
    course: Course
    state: EntryState
    position: int | None = Field(description="1 is served next; null unless `state` is `waiting`.")
    joined_at: datetime
    note: str
    booking_id: str | None = Field(description="The booking of the place that was offered.")
    offer_until: datetime | None = Field(description="Until then the place is kept.")


class WaitingEntries(ResponseModel):
    """What a person waits for, and the places that are offered to them."""

    items: list[WaitingEntry]
