"""Find courses at the same time with the same teacher or at the same place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.course_edits.meetings import Meeting
from coursebook.persistence.course_search.series_dates import BusyTime
from coursebook.persistence.schema.folded_text import fold
from coursebook.persistence.schema.tables import Course
from coursebook.services.manage.repeating.repeat_views import Clash


@dataclass(frozen=True)
class Resources:
    """Who teaches a course and where it is: "" for nobody, and for an online course."""

    teacher: str
    place: str

    @classmethod
    def of(cls, course: Course) -> "Resources":
        """Return those of a course. A placeholder of a draft counts as none."""
        return cls(
            "" if "instructor" in course.unset else course.instructor,
            "" if course.is_online or "place_name" in course.unset else course.place_name,
        )

    def shared_with(self, busy: BusyTime) -> Iterable[str]:
        """Yield `teacher` and `place` when a course has the same."""
        if self.teacher and fold(self.teacher) == fold(busy.teacher):
            yield "teacher"
        if self.place and not busy.is_online and fold(self.place) == fold(busy.place):
            yield "place"


def clashes_of(
    meetings: Sequence[Meeting], resources: Resources, busy_times: Iterable[BusyTime]
) -> tuple[Clash, ...]:
    """Return the clashes of one date, each course and kind once."""
    clashes: dict[tuple[str, str], Clash] = {}
    for busy in busy_times:
        if not overlaps(meetings, busy.starts_at, busy.ends_at):
            continue
        for kind in resources.shared_with(busy):
            clash = Clash(kind, busy.course_id, busy.title, busy.starts_at, busy.ends_at)
            clashes.setdefault((kind, busy.course_id), clash)
    return tuple(clashes.values())


def clashes_within(
    meetings: Sequence[Meeting],
    resources: Resources,
    title: str,
    earlier_dates: Iterable[Sequence[Meeting]],
) -> tuple[Clash, ...]:
    """Return the clashes of one date with earlier dates of the same request."""
    kinds = [k for k, name in vars(resources).items() if name]
    return tuple(
        Clash(kind, None, title, other.starts_at, other.ends_at)
        for dates in earlier_dates
        for other in dates
        if overlaps(meetings, other.starts_at, other.ends_at)
        for kind in kinds
    )[: len(kinds)]


def overlaps(meetings: Sequence[Meeting], starts_at: datetime, ends_at: datetime) -> bool:
    """Tell whether any of the meetings is on at some moment between."""
    return any(m.starts_at < ends_at and starts_at < m.ends_at for m in meetings)
