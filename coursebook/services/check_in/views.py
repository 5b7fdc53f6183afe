"""What check-in returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from coursebook.domain.booking import PaymentStatus
from coursebook.domain.check_in.attendance import AttendanceState, CheckInWay, LineAnswer
from coursebook.services.views import MoneyView


@dataclass(frozen=True)
class CheckInMeeting:
    """A meeting. `number` of `total`: which one of the course it is. `place`: "" for online.

    `price` is that of the course; `takes_walk_ins` is about people who come without a booking.
    """

    id: str
    course_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    number: int
    total: int
    price: MoneyView
    is_full: bool
    takes_walk_ins: bool


@dataclass(frozen=True)
class Tick:
    """What is recorded of somebody: `at` is when they came, by the phone's clock if it fits.

    `by` is the name of who recorded it. `received_at`: when the server heard of it; `phone_at`:
    what the phone said. `client_id`: that of the line that made it so.
    """

    state: AttendanceState
    at: datetime
    by: str
    received_at: datetime
    phone_at: datetime | None
    how: CheckInWay
    client_id: str


@dataclass(frozen=True)
class SnapshotPerson:
    """Somebody with a confirmed place.

    `code_hash` is the SHA-256 of the ticket code. `payment` and `owed` are None for those who may
    not see money.
    """

    booking_id: str
    number: str
    name: str
    initials: str
    code_hash: str
    note: str
    tags: tuple[str, ...]
    payment: PaymentStatus | None
    owed: MoneyView | None
    kept: MoneyView | None
    tick: Tick | None


@dataclass(frozen=True)
class Snapshot:
    """A meeting with everybody who is coming, by name. `keep_until`: the end of its day.

    `may_add`: the person who asks may add a walk-in; `may_take_money`: they may record money.
    """

    meeting: CheckInMeeting
    taken_at: datetime
    keep_until: datetime
    here: int
    may_add: bool
    may_take_money: bool
    people: tuple[SnapshotPerson, ...]


@dataclass(frozen=True)
class CheckInLine:
    """A line of a phone: somebody by booking or by ticket code, and what to record of them.

    `at` is the time on the phone. `undoes`: an undo names the line that it takes back; a tick of
    somebody else then stays.
    """

    client_id: str
    state: AttendanceState
    booking_id: str = ""
    code: str = ""
    at: datetime | None = None
    undoes: str = ""


@dataclass(frozen=True)
class LineResult:
    """What became of a line. `tick` is what is recorded now; `reason` says why it was refused.

    reason: `another_course`, `no_place` (cancelled, or not paid yet) or `state`.
    """

    client_id: str
    answer: LineAnswer
    booking_id: str = ""
    tick: Tick | None = None
    reason: str = ""


@dataclass(frozen=True)
class MeetingOfDay:
    """A meeting of a day, with how many people of how many are here, or were absent."""

    meeting: CheckInMeeting
    here: int
    coming: int
    absent: int = 0


@dataclass(frozen=True)
class AttendanceOfPerson:
    """How often somebody came to the meetings of a course. `name` is None without the right."""

    booking_id: str
    number: str
    name: str | None
    present: int
    absent: int
    excused: int


@dataclass(frozen=True)
class AttendanceOfCourse:
    """The attendance at the meetings of a course within some days.

    `expected`: people with a confirmed place, once for each meeting that has begun. `unrecorded`:
    those of whom nothing is recorded.
    """

    course_id: str
    title: str
    starts_at: datetime
    timezone: str
    meetings: int
    expected: int
    present: int
    absent: int
    excused: int
    unrecorded: int
    people: tuple[AttendanceOfPerson, ...] = ()


@dataclass(frozen=True)
class AttendanceReport:
    """The attendance of courses, those with the latest meetings last. `timezone`: of the days."""

    first_day: str
    last_day: str
    timezone: str
    items: tuple[AttendanceOfCourse, ...]
    totals: Mapping[str, int] = field(default_factory=dict)
