"""Request and response bodies of the courses on the operator's side."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from coursebook.api.schemas.course_fields import declared_values, describe_values
from coursebook.api.schemas.models import Money, NextCursor, ResponseModel
from coursebook.api.schemas.parameters import Integer, PageParameters, Text
from coursebook.domain.course import MAX_CAPACITY, MAX_LENGTHS
from coursebook.domain.course_edits.course_state import CourseList, CourseWord
from coursebook.domain.course_edits.meetings import MAX_MEETINGS
from coursebook.domain.course_edits.offer import USUAL
from coursebook.domain.course_edits.reminder import MAX_LEAD, MIN_LEAD
from coursebook.domain.course_fields import FieldValue
from coursebook.domain.money import MAX_AMOUNT, WHOLE
from coursebook.domain.terms import MAX_HOURS, MAX_STEPS
from coursebook.domain.waiting_list.turn import MAX_MINUTES, MIN_MINUTES
from coursebook.services.manage.course_changes import MAX_REASON_LENGTH
from coursebook.services.manage.course_values import read_moment

Extra = Annotated[
    dict[str, FieldValue | None],
    BeforeValidator(declared_values),
    Field(
        description="The fields that this school adds to its courses.",
        json_schema_extra=describe_values,
    ),
]
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
"""Of what is sent. Only types are checked here; the rules are those of the services."""
MAX_VERSION = 2**31 - 1
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("This must be a day such as 2027-03-14.")


def _day_or_moment(value: object) -> date | datetime | None:
    if value is None or (isinstance(value, str) and _DAY.fullmatch(value)):
        return None if value is None else _day(value)
    try:
        return read_moment(value)
    except ValueError:
        raise ValueError("This must be a day, or a time with its zone.") from None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
FreeUntil = Annotated[
    Any,
    BeforeValidator(_day_or_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
                {"type": "null"},
            ]
        }
    ),
]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class ManagedCourseParameters(PageParameters):
    """Filters and order of the list of courses. All filters must match."""

    state: CourseList = Field(
        default=CourseList.UPCOMING,
        description="`upcoming`: published and not over, `past`: published and over.",
    )
    q: Text = Field(default="", max_length=200, description="Words to search for.")
    teacher: Text = Field(default="", max_length=120, description="Exactly this `instructor`.")
    sort: Literal["starts_at", "starts_at_down", "title", "newest"] | None = Field(
        default=None,
        description="`starts_at`: soonest first (the default of `upcoming`), `starts_at_down`: "
        "latest first, `newest`: latest created first (the default of `drafts`).",
    )


class SentLocation(BaseModel):
    """Where the course takes place. What is missing stays as it is."""

    model_config = _STRICT

    kind: Literal["online", "place"] = "place"
    name: str | None = Field(default=None, description="Public, also for online courses.")
    address: str | None = Field(default=None, description="Needed for a place.")
    join_url: str | None = Field(
        default=None, description="For online courses; only people with a place see it."
    )


class SentPrice(BaseModel):
    """A price in minor units."""

    model_config = _STRICT

    amount: Integer = Field(json_schema_extra={"minimum": 0, "maximum": MAX_AMOUNT})
    currency: str = Field(description="Lower-case ISO 4217.")


class SentMeeting(BaseModel):
    """A meeting. With the `id` of a stored one, that one is changed.

    When no meeting has an `id`, they are taken in turn for the stored ones.
    """

    model_config = _STRICT

    id: str | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class SentTermStep(BaseModel):
    """Until so many hours before the start, this share of the price is given back."""

    model_config = _STRICT

    hours_before: Integer = Field(json_schema_extra={"minimum": 0, "maximum": MAX_HOURS})
    percent: Integer = Field(json_schema_extra={"minimum": 0, "maximum": WHOLE})


def _text(name: str, about: str = "") -> Any:  # noqa: ANN401 - a field of pydantic
    schema: dict[str, Any] = {"maxLength": MAX_LENGTHS[name]}
    return Field(default=None, description=about or None, json_schema_extra=schema)


class CourseFields(BaseModel):
    """The values of a course. What is missing stays as it is, null removes a value."""

    model_config = _STRICT

    title: str | None = _text("title")
    slug: str | None = _text(
        "slug", "The last part of its address. Without one it follows the title."
    )
    summary: str | None = _text("summary")
    description: str | None = _text("description", "Markdown source.")
    category: str | None = _text("category")
    level: str | None = None
    instructor: str | None = _text("instructor", "The teacher's name, as people see it.")
    location: SentLocation | None = None
    timezone: str | None = Field(default=None, description="IANA name.")
    meetings: list[SentMeeting] | None = Field(
        default=None,
        description="All meetings of the course; they must not overlap.",
        json_schema_extra={"maxItems": MAX_MEETINGS},
    )
    starts_at: Moment | None = Field(default=None, description="Start of the only meeting.")
    ends_at: Moment | None = Field(default=None, description="End of the only meeting.")
    price: SentPrice | None = None
    capacity: Integer | None = Field(
        default=None, json_schema_extra={"minimum": 1, "maximum": MAX_CAPACITY}
    )
    terms: list[SentTermStep] = Field(
        default_factory=list,
        description="Earliest step first.",
        json_schema_extra={"maxItems": MAX_STEPS},
    )
    image: str | None = _text("image", "`image` of an uploaded picture.")
    attendee_info: str | None = _text("attendee_info", "What to bring; for people with a place.")
    internal_note: str | None = _text("internal_note", "Only for the people who manage it.")
    booking_closes_at: Moment | None = None
    reminder_minutes: Integer | None = Field(
        default=None,
        description="Minutes before a start at which people get a reminder: 0 for none, or "
        f"{MIN_LEAD} to {MAX_LEAD}. Null: as the school does.",
        json_schema_extra={"minimum": 0, "maximum": MAX_LEAD},
    )
    has_waiting_list: bool | None = Field(
        default=None,
        description="Whether people can wait when it is full; true at first. Switching it off "
        "closes the list and tells those who wait.",
    )
    offer_minutes: Integer | None = Field(
        default=None,
        description="How long a place is offered to somebody who waits, in minutes between 8:00 "
        f"and 22:00: {MIN_MINUTES} to {MAX_MINUTES}. Near the start it is less. Null: as the "
        "school does.",
        json_schema_extra={"minimum": MIN_MINUTES, "maximum": MAX_MINUTES},
    )
    extra: dict[str, FieldValue | None] | None = Field(
        default=None, description="Values of the fields that this school adds to its courses."
    )

    def values(self) -> dict[str, Any]:
        """Return what was sent, for the services."""
        return self.model_dump(exclude_unset=True, include=set(CourseFields.model_fields))


class CourseEdit(CourseFields):
    """An edit. `version` is the one that was seen; it may also come as `If-Match`.

    The others count when people have booked and dates or place change.
    """

    version: Integer | None = Field(default=None, ge=1, le=MAX_VERSION)
    tell: bool = Field(
        default=False,
        description="Send everybody with a place a mail. Needed when the start moves forward.",
    )
    free_cancel_until: FreeUntil = Field(
        default=USUAL,
        description="Until then they may cancel free of charge: a time, or a day in the zone of "
        "the course. Without it 14 days for people who are told; null: not at all.",
    )
    reason: str = Field(
        default="",
        description="In your own words; it stands in the mail.",
        json_schema_extra={"maxLength": MAX_REASON_LENGTH},
    )


class Duplicate(BaseModel):
    """The day of the first meeting of the copy, in the zone of the course."""

    model_config = _STRICT

    starts_on: Day
    title: str | None = _text("title", "The title of the copy, unless it is the same.")


class CourseCounts(ResponseModel):
    """The places of a course, and the money that is kept for it."""

    held: int = Field(ge=0, description="Kept for somebody who has not paid.")
    confirmed: int = Field(ge=0)
    reserved: int = Field(ge=0, description="Those of `held` that are kept until a moment.")
    free: int | None = Field(ge=0, description="Null as long as there is no number of places.")
    waiting: int = Field(ge=0, description="People on the waiting list without an offer.")
    revenue: list[Money] | None = Field(
        description="Received minus given back or on its way back, one sum for each currency. "
        "Null for people who may not see money."
    )


class ManagedLocation(ResponseModel):
    """Where a course takes place, as it was entered."""

    kind: Literal["online", "place"]
    name: str | None
    address: str
    join_url: str


class MissingField(ResponseModel):
    """A value that a draft lacks to be published, or that is wrong for it."""

    pointer: str = Field(description="JSON Pointer into the values of the course.")
    detail: str


class ManagedListCourse(ResponseModel):
    """A course in a list. A value that was not entered yet is null."""

    id: str
    slug: str
    title: str | None
    category: str | None
    level: str | None
    instructor: str | None
    location: ManagedLocation
    starts_at: datetime | None
    ends_at: datetime | None
    timezone: str | None
    price: Money | None
    capacity: int | None
    image: str
    state: CourseWord
    is_archived: bool
    version: int = Field(ge=1, description="Counts the saves; send it with an edit.")
    revision: int = Field(
        ge=1, description="Counts changes of what people are promised: dates, place, price, terms."
    )
    series_id: str | None = Field(description="The same for courses that are dates of one another.")
    meeting_count: int = Field(ge=0, description="Meetings that were not cancelled.")
    missing: list[MissingField] = Field(
        description="What a draft lacks to be published; empty for other courses."
    )
    counts: CourseCounts


class CourseMeeting(ResponseModel):
    """A meeting of a course."""

    id: str | None = Field(description="Null for a course that was never saved with meetings.")
    starts_at: datetime
    ends_at: datetime


class TermsStep(ResponseModel):
    """Until so many hours before the start, this share of the price is given back."""

    hours_before: int
    percent: int


class CourseTeacher(ResponseModel):
    """A person who may see the course as its teacher."""

    user_id: str
    name: str
    email: str


class ManagedCourse(ManagedListCourse):
    """A course with everything that was entered."""

    summary: str | None
    description: str | None
    meetings: list[CourseMeeting]
    terms: list[TermsStep]
    attendee_info: str
    internal_note: str
    extra: Extra
    is_open: bool = Field(description="False while booking is closed by hand.")
    booking_closes_at: datetime | None
    reminder_minutes: int | None = Field(
        description="Minutes before a start at which people get a reminder; 0: never. Null: as "
        "the school does."
    )
    has_waiting_list: bool
    offer_minutes: int | None = Field(
        description="How long a place is offered to somebody who waits. Null: as the school does."
    )
    waiting: int = Field(ge=0, description="People on the waiting list without an offer.")
    teachers: list[CourseTeacher]
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    published_at: datetime | None
    archived_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str


class ManagedCourseList(ResponseModel):
    """One page of courses."""

    items: list[ManagedListCourse]
    next_cursor: NextCursor


class EditedCourse(ManagedCourse):
    """The course after an edit."""

    told: int = Field(ge=0, description="The number of people who get a mail about it.")
