"""Response and parameters of histories."""

from datetime import datetime

from pydantic import Field

from coursebook.api.schemas.models import Money, NextCursor, ResponseModel
from coursebook.api.schemas.parameters import PageParameters


class HistoryParameters(PageParameters):
    """A page of a history."""


class HistoryBooking(ResponseModel):
    """The booking that a line is about."""

    id: str
    number: str = Field(description="The number that people use; not unique.")
    name: str = Field(description="Who takes part; empty for somebody who may not see people.")


class HistoryLine(ResponseModel):
    """One event."""

    id: int
    at: datetime
    fact: str = Field(description="What happened, such as `confirmed` or `course_edited`.")
    by: str = Field(description="Who did it: `student`, `operator`, `worker` and others.")
    by_name: str = Field(description="Empty for a program.")
    detail: str = Field(description="In English.")
    amount: Money | None
    fields: list[str] = Field(description="What an edit of the course changed.")
    count: int | None = Field(description="The people that the event tells of.")
    course_id: str | None
    booking: HistoryBooking | None


class History(ResponseModel):
    """One page of a history, the newest line first."""

    items: list[HistoryLine]
    next_cursor: NextCursor
