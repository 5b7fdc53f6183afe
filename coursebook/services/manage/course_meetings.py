"""Plan and store the meetings of a course. Its own start and end follow from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from coursebook.domain.course_edits.meetings import Meeting, bounds_of, meeting_problems
from coursebook.errors import FieldError, Invalid
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Meeting as MeetingRow
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.course_values import CourseValues, MeetingValue


@dataclass(frozen=True)
class MeetingPlan:
    """The meetings after an edit, and what the course gets as its start and end.

    `starts_at` and `ends_at` are None when they are missing; then there are no meetings.
    """

    meetings: tuple[Meeting, ...]
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the course."""
        return {"starts_at": self.starts_at, "ends_at": self.ends_at}


def planned_meetings(
    values: CourseValues, rows: Sequence[MeetingRow], before: Mapping[str, datetime | None]
) -> MeetingPlan | None:
    """Return the meetings after an edit, None when they stay as they are. Raises Invalid.

    `rows` are those stored and not cancelled. `before` has the start and the end of the course now.
    """
    wanted = _wanted(values, rows, before)
    if wanted is None:
        return None
    wanted = _identified(wanted, rows)
    if not wanted:
        return MeetingPlan((), None, None)
    if len(wanted) == 1 and (wanted[0].starts_at is None or wanted[0].ends_at is None):
        return MeetingPlan((), wanted[0].starts_at, wanted[0].ends_at)
    errors = list(_missing(wanted))
    if errors:
        raise Invalid(errors)
    meetings = tuple(
        Meeting(w.starts_at, w.ends_at, w.id) for w in wanted if w.starts_at and w.ends_at
    )
    errors = list(meeting_problems(meetings))
    if errors:
        raise Invalid(errors)
    return MeetingPlan(meetings, *bounds_of(meetings))


def check_begun(
    plan: MeetingPlan, rows: Sequence[MeetingRow], starts_at: datetime, now: datetime
) -> None:
    """Refuse to move or drop a meeting that has begun, and to put one into the past.

    For courses that people can see. `starts_at` is the start of the course, and of its only meeting
    when it has no rows. Raises Invalid.
    """
    starts = {row.id: row.starts_at for row in rows} if rows else {"": starts_at}
    errors = [
        FieldError(f"/meetings/{number}/starts_at", sentence)
        for number, meeting in enumerate(plan.meetings)
        if (sentence := _start_problem(meeting, starts.get(meeting.id or ""), now))
    ]
    kept = {meeting.id for meeting in plan.meetings}
    if any(row.starts_at <= now and row.id not in kept for row in rows):
        errors.append(FieldError("/meetings", "A meeting that has begun cannot be removed."))
    if errors:
        raise Invalid(errors)


async def store_meetings(
    work: UnitOfWork, course_id: str, plan: MeetingPlan, *, is_public: bool, now: datetime
) -> None:
    """Write the planned meetings. Dropped ones are cancelled; those nobody saw are deleted."""
    stored = await work.meetings.all_of(course_id)
    by_id = {row.id: row for row in stored}
    number = max((row.number for row in stored), default=0)
    for meeting in plan.meetings:
        if meeting.id is None:
            number += 1
            row = MeetingRow(
                id=new_id("mtg"),
                course_id=course_id,
                number=number,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
            )
            work.meetings.add(row)
        else:
            row = by_id[meeting.id]
            row.starts_at, row.ends_at = meeting.starts_at, meeting.ends_at
    kept = {meeting.id for meeting in plan.meetings}
    for row in stored:
        if row.id in kept or row.cancelled_at is not None:
            continue
        if is_public:
            row.cancelled_at = now
        else:
            await work.meetings.remove(row)
    await work.flush()


def _wanted(
    values: CourseValues, rows: Sequence[MeetingRow], before: Mapping[str, datetime | None]
) -> tuple[MeetingValue, ...] | None:
    if values.meetings is not None:
        return values.meetings
    dates = {name: values.columns[name] for name in before if name in values.columns}
    if not dates:
        return None
    if len(rows) > 1:
        sentence = "This course has several meetings: send all of them."
        raise Invalid([FieldError(f"/{name}", sentence) for name in dates])
    whole = {**before, **dates}
    return (MeetingValue(whole["starts_at"], whole["ends_at"]),) if any(whole.values()) else ()


def _identified(
    wanted: Sequence[MeetingValue], rows: Sequence[MeetingRow]
) -> tuple[MeetingValue, ...]:
    """Give meetings without ids those of the stored ones in turn, unless some name one."""
    if any(value.id for value in wanted):
        known, errors = {row.id for row in rows}, []
        for number, value in enumerate(wanted):
            if value.id is not None and value.id not in known:
                errors.append(
                    FieldError(f"/meetings/{number}/id", "The course has no such meeting.")
                )
            known.discard(value.id or "")
        if errors:
            raise Invalid(errors)
        return tuple(wanted)
    ids = [row.id for row in rows][: len(wanted)]
    ids += [None] * (len(wanted) - len(ids))  # type: ignore[list-item]
    return tuple(replace(value, id=one) for value, one in zip(wanted, ids, strict=True))


def _missing(wanted: Sequence[MeetingValue]) -> Iterator[FieldError]:
    for number, value in enumerate(wanted):
        if value.starts_at is None:
            yield FieldError(f"/meetings/{number}/starts_at", "The start is missing.")
        if value.ends_at is None:
            yield FieldError(f"/meetings/{number}/ends_at", "The end is missing.")


def _start_problem(meeting: Meeting, stored: datetime | None, now: datetime) -> str | None:
    if meeting.starts_at == stored:
        return None
    if stored is not None and stored <= now:
        return "This meeting has begun, so its start can no longer be moved."
    return "The start is in the past." if meeting.starts_at <= now else None
