"""The facts of a mail about a move, from the course that the booking was on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coursebook.domain.amount_text import money_text
from coursebook.mail.facts import MeetingFacts, MoveFacts
from coursebook.persistence.schema.tables import Course, Meeting


def left_course(course: Course, meetings: Sequence[Meeting]) -> dict[str, Any]:
    """Return what the mail needs of the course that is left, as the outbox keeps it."""
    dates = [
        [meeting.number, meeting.starts_at.isoformat(), meeting.ends_at.isoformat()]
        for meeting in meetings
        if meeting.cancelled_at is None
    ]
    whole = [[1, course.starts_at.isoformat(), course.ends_at.isoformat()]]
    return {"title": course.title, "timezone": course.timezone, "meetings": dates or whole}


def move_facts(payload: dict[str, Any], language: str) -> MoveFacts:
    """Return what the mail says about a move."""
    left = payload["left"]

    def money(amount: int) -> str:
        return money_text(amount, payload["currency"], language) if amount else ""

    return MoveFacts(
        title=left["title"],
        dates=[(starts_at, ends_at) for _, starts_at, ends_at in _meetings(left)],
        timezone=left["timezone"],
        difference=payload["difference"],
        given_back=money(payload["given_back"]),
        recorded=money(payload.get("recorded", 0)),
    )


def with_left_meetings(
    entries: Sequence[MeetingFacts], payload: dict[str, Any]
) -> tuple[MeetingFacts, ...]:
    """Return the calendar entries, and those of the course that is left, which are removed.

    An entry of both courses has one UID, so that it only changes.
    """
    numbers = {entry.number for entry in entries}
    gone = [
        MeetingFacts(number, starts_at, ends_at, is_cancelled=True)
        for number, starts_at, ends_at in _meetings(payload["left"])
        if number not in numbers
    ]
    return (*entries, *gone) if gone else ()


def _meetings(left: dict[str, Any]) -> list[tuple[int, datetime, datetime]]:
    return [
        (number, datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
        for number, starts_at, ends_at in left["meetings"]
    ]
