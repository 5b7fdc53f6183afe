"""Changes of a locked booking in one transaction, each with its audit row and outbox messages.

The booking is locked, and its course before it where the place may change. Every change of a place,
an attempt, a refund or a dispute goes through here, so that each has its audit row.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.admission import CourseState
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import BookingSource, EndCause, SeatEvent, SeatState, after
from coursebook.domain.check_in.ticket_code import new_ticket_code
from coursebook.domain.dispute import DisputeState
from coursebook.domain.end_causes import end_cause
from coursebook.domain.refund import RefundState
from coursebook.domain.seats import Seats, seats_after, seats_after_move
from coursebook.errors import Unavailable
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.mail.kinds import COPIES, MailKind
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.repositories.outbox import Lane, OutboxDraft
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    Dispute,
    OfflinePayment,
    PaymentAttempt,
    Refund,
)
from coursebook.persistence.unit_of_work import UnitOfWork

log = structlog.get_logger("coursebook.bookings")

P = ParamSpec("P")
T = TypeVar("T")

MAIL = "mail:"
"""The beginning of the kind of an outbox message that is a mail."""
MOVED = "moved"
"""The event in the audit trail of a booking that was moved to another course."""
MAX_LOCK_ROUNDS = 3
"""How often a use case begins again because its booking moved to another course meanwhile."""
FOREIGN_MONEY = (
    "This was paid to the installation that this database was copied from. Only that one can give "
    "it back."
)


@dataclass(frozen=True)
class RefundWords:
    """An operator's words about a refund: the reason, a note to the student, and who they are."""

    reason: str = ""
    note: str = ""
    asked_by: str = ""


NO_WORDS = RefundWords()


@dataclass(frozen=True)
class LockedBooking:
    """A locked booking whose course is not locked: its attempts may change, its place may not.

    `actor` is written to the audit trail.
    """

    work: UnitOfWork
    booking: Booking
    actor: Actor
    now: datetime

    @property
    def place(self) -> SeatState:
        """Return the present state of the place."""
        return SeatState(self.booking.place)

    def open_attempt(self, attempt: PaymentAttempt, cause: str) -> None:
        """Record a new attempt before its session is requested from Stripe."""
        self.work.attempts.add(attempt)
        free = {} if attempt.amount else {"amount": 0, "currency": attempt.currency}
        self._audit(f"attempt {attempt.number}", "payment", None, attempt.state, cause, **free)

    def set_attempt(self, attempt: PaymentAttempt, then: AttemptState, cause: str) -> None:
        """Move an attempt to its next state."""
        before = attempt.state
        attempt.state = then.value
        attempt.updated_at = self.now
        is_money = then in (AttemptState.PROCESSING, AttemptState.SUCCEEDED)
        size = {"amount": attempt.amount, "currency": attempt.currency} if is_money else {}
        self._audit(f"attempt {attempt.number}", "payment", before, then.value, cause, **size)

    def note_by_hand(self, payment: OfflinePayment, before: str | None, cause: str) -> None:
        """Record a new state of money that is taken or given back by hand."""
        subject = f"{payment.direction} {payment.id}"
        size = {"amount": payment.amount, "currency": payment.currency, "method": payment.method}
        self._audit(subject, "by_hand", before, payment.state, cause, **size)

    def note(self, event: str, cause: str, **data: object) -> None:
        """Record something that changed no state, such as a decline."""
        self._write(Change(self.booking.id, "booking", event, None, None, cause, data))

    async def enqueue_mail(
        self, kind: MailKind | str, *, wait: timedelta = timedelta(), **facts: object
    ) -> None:
        """Enqueue a mail, once for each booking, kind and occasion. It is sent after `wait`.

        A mail about the course also goes to a participant who is not the payer (`COPIES`). A kind
        that is not of `MailKind` is that of an extension.
        """
        due_at, booking_id = self.now + wait, self.booking.id
        for draft in self.mail_drafts(kind, **facts):
            await self.work.outbox.enqueue(
                draft.kind, draft.key, draft.payload, self.now, due_at=due_at, booking_id=booking_id
            )

    def mail_drafts(self, kind: MailKind | str, **facts: object) -> list[OutboxDraft]:
        """Return the messages of a mail, to be enqueued with those of other bookings."""
        drafts, booking = [self._mail_draft(kind, **facts)], self.booking
        if kind in COPIES and booking.participant_email:
            participant = (booking.participant_name, booking.participant_email)
            drafts.append(self.draft_to(participant, COPIES[kind], **facts))
        return drafts

    def draft_to(self, person: tuple[str, str], kind: MailKind, **facts: object) -> OutboxDraft:
        """Return the message of a mail to somebody who is not the payer, by name and address."""
        name, email = person
        draft = self._mail_draft(kind, **facts, recipient={"name": name, "email": email})
        return replace(draft, key=f"{draft.key}:{email}")

    def _mail_draft(self, kind: MailKind | str, **facts: object) -> OutboxDraft:
        occasion = facts.get("occasion", "")
        payload = {
            "booking_id": self.booking.id,
            "sequence": self.booking.calendar_sequence,  # of its calendar entry
            "price": self.booking.price,
            "currency": self.booking.currency,
            **facts,
        }
        key = f"{MAIL}{self.booking.id}:{kind}:{occasion}"
        return OutboxDraft(f"{MAIL}{kind}", key, payload, self.booking.id)

    async def enqueue_close(self, attempt: PaymentAttempt, session_id: str | None = None) -> None:
        """Enqueue the expiry of a session at Stripe if it is open.

        `session_id` is needed when the attempt's row does not have it yet.
        """
        if attempt.is_foreign:
            return  # another installation's session: that one expires it
        session_id = session_id or attempt.session_id
        await self.work.outbox.enqueue(
            "close_session",
            f"close:{session_id or attempt.id}",
            {"attempt_id": attempt.id, "session_id": session_id},
            self.now,
            booking_id=self.booking.id,
        )

    async def enqueue_refund(
        self,
        attempt: PaymentAttempt,
        amount: int,
        cause: str,
        *,
        currency: str = "",
        words: RefundWords = NO_WORDS,
        lane: Lane = Lane.FIRST,
    ) -> None:
        """Record a refund with its idempotency key, and enqueue its request to Stripe.

        `currency` is needed when the payment came in another one than requested.
        """
        if attempt.is_foreign:
            self.note("not_refunded", FOREIGN_MONEY, attempt=attempt.number)
            return
        refund_id = new_id("rfd")
        refund = Refund(
            id=refund_id,
            booking_id=self.booking.id,
            attempt_id=attempt.id,
            state=RefundState.CREATED.value,
            amount=amount,
            currency=currency or attempt.currency,
            cause=cause,
            idempotency_key=f"refund-{refund_id}",
            reason=words.reason,
            note=words.note,
            asked_by=words.asked_by,
            created_at=self.now,
            updated_at=self.now,
        )
        await self.add_refund(refund, cause)
        await self.work.outbox.enqueue(
            "refund",
            f"refund-{refund_id}",
            {"refund_id": refund_id},
            self.now,
            booking_id=self.booking.id,
            lane=lane,
        )

    async def add_refund(self, refund: Refund, cause: str) -> None:
        """Record a refund: our own before it is requested, or one that Stripe reported."""
        self.work.refunds.add(refund)
        await self.work.flush()
        self._audit(f"refund {refund.id}", "refund", None, refund.state, cause, **_size(refund))

    def set_refund(self, refund: Refund, then: RefundState, cause: str) -> None:
        """Move a refund to the state that Stripe reports."""
        before = refund.state
        refund.state = then.value
        refund.updated_at = self.now
        subject = f"refund {refund.id}"
        self._audit(subject, "refund", before, then.value, cause, **_size(refund))

    async def add_dispute(self, dispute: Dispute, cause: str) -> None:
        """Record a dispute that Stripe reported."""
        self.work.disputes.add(dispute)
        await self.work.flush()
        subject = f"dispute {dispute.id}"
        self._audit(subject, "dispute", None, dispute.state, cause, **_size(dispute))

    def set_dispute(self, dispute: Dispute, then: DisputeState, cause: str) -> None:
        """Move a dispute to the state that Stripe reports."""
        before = dispute.state
        dispute.state = then.value
        dispute.updated_at = self.now
        subject = f"dispute {dispute.id}"
        self._audit(subject, "dispute", before, then.value, cause, **_size(dispute))

    def _audit(
        self, subject: str, event: str, before: str | None, then: str, cause: str, **data: object
    ) -> None:
        self._write(Change(self.booking.id, subject, event, before, then, cause, data))

    def _write(self, change: Change) -> None:
        """Write to the audit trail, and notify open pages of the student and the school."""
        located = replace(change, course_id=self.booking.course_id)
        self.work.audit.write(
            located, actor=self.actor, request_id=current_request_id(), now=self.now
        )
        self.work.mark_changed(
            topics.user(self.booking.user_id), topics.roster(self.booking.course_id)
        )


@dataclass(frozen=True)
class LockedBookingAndCourse(LockedBooking):
    """A locked booking and its locked course: the place may change too."""

    course: Course

    @property
    def today(self) -> date:
        """Return the day that it is now where the course takes place."""
        return self.now.astimezone(ZoneInfo(self.course.timezone)).date()

    def open_hold(self, cause: str) -> None:
        """Count the place of a booking that was just added. Raises NoSeat when full."""
        self._put_seats(seats_of(self.course).hold())
        self._audit("booking", "hold", None, SeatState.HELD.value, cause)

    def open_counted_hold(self, cause: str) -> None:
        """Record the place of a new booking that `Courses.take_place` has counted."""
        self.work.mark_changed(topics.course(self.course.id))
        self._audit("booking", "hold", None, SeatState.HELD.value, cause)

    def put_end(self, why: EndCause, cause: str) -> EndCause:
        """End the place, record the cause and return it. Raises IllegalMove.

        Only `end_place` calls it, which also settles money taken by hand. On a cancelled course the
        cause is the cancellation.
        """
        recorded = end_cause(why, state_of(self.course), self.now)
        self._move(recorded.event, cause, why=recorded.value)
        self.booking.end_cause = recorded.value
        return recorded

    def confirm(self, cause: str) -> None:
        """Confirm the place. Raises IllegalMove, and NoSeat when full."""
        self._move(SeatEvent.CONFIRM, cause)

    def hold_again(self, cause: str) -> None:
        """Hold a lost place again. Raises IllegalMove, and NoSeat when full."""
        self._move(SeatEvent.HOLD_AGAIN, cause)

    def move_to(self, target: Course, cause: str, **data: object) -> "LockedBookingAndCourse":
        """Take the place along to another locked course. Return it there. Raises NoSeat when full.

        The state of the place stays. The calendar entry keeps its UID and gets the next sequence.
        """
        booking, source = self.booking, self.course
        taken, left = seats_after_move(seats_of(target), seats_of(source), self.place)
        moved = replace(self, course=target)
        self._put_seats(left)
        _put_seats(self.work, target, taken, self.now)
        booking.course_id, booking.moved_from = target.id, source.id
        booking.updated_at = self.now
        if self.place is SeatState.CONFIRMED:
            moved.change_entry()
        self.work.mark_changed(topics.roster(source.id))
        moved.note(MOVED, cause, **data)
        return moved

    def change_entry(self) -> None:
        """Give the calendar entry its next sequence, whatever it showed before."""
        booking = self.booking
        booking.calendar_sequence += 1
        booking.calendar_shown_at = later_stamp(booking.calendar_shown_at, self.now)
        booking.calendar_shows = None

    def _move(self, event: SeatEvent, cause: str, **data: object) -> None:
        """Move the place and count the seats. Raises IllegalMove, and NoSeat when full."""
        before = self.place
        then = after(before, event)
        seats = seats_after(seats_of(self.course), before, event)
        self._put_seats(seats)
        self.booking.place = then.value
        self.booking.updated_at = self.now
        self.booking.end_cause = None
        if self.booking.source == BookingSource.WAITING.value:
            self.work.mark_offer(self.booking.id)
        if then is SeatState.CONFIRMED:
            self.booking.confirmed_at = self.now
            self.booking.ticket_code = self.booking.ticket_code or new_ticket_code()
        if then is SeatState.CANCELLED:
            self.booking.cancelled_at = self.now
        if then is not SeatState.HELD:
            self.booking.hold_expires_at = self.booking.reserved_until = None
        if before is SeatState.CONFIRMED and then is not before:
            self.booking.calendar_sequence += 1  # so that calendars accept the removal
            shown_at = self.booking.calendar_shown_at
            self.booking.calendar_shown_at = later_stamp(shown_at, self.now)
        self._audit("booking", event.value, before.value, then.value, cause, **data)

    def _put_seats(self, seats: Seats) -> None:
        _put_seats(self.work, self.course, seats, self.now)


def _put_seats(work: UnitOfWork, course: Course, seats: Seats, now: datetime) -> None:
    """Write the counts of a locked course, and notify its pages when the places left differ."""
    is_visible = seats.left != seats_of(course).left
    work.courses.put_seats(course, seats, now)
    if is_visible:
        work.mark_changed(topics.course(course.id))


def later_stamp(before: datetime | None, now: datetime) -> datetime:
    """Return a later timestamp for a changed calendar entry: now, or a second after the last."""
    return now if before is None else max(now, before + timedelta(seconds=1))


def _size(row: Refund | Dispute) -> dict[str, object]:
    return {"amount": row.amount, "currency": row.currency, "attempt_id": row.attempt_id}


class BookingMoved(Unavailable):
    """The booking moved to another course while its lock was awaited. Nothing was stored."""


def again_if_moved(
    use_case: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Run a use case again, in a new transaction, when `lock_booking` raised BookingMoved in it.

    The third time the exception is raised: "unavailable, try again" for people, and the worker
    tries again by itself.
    """

    @wraps(use_case)
    async def in_rounds(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(MAX_LOCK_ROUNDS - 1):
            try:
                return await use_case(*args, **kwargs)
            except BookingMoved:
                log.info("booking.lock_retried")
        return await use_case(*args, **kwargs)

    return in_rounds


async def lock_booking(
    work: UnitOfWork, booking_id: str, actor: Actor, now: datetime
) -> LockedBookingAndCourse | None:
    """Lock a course and its booking, always in this order. None if there is no such booking.

    Raises BookingMoved: after a wait PostgreSQL reads the locked course again, but not which course
    the booking is on, so the lock may be that of the course before. Callers are decorated with
    `again_if_moved`.
    """
    course = await work.courses.lock_course_of(booking_id)
    booking = await work.bookings.lock(booking_id) if course else None
    if course is None or booking is None:
        return None
    if booking.course_id != course.id:
        raise BookingMoved
    return LockedBookingAndCourse(work, booking, actor, now, course)


async def lock_booking_and_target(
    work: UnitOfWork, booking_id: str, target_id: str, actor: Actor, now: datetime
) -> tuple[LockedBookingAndCourse, Course] | None:
    """Lock the course of a booking and another one, in the order of their ids; then the booking.

    None if there is no such booking or course. Raises BookingMoved as `lock_booking` does.
    """
    unlocked = await work.bookings.find(booking_id)
    if unlocked is None:
        return None
    source_id = unlocked.course_id
    courses = {id_: await work.courses.lock(id_) for id_ in sorted({source_id, target_id})}
    booking = await work.bookings.lock(booking_id)
    source, target = courses[source_id], courses[target_id]
    if booking is None or source is None or target is None:
        return None
    if booking.course_id != source_id:
        raise BookingMoved
    return LockedBookingAndCourse(work, booking, actor, now, source), target


async def lock_booking_and_attempt(
    work: UnitOfWork, booking_id: str, attempt_id: str, actor: Actor, now: datetime
) -> tuple[LockedBooking, PaymentAttempt, CourseState]:
    """Lock a booking and one of its attempts, which must exist. Also return the course's state.

    The course is not locked: a change without effect on the places need not wait for it. Its state
    may be older than the locks. That is harmless: cancelling a course also closes the pages of
    every place that is held at that time.
    """
    locked = await work.attempts.lock_with_booking(booking_id, attempt_id)
    assert locked is not None, "recorded before"
    booking, attempt, course = locked
    return LockedBooking(work, booking, actor, now), attempt, course
