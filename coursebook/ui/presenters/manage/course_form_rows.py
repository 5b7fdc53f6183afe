"""The rows of the form of a course: what its fields hold, and what stands around them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class MeetingFields:
    """The fields of one meeting, as texts. `key` is that of its row, `number` counts from "1".

    `id` is that of a stored meeting. `last_day` is empty for a meeting that ends on its day or in
    the night after it.
    """

    key: str = "0"
    number: str = "1"
    id: str = ""
    day: str = ""
    start: str = ""
    end: str = ""
    last_day: str = ""


@dataclass(frozen=True)
class CourseTexts:
    """What the fields hold, as they were typed. `extra` has the school's own fields by name.

    `kind` is `place` or `online`, `terms` a name of `TERMS` or `as_it_is`. Booking closes on
    `closes_day` at `closes_time`; both are empty when it closes shortly before the start.
    `reminder_minutes` is empty for a course that reminds as the school does. `waiting_list` has the
    minutes of a turn, is empty for those of the school, and `off` without a list.
    """

    title: str = ""
    summary: str = ""
    description: str = ""
    category: str = ""
    level: str = "All levels"
    instructor: str = ""
    image: str = ""
    kind: str = "place"
    place_name: str = ""
    place_address: str = ""
    join_url: str = ""
    timezone: str = ""
    price: str = ""
    currency: str = "eur"
    capacity: str = ""
    terms: str = "standard"
    attendee_info: str = ""
    reminder_minutes: str = ""
    waiting_list: str = ""
    closes_day: str = ""
    closes_time: str = ""
    internal_note: str = ""
    meetings: list[MeetingFields] = field(default_factory=lambda: [MeetingFields()])
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldLink:
    """A text that leads to a field of the form by the id of the field."""

    field_id: str
    text: str


@dataclass(frozen=True)
class FormHead:
    """What is known about the course. `state` is its word, `tone` that of its badge.

    `saved` says when and by whom, `saved_at` only when. `version` is the save that the fields
    began with. `locked` says why nothing can be changed, ""
    while something can. Without `may_write` it cannot be copied either.
    """

    course_id: str = ""
    version: int = 0
    state: str = ""
    tone: str = "plain"
    saved: str = ""
    saved_at: str = ""
    is_public: bool = False
    address: str = ""
    locked: str = ""
    may_write: bool = True


@dataclass(frozen=True)
class Difference:
    """One field in two versions: of this form, and as somebody else saved it."""

    label: str
    mine: str
    theirs: str
