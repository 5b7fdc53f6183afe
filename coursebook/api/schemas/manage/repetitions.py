"""Bodies about a course on other dates."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from coursebook.api.schemas.manage.courses import Day
from coursebook.api.schemas.models import ResponseModel
from coursebook.domain.course_edits.recurrence import MAX_DATES, WEEKDAYS, WeeklyRule
from coursebook.services.manage.repeating.repeat_views import RepeatRequest

MAX_WITHOUT = 366
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)
_TIME = re.compile(r"\d\d:\d\d", re.ASCII)
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _time_of_day(value: object) -> time:
    try:
        if isinstance(value, str) and _TIME.fullmatch(value):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("This must be a time such as 18:30.")


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$", "examples": ["18:30"]}),
]


class SentRule(BaseModel):
    """Some weekdays from the first to the last day, both included."""

    model_config = _STRICT

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    without: list[Day] = Field(
        default_factory=list, max_length=MAX_WITHOUT, description="Days to leave out: holidays."
    )

    def rule(self) -> WeeklyRule:
        """Return it for the services."""
        weekdays = frozenset(WEEKDAYS.index(name) for name in self.weekdays)
        return WeeklyRule(weekdays, self.first, self.last, frozenset(self.without))


class RepeatBody(BaseModel):
    """The days of the first meeting, in the zone of the course: `dates`, or a `rule`."""

    model_config = _STRICT

    dates: list[Day] = Field(default_factory=list, max_length=MAX_DATES)
    rule: SentRule | None = None
    time: TimeOfDay | None = Field(
        default=None,
        description="When the first meeting begins, in the zone of the course. Without it at the "
        "hour of the course.",
    )
    publish: bool = Field(default=False, description="Offer the new dates at once.")
    allow_clashes: bool = Field(default=False, description="Add also dates that clash.")
    dry_run: bool = Field(default=False, description="Only tell what would be added.")

    def request(self) -> RepeatRequest:
        """Return it for the services."""
        return RepeatRequest(
            days=tuple(self.dates),
            rule=self.rule.rule() if self.rule is not None else None,
            time_of_day=self.time,
            is_published=self.publish,
            allows_clashes=self.allow_clashes,
        )


class Clash(ResponseModel):
    """Another course at the same time."""

    kind: Literal["teacher", "place"] = Field(description="What both need.")
    course_id: str | None = Field(description="Null for another date of the same call.")
    title: str
    starts_at: datetime
    ends_at: datetime


class RepeatDate(ResponseModel):
    """One date."""

    day: date
    starts_at: datetime | None = Field(description="Null when the course cannot be on this day.")
    ends_at: datetime | None
    exists: bool = Field(description="The series has this date already; it is not added again.")
    problem: str = Field(description="Why the course cannot be on this day; empty if it can.")
    clashes: list[Clash]
    course_id: str | None = Field(description="The course on this date; null before it is added.")
    slug: str | None


class Repetition(ResponseModel):
    """The dates of a call, earliest first."""

    series_id: str | None = Field(
        description="For `GET /api/courses?series=`; null as long as the course has one date."
    )
    timezone: str = Field(description="IANA name of the zone of the days.")
    added: int = Field(ge=0, description="How many dates were added.")
    dates: list[RepeatDate]
