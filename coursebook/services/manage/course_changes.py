"""What a change of a course means for the people who booked it (money.md, laws 6, 9 and 14).

Whoever edits a course calls `apply_promised_changes` in the transaction of the edit, with the
course locked and its new values set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.admission import hold_ends
from coursebook.domain.attempt import AttemptState
from coursebook.domain.course_edits.offer import (
    USUAL,
    CourseOffer,
    FreeCancelling,
    OfferEdit,
    OfferPart,
    changed_parts,
    check_dates,
    free_cancelling,
)
from coursebook.domain.external_text import clean_text
from coursebook.domain.terms import Terms
from coursebook.errors import FieldError, Invalid
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.mail.kinds import MailKind
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.repositories.outbox import Lane, OutboxDraft
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseChange,
    CourseStatus,
    Meeting,
)
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.balance import booked_promise
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.outbox.course_reminders import note_told_starts
from coursebook.services.outbox.told_teachers import TeacherMail, TeacherMailDraft, tell_teachers

log = structlog.get_logger("coursebook.courses")

MAX_REASON_LENGTH = 500
CAUSE = "The school changed the course; a reason is in the row of the change."
"""The cause in the audit trail, which holds no words that a person typed."""
TELL_THEM = (
    "The course would begin earlier. Everybody who booked must be told, and may then cancel free "
    "of charge."
)


@dataclass(frozen=True)
class ChangeEffect:
    """The effect of an edit on people. `people` have a place; `told` of them get a mail.

    `free_cancel_until`: until then they may cancel free of charge because of this edit.
    """

    revision: int
    people: int = 0
    told: int = 0
    free_cancel_until: datetime | None = None


def offer_of_course(course: Course, meetings: Sequence[Meeting] = ()) -> CourseOffer:
    """Return the offer of a course. Without rows of meetings it has one, from start to end."""
    dates = [(m.starts_at, m.ends_at) for m in meetings if m.cancelled_at is None]
    return CourseOffer(
        meetings=tuple(sorted(dates)) or ((course.starts_at, course.ends_at),),
        timezone=course.timezone,
        is_online=course.is_online,
        place_name=course.place_name,
        place_address=course.place_address,
        join_url=course.join_url,
        price=course.price,
        currency=course.currency,
        terms=Terms.from_json(course.terms),
    )


async def apply_promised_changes(
    work: UnitOfWork,
    course: Course,
    before: CourseOffer,
    after: CourseOffer,
    actor: Actor,
    *,
    tell: bool,
    free_cancel_until: FreeCancelling = USUAL,
    reason: str = "",
    now: datetime,
) -> ChangeEffect:
    """Apply an edit of the offer to everybody who booked, in the transaction of the edit.

    `course` is locked and has its new values. When nothing that was promised changes, nothing
    happens. Price and terms stay as they were booked; new dates only add to the promises; holds
    never outlive the start. With `tell` everybody with a place gets one mail, which has the
    `reason`; teachers get one in any case, if dates or place change. Raises Invalid: a start that
    is over, an earlier start without `tell`, free cancelling that ends in the past, a reason that
    is too long.
    """
    parts = changed_parts(before, after)
    if not parts or was_never_public(course):
        return ChangeEffect(course.revision)
    edit = edit_of(before, after, reason)
    check_dates(edit, now)
    bookings = await work.bookings.lock_live(course.id) if edit.is_material else []
    if bookings and edit.is_earlier and not tell:
        raise Invalid([FieldError("/tell", TELL_THEM)])
    until = free_cancelling(edit, free_cancel_until, now, is_told=tell) if bookings else None
    course.revision += 1
    told = len(bookings) if tell else 0
    change = change_row(course, edit, actor, now, told=told, free_cancel_until=until)
    work.course_changes.add(change)
    await _end_holds_with_pages(work, bookings, edit)
    locked = [LockedBookingAndCourse(work, booking, actor, now, course) for booking in bookings]
    mails = [draft for one in locked for draft in _apply_to(one, edit, change)]
    if tell:
        await work.outbox.enqueue_all(mails, now, Lane.BULK)
        await note_told_starts(work, course, _new_dates(edit), now)
    if edit.is_material:
        mail = TeacherMailDraft(TeacherMail.CHANGED, change.id, told, len(bookings))
        await tell_teachers(work, course.id, mail, actor, now)
    _record(work, change, parts, actor)
    log.info("course.changed", course=course.id, revision=course.revision, told=told)
    return ChangeEffect(course.revision, len(bookings), told, until)


def _new_dates(edit: OfferEdit) -> list[tuple[datetime, datetime]]:
    return [dates for dates in edit.after.meetings if dates not in edit.before.meetings]


def edit_of(before: CourseOffer, after: CourseOffer, reason: str) -> OfferEdit:
    """Return the edit with its reason cleaned. Raises Invalid for one that is too long."""
    if len(reason) > MAX_REASON_LENGTH:
        detail = f"The reason may have {MAX_REASON_LENGTH} characters at most."
        raise Invalid([FieldError("/reason", detail)])
    return OfferEdit(before, after, clean_text(reason, MAX_REASON_LENGTH).strip())


def was_never_public(course: Course) -> bool:
    """Whether nobody but the school has ever seen a course, so that nothing was promised."""
    return course.status == CourseStatus.DRAFT.value and course.published_at is None


async def _end_holds_with_pages(
    work: UnitOfWork, bookings: Sequence[Booking], edit: OfferEdit
) -> None:
    """Let holds that ended with the start end with their payment page, if the start is later."""
    is_later = edit.after.starts_at > edit.before.starts_at
    cut = [
        b
        for b in bookings
        if is_later and b.hold_expires_at == edit.before.starts_at and b.reserved_until is None
    ]
    attempts = await work.attempts.of_bookings([b.id for b in cut]) if cut else {}
    for booking in cut:
        pages = [
            attempt.expires_at
            for attempt in attempts.get(booking.id, [])
            if attempt.expires_at and not AttemptState(attempt.state).is_final
        ]
        if pages:
            booking.hold_expires_at = max(pages)


def _apply_to(
    locked: LockedBookingAndCourse, edit: OfferEdit, change: CourseChange
) -> list[OutboxDraft]:
    """Apply an edit to one booking, and return the mails about it."""
    is_hold_shorter = set_promised(locked.booking, edit, change.free_cancel_until)
    locked.booking.updated_at = locked.now
    locked.note("course_changed", CAUSE, change=change.id)
    return locked.mail_drafts(
        MailKind.COURSE_CHANGED,
        occasion=change.revision,
        change_id=change.id,
        course_id=change.course_id,
        is_hold_shorter=is_hold_shorter,
    )


def set_promised(booking: Booking, edit: OfferEdit, free_cancel_until: datetime | None) -> bool:
    """Write what a booking is promised after an edit; return whether its hold ends earlier."""
    starts_at, ends = edit.after.starts_at, booking.hold_expires_at
    promised = booked_promise(booking).after_edit(edit.new_moments, starts_at, free_cancel_until)
    booking.promise = promised.promise.to_json()
    booking.free_cancel_until = promised.free_cancel_until
    if booking.reserved_until is not None:
        booking.reserved_until = min(booking.reserved_until, starts_at)
    if ends is not None:
        booking.hold_expires_at = hold_ends(ends, starts_at, booking.reserved_until)
    return edit.is_earlier and booking.hold_expires_at != ends


def change_row(
    course: Course,
    edit: OfferEdit,
    actor: Actor,
    now: datetime,
    *,
    told: int,
    free_cancel_until: datetime | None,
) -> CourseChange:
    """Return the row of an edit, under the revision of the course."""
    return CourseChange(
        id=new_id("chg"),
        course_id=course.id,
        revision=course.revision,
        at=now,
        actor=str(actor)[:160],
        reason=edit.reason,
        before=edit.before.to_json(),
        after=edit.after.to_json(),
        told=told,
        free_cancel_until=free_cancel_until,
    )


def _record(
    work: UnitOfWork, change: CourseChange, parts: Sequence[OfferPart], actor: Actor
) -> None:
    """Write the audit row of an edit, and notify open pages."""
    data = {"change": change.id, "parts": [part.value for part in parts], "told": change.told}
    row = Change(
        None,
        f"course {change.course_id}",
        "changed",
        None,
        None,
        CAUSE,
        data,
        course_id=change.course_id,
        about="course",
    )
    work.audit.write(row, actor=actor, request_id=current_request_id(), now=change.at)
    work.mark_changed(topics.course(change.course_id))
