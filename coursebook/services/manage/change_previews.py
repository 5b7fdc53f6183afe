"""What an edit of a course would mean for the people who booked it, before it is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from coursebook.domain.actor import Actor
from coursebook.domain.booking import SeatState
from coursebook.domain.course_edits.offer import (
    MATERIAL,
    USUAL,
    FreeCancelling,
    OfferEdit,
    OfferPart,
    changed_parts,
    check_dates,
    free_cancelling,
)
from coursebook.domain.course_fields import CourseField
from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.mail.letter import Mail
from coursebook.mail.messages import course_changed
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking, Course, Meeting, SQLModel, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.calendar_files import EntryDetails, calendar_facts
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.course_acts import refuse_closed
from coursebook.services.manage.course_changes import (
    change_row,
    edit_of,
    offer_of_course,
    set_promised,
    was_never_public,
)
from coursebook.services.manage.course_values import read_values
from coursebook.services.manage.course_writes import PlannedEdit, plan_edit
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.outbox.change_mails import change_facts
from coursebook.services.outbox.mails import facts_about
from coursebook.services.outbox.told_teachers import teachers_to_tell

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True)
class OfferChange:
    """One part of the offer before and after; both None for the link for joining."""

    part: OfferPart
    before: Any
    after: Any


@dataclass(frozen=True)
class ExampleMail:
    """The mail that one of the people would get, in their language."""

    subject: str
    text: str


@dataclass(frozen=True)
class ChangePreview:
    """The effect of an edit on people.

    `material`: what concerns everybody who booked; `others`: price and terms, which stay as they
    were booked. `people` have a place, `mails` would be sent. `teachers` get a mail in any case,
    without the person who asks. `needs_tell`: the edit is refused unless people are told. `example`
    is None when nobody would be told.
    """

    material: tuple[OfferChange, ...] = ()
    others: tuple[OfferChange, ...] = ()
    people: int = 0
    mails: int = 0
    teachers: int = 0
    needs_tell: bool = False
    free_cancel_until: datetime | None = None
    example: ExampleMail | None = None


class ChangePreviews:
    """The use case."""

    def __init__(
        self, context: Context, access: Access, fields: Callable[[], Sequence[CourseField]] = tuple
    ) -> None:
        self._context = context
        self._access = access
        self._read_fields = fields

    async def preview(
        self,
        who: Principal | None,
        course_id: str,
        values: Mapping[str, Any],
        *,
        free_cancel_until: FreeCancelling = USUAL,
        reason: str = "",
    ) -> ChangePreview:
        """Return what an edit with these values would mean, if people are told. Writes nothing.

        Raises what the edit itself would raise: Unauthenticated, Forbidden, CourseNotFound,
        Invalid, CapacityBelowBookings, AlreadyCancelled, NotActionable; RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.WRITE_COURSES, course_id)
        parsed = read_values(values, self._read_fields())
        now = self._context.clock()
        async with reading(self._context.database) as work:
            course = await _course(work, course_id)
            refuse_closed(course)
            planned = await plan_edit(work, course, parsed, self._read_fields(), now)
            edited = _edited(course, planned)
            meetings = _meetings_after(course, planned)
            before, after = (
                offer_of_course(course, planned.rows),
                offer_of_course(edited, meetings),
            )
            edit = edit_of(before, after, reason)
            if was_never_public(course):
                return ChangePreview()
            check_dates(edit, now)
            bookings = await work.bookings.live(course.id) if edit.is_material else []
            actor = rights.actor(who.user_id if who else "")
            told = await teachers_to_tell(work, course.id, actor) if edit.is_material else []
            preview = _preview(edit, len(bookings), len(told))
            if not bookings:
                return preview
            until = free_cancelling(edit, free_cancel_until, now, is_told=True)
            details = EntryDetails(await sender_of(self._context, work), meetings)
            booking = _copy(Booking, _example_of(bookings))
            user = await work.users.by_id(booking.user_id)
            assert isinstance(user, User), "rows are never deleted"
        example = self._example((booking, user), edited, edit, until, details=details)
        return replace(
            preview,
            free_cancel_until=until,
            example=ExampleMail(example.subject, example.text),
        )

    def _example(
        self,
        person: tuple[Booking, User],
        edited: Course,
        edit: OfferEdit,
        until: datetime | None,
        *,
        details: EntryDetails,
    ) -> Mail:
        """Return the mail to a person about their booking."""
        (booking, user), context, now = person, self._context, self._context.clock()
        is_hold_shorter = set_promised(booking, edit, until)
        change = change_row(edited, edit, Actor("preview"), now, told=0, free_cancel_until=until)
        entry = calendar_facts(context, booking, edited, user, now, details=details)
        facts = facts_about(context, entry, booking, edited, user, payload={})
        language = facts.texts.language
        about = change_facts(change, booking, language, now, is_hold_shorter=is_hold_shorter)
        return course_changed(replace(facts, change=about))


def _example_of(bookings: Sequence[Booking]) -> Booking:
    """Return the booking of the first person who has paid, or else holds a place."""
    return next((b for b in bookings if b.place == SeatState.CONFIRMED.value), bookings[0])


async def _course(work: UnitOfWork, course_id: str) -> Course:
    course = await work.courses.find(course_id) if clean_id(course_id, ID_LENGTH) else None
    if course is None or course.id != course_id:
        raise CourseNotFound
    return course


def _preview(edit: OfferEdit, people: int, teachers: int) -> ChangePreview:
    changes = [
        OfferChange(part, edit.before.part_json(part), edit.after.part_json(part))
        for part in changed_parts(edit.before, edit.after)
    ]
    return ChangePreview(
        material=tuple(change for change in changes if change.part in MATERIAL),
        others=tuple(change for change in changes if change.part not in MATERIAL),
        people=people,
        mails=people,
        teachers=teachers,
        needs_tell=edit.is_earlier and people > 0,
    )


def _copy(table: type[Row], row: Row, **changes: Any) -> Row:  # noqa: ANN401 - values of columns
    """Return a row that belongs to no session, so that nothing of it is written."""
    return table(**{name: getattr(row, name) for name in table.model_fields} | changes)


def _edited(course: Course, planned: PlannedEdit) -> Course:
    """Return the course after the edit."""
    return _copy(Course, course, **planned.course.columns)


def _meetings_after(course: Course, planned: PlannedEdit) -> Sequence[Meeting]:
    """Return the meetings after the edit as rows that are not stored."""
    if planned.meetings is None:
        return planned.rows
    return [
        Meeting(
            id=meeting.id or f"new-{number}",
            course_id=course.id,
            number=number,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
        )
        for number, meeting in enumerate(planned.meetings.meetings, start=1)
    ]
