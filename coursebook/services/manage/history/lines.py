"""Rows of the audit trail as lines of a history, as far as their reader may see them.

The history of a course and that of the whole school are made of the same lines. Those of a booking
have the facts of its story (`booking_story.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.domain.actor import actor_from
from coursebook.domain.booking import number_of
from coursebook.domain.rights import OPERATOR, Permission, Rights
from coursebook.persistence.schema.tables import AuditEntry, Booking, User
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.booking_story import (
    ABOUT_MONEY,
    actors_in,
    amount_of,
    fact_in,
    without_free_attempts,
)
from coursebook.services.views import MoneyView

COURSE_FACTS = frozenset(
    {
        "course_created",
        "course_edited",
        "course_published",
        "course_unpublished",
        "course_opened",
        "course_closed",
        "course_archived",
        "course_restored",
        "course_cancelled",
        "course_exported",
        "course_left",
    }
)
"""What happens to a course itself. The pages have a text for each."""
SCHOOL_FACTS = frozenset(
    {"team_invited", "team_accepted", "team_revoked", "settings_changed", "ledger_exported"}
)
"""What happens to the school itself. The pages have a text for each."""
LEDGER = "ledger"
ABOUT_COURSES = ("course", "export")
TOLD = "course_told"
"""An edit of what people with a booking were promised."""
NOTED = "noted"


@dataclass(frozen=True)
class HistoryBooking:
    """The booking of a line. `name` is "" for somebody who may not see people."""

    id: str
    number: str
    name: str


@dataclass(frozen=True)
class HistoryLine:
    """One event.

    `fact` is one of `booking_story.STORY_FACTS`, of `COURSE_FACTS`, of `SCHOOL_FACTS`, or `TOLD`.
    `by` is the kind of actor (`student`, `operator`, `worker` …), `by_name` the person's name, ""
    for a program and for people that the reader may not see. `detail` is English. `fields` are the
    columns of a course that an edit changed; `count` is the number of people that it tells of.
    `course` is the title of the course, in the history of the school only.
    """

    id: int
    at: datetime
    fact: str
    by: str
    by_name: str
    detail: str
    amount: MoneyView | None
    fields: tuple[str, ...]
    count: int | None
    course_id: str | None
    booking: HistoryBooking | None
    course: str = ""


@dataclass(frozen=True)
class HistoryPage:
    """One page of a history, the newest line first."""

    items: tuple[HistoryLine, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Sight:
    """What the reader of a history may see."""

    people: bool
    money: bool

    @classmethod
    def of(cls, rights: Rights, course_id: str) -> "Sight":
        """Return what these rights let somebody see of a course."""
        return cls(
            rights.allows(Permission.SEE_PEOPLE, course_id),
            rights.allows(Permission.SEE_MONEY, course_id),
        )

    @property
    def hidden(self) -> frozenset[str] | None:
        """The events of places that tell about money, None for somebody who may see them."""
        return None if self.money else ABOUT_MONEY


async def lines_of(
    work: UnitOfWork, entries: Sequence[AuditEntry], sight: Sight, *, has_titles: bool = False
) -> tuple[HistoryLine, ...]:
    """Return these rows as lines, in their order, with a few queries for any number of them.

    Rows that tell nothing have no line. `has_titles`: each names its course.
    """
    bookings = await work.bookings.by_ids({e.booking_id for e in entries if e.booking_id})
    users = await work.users.by_ids({booking.user_id for booking in bookings.values()})
    staff = await work.users.names_of(actors_in(entries))
    shown = without_free_attempts(entries)
    lines = tuple(_line(entry, bookings, users, staff, sight) for entry in shown)
    if not has_titles:
        return lines
    titles = await work.ledger.titles_of([line.course_id for line in lines if line.course_id])
    return tuple(replace(line, course=titles.get(line.course_id or "", "")) for line in lines)


def _line(
    entry: AuditEntry,
    bookings: dict[str, Booking],
    users: dict[str, User],
    names: dict[str, str],
    sight: Sight,
) -> HistoryLine:
    actor, booking = actor_from(entry.actor), bookings.get(entry.booking_id or "")
    is_named = sight.people or actor.kind == OPERATOR
    data, fact = entry.data or {}, _fact(entry)
    count = data.get("told", data.get("people"))
    return HistoryLine(
        id=entry.id or 0,
        at=entry.at,
        fact=fact,
        by=actor.kind,
        by_name=names.get(actor.id, "") if is_named else "",
        detail=_detail(entry, fact) if sight.money or booking is None else "",
        amount=amount_of(booking.currency, entry) if sight.money and booking else None,
        fields=_fields(entry, fact),
        count=count if isinstance(count, int) else None,
        course_id=booking.course_id if booking else entry.course_id,
        booking=None if booking is None else _booking(booking, users, sight),
    )


def _booking(booking: Booking, users: dict[str, User], sight: Sight) -> HistoryBooking:
    user = users.get(booking.user_id)
    name = booking.participant_name or (user.name if user else "")
    return HistoryBooking(booking.id, number_of(booking.id), name if sight.people else "")


def _fact(entry: AuditEntry) -> str:
    of_school = f"{entry.subject if entry.subject == LEDGER else entry.about}_{entry.event}"
    if of_school in SCHOOL_FACTS:
        return of_school
    if entry.about not in ABOUT_COURSES:
        return fact_in(entry)
    if entry.event == "changed":
        return TOLD
    fact = f"course_{entry.event}"
    return fact if fact in COURSE_FACTS else NOTED


def _fields(entry: AuditEntry, fact: str) -> tuple[str, ...]:
    data = entry.data or {}
    names = data.get("parts", ()) if fact == TOLD else data if fact == "course_edited" else ()
    return tuple(str(name) for name in names)


def _detail(entry: AuditEntry, fact: str) -> str:
    data = entry.data or {}
    if fact in COURSE_FACTS | SCHOOL_FACTS:
        return str(data.get("format") or data.get("title") or "")
    return "" if fact == TOLD else entry.cause
