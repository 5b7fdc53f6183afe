"""Request and response bodies of check-in and of the report of attendance."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from coursebook.api.schemas.manage.courses import Day
from coursebook.api.schemas.models import Money, ResponseModel
from coursebook.api.schemas.parameters import Text
from coursebook.domain.booking import PaymentStatus
from coursebook.domain.check_in.attendance import AttendanceState, CheckInWay, LineAnswer
from coursebook.persistence.schema.attendance_tables import MAX_CLIENT_ID_LENGTH
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.services.check_in.lines import MAX_LINES
from coursebook.services.check_in.views import CheckInLine

MAX_CODE_LENGTH = 60
_CLIENT_ID = rf"^[A-Za-z0-9_-]{{1,{MAX_CLIENT_ID_LENGTH}}}$"
Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class CheckInMeeting(ResponseModel):
    """A meeting of a course."""

    id: str
    course_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str = Field(description="Empty for online courses.")
    number: int = Field(ge=1, description="Which meeting of the course it is, of `total`.")
    total: int = Field(ge=1)
    price: Money = Field(description="Of the course: what a walk-in pays.")
    is_full: bool
    takes_walk_ins: bool = Field(description="False after the end of the last meeting.")


class Tick(ResponseModel):
    """What is recorded of somebody at the meeting."""

    state: AttendanceState
    at: datetime = Field(description="By the phone's clock if it can be right, else by ours.")
    by: str = Field(description="Who recorded it; empty for the worker.")
    received_at: datetime
    phone_at: datetime | None
    how: CheckInWay
    client_id: str


class SnapshotPerson(ResponseModel):
    """Somebody with a confirmed place."""

    booking_id: str
    number: str = Field(description="The booking's number, such as CB-7K3F9M.")
    name: str
    initials: str
    code_hash: str = Field(description="SHA-256 of the ticket code, in hex.")
    note: str
    tags: list[str]
    payment: PaymentStatus | None = Field(description="Null for those who may not see money.")
    owed: Money | None = Field(description="Null when nothing is owed.")
    kept: Money | None = Field(
        description="What we have of their money, the `expect` of recording more; null for those "
        "who may not see money."
    )
    tick: Tick | None


class Snapshot(ResponseModel):
    """A meeting with everybody who is coming, by name."""

    meeting: CheckInMeeting
    taken_at: datetime
    keep_until: datetime = Field(description="Forget it then: the end of the day there.")
    here: int
    may_add: bool = Field(description="Whether the caller may add a walk-in.")
    may_take_money: bool = Field(description="Whether the caller may record money.")
    people: list[SnapshotPerson]


class AttendanceLine(BaseModel):
    """One line: somebody by booking or by ticket code, and what to record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(
        pattern=_CLIENT_ID, description="Made by the phone, once for each line; a UUID."
    )
    booking_id: str = Field(default="", max_length=ID_LENGTH)
    code: str = Field(default="", max_length=MAX_CODE_LENGTH, description="With or without CB1:.")
    state: AttendanceState
    at: Moment | None = Field(default=None, description="The time on the phone.")
    undoes: str = Field(
        default="",
        max_length=MAX_CLIENT_ID_LENGTH,
        description="With `undone`: the line that it takes back. If somebody else had ticked "
        "first, that tick stays.",
    )

    @property
    def line(self) -> CheckInLine:
        """The same values for the services."""
        return CheckInLine(**self.model_dump())


class AttendanceBatch(BaseModel):
    """Lines in the order in which they were tapped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: list[AttendanceLine] = Field(min_length=1, max_length=MAX_LINES)


class LineResult(ResponseModel):
    """What became of one line."""

    client_id: str
    answer: LineAnswer
    booking_id: str = Field(description="Empty for somebody unknown here.")
    tick: Tick | None = Field(description="What is recorded now.")
    reason: Literal["", "another_course", "no_place", "state"] = Field(
        description="Why a line is not allowed."
    )


class AttendanceAnswer(ResponseModel):
    """One answer for each line, in their order."""

    lines: list[LineResult]


class DayMeeting(ResponseModel):
    """A meeting of today, and how many people are here."""

    meeting: CheckInMeeting
    here: int
    coming: int


class DayMeetings(ResponseModel):
    """The meetings of today that the caller may check people in for."""

    items: list[DayMeeting]


class AttendanceParameters(BaseModel):
    """The days and the course of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_day: Day | None = Field(default=None, alias="from", description="The first day.")
    last_day: Day | None = Field(default=None, alias="to", description="The last day.")
    course: Text = Field(default="", max_length=ID_LENGTH, description="Only this course, by id.")


class AttendanceOfPerson(ResponseModel):
    """How often somebody came."""

    booking_id: str
    number: str
    name: str | None = Field(description="Null for those who may not see people.")
    present: int
    absent: int
    excused: int


class AttendanceOfCourse(ResponseModel):
    """The attendance at the meetings of a course that have begun."""

    course_id: str
    title: str
    starts_at: datetime
    timezone: str
    meetings: int
    expected: int = Field(description="People who are coming, once for each meeting.")
    present: int
    absent: int
    excused: int
    unrecorded: int
    people: list[AttendanceOfPerson]


class AttendanceTotals(ResponseModel):
    """The sums over all courses."""

    meetings: int = 0
    expected: int = 0
    present: int = 0
    absent: int = 0
    excused: int = 0
    unrecorded: int = 0


class AttendanceReport(ResponseModel):
    """The attendance of courses within some days."""

    first_day: date
    last_day: date
    timezone: str = Field(description="The zone of the school, in which the days are.")
    items: list[AttendanceOfCourse]
    totals: AttendanceTotals
