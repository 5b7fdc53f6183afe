"""What repeating a course asks for, and what it would do or has done."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from coursebook.domain.course_edits.recurrence import MAX_DATES, WeeklyRule
from coursebook.errors import FieldError, Invalid

CLASHES = {
    "teacher": "The teacher gives “{title}” at that time.",
    "place": "“{title}” is at the same place at that time.",
}


@dataclass(frozen=True)
class RepeatRequest:
    """On which days a course is repeated: `days` or a `rule`, in the zone of the course.

    `time_of_day`: the start of the first meeting; None for the time of the course. `is_published`:
    the new dates are offered at once. `allows_clashes`: also those that clash with something.
    """

    days: tuple[date, ...] = ()
    rule: WeeklyRule | None = None
    time_of_day: time | None = None
    is_published: bool = False
    allows_clashes: bool = False

    def wanted_days(self) -> list[date]:
        """Return the days, each once and in order. Raises Invalid for none or too many."""
        if bool(self.days) == (self.rule is not None):
            raise Invalid([FieldError("/dates", "Send either dates or a rule.")])
        pointer = "/dates" if self.rule is None else "/rule"
        days = self.rule.days() if self.rule is not None else sorted({*self.days})
        if not days:
            raise Invalid([FieldError(pointer, "The rule names no day.")])
        if len(days) > MAX_DATES:
            sentence = f"A course can be repeated on {MAX_DATES} dates at once; these are more."
            raise Invalid([FieldError(pointer, sentence)])
        return days

    def pointer_to(self, day: date) -> str:
        """Return the JSON Pointer to a day in the request."""
        return f"/dates/{self.days.index(day)}" if self.rule is None else "/rule"


@dataclass(frozen=True)
class Clash:
    """A course at the same time, with the same `teacher` or at the same `place` (`kind`).

    `course_id` is None for another date of the same request.
    """

    kind: str
    course_id: str | None
    title: str
    starts_at: datetime
    ends_at: datetime

    def sentence(self) -> str:
        """Return the clash in words."""
        return CLASHES[self.kind].format(title=self.title)


@dataclass(frozen=True)
class RepeatDate:
    """One date of a repetition.

    `exists`: the series has this date already, so it is not added again. `problem`: why the course
    cannot be on this day, "" if it can. Then there are neither start nor end. `course_id` and
    `slug` are those of the course that is there or was added.
    """

    day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    exists: bool = False
    problem: str = ""
    clashes: tuple[Clash, ...] = ()
    course_id: str | None = None
    slug: str | None = None


@dataclass(frozen=True)
class Repetition:
    """The dates of a repetition, earliest first. `added` counts those that are new."""

    timezone: str
    dates: tuple[RepeatDate, ...]
    series_id: str | None = None
    added: int = field(default=0)
