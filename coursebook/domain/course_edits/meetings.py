"""The meetings of a course: when it takes place. The first start and the last end bound it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from coursebook.errors import FieldError

MAX_MEETINGS = 20


@dataclass(frozen=True)
class Meeting:
    """One meeting. `id` is None before it is stored."""

    starts_at: datetime
    ends_at: datetime
    id: str | None = None


def meeting_problems(meetings: Sequence[Meeting]) -> Iterator[FieldError]:
    """Yield the problems of all meetings of a course, each with the pointer of its meeting."""
    if len(meetings) > MAX_MEETINGS:
        yield FieldError("/meetings", f"A course can have {MAX_MEETINGS} meetings at most.")
        return
    numbered = sorted(enumerate(meetings), key=lambda pair: (pair[1].starts_at, pair[0]))
    latest: Meeting | None = None
    for number, meeting in numbered:
        if meeting.ends_at <= meeting.starts_at:
            yield FieldError(f"/meetings/{number}/ends_at", "The end must be after the start.")
            continue
        if latest is not None and meeting.starts_at < latest.ends_at:
            yield FieldError(
                f"/meetings/{number}/starts_at", "This meeting overlaps with another one."
            )
        if latest is None or meeting.ends_at > latest.ends_at:
            latest = meeting


def bounds_of(meetings: Sequence[Meeting]) -> tuple[datetime, datetime]:
    """Return the first start and the last end of at least one meeting."""
    return min(m.starts_at for m in meetings), max(m.ends_at for m in meetings)
