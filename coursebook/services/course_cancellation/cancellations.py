"""Cancel a whole course: preview, decide, and follow what comes of it.

The decision is one short transaction. The worker does the rest (`place_ends.py`).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor, actor_from
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.booking import LIVE, SeatState, number_of
from coursebook.domain.course_edits.course_state import (
    Circumstances,
    CourseStatus,
    Refusal,
    refusal_to_cancel,
)
from coursebook.domain.external_text import clean_id, clean_text
from coursebook.domain.money import WHOLE
from coursebook.domain.refund import RefundState
from coursebook.domain.rights import Permission
from coursebook.errors import ChangedMeanwhile, CourseNotFound, FieldError, Invalid, NotActionable
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseCancellation,
    Refund,
    User,
)
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.course_cancellation.current_count import count_course
from coursebook.services.course_cancellation.place_ends import PlacesToEnd
from coursebook.services.course_cancellation.views import (
    ByHand,
    CancellationCount,
    CancellationPreview,
    CancellationProgress,
    ExpectedCancellation,
    MailProgress,
    RefundGroup,
    RefundProgress,
    Sums,
    sums_of,
)
from coursebook.services.locked_booking import MAIL
from coursebook.services.manage.access import Access
from coursebook.services.manage.course_acts import refusal_of, state_of_row
from coursebook.services.manage.course_writes import record
from coursebook.services.outbox.told_teachers import (
    TeacherMail,
    TeacherMailDraft,
    teachers_to_tell,
    tell_teachers,
)
from coursebook.services.views import MoneyView

log = structlog.get_logger("coursebook.courses")

MAX_REASON_LENGTH = 500
MAX_MESSAGE_LENGTH = 2000
NOT_PUBLISHED = "The course is not published, so there is nothing to cancel."
NOT_CANCELLED = "The course is not cancelled."
ONLY_WHEN_BEGUN = "Before the first meeting has begun, everything is given back: 100."


class CourseCancellations:
    """The use cases, and for the worker `places_to_end`.

    All raise Unauthenticated, Forbidden, CourseNotFound, RateLimited, Unavailable.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access
        self.places_to_end = PlacesToEnd(context)

    async def preview(
        self, who: Principal | None, course_id: str, percent: int = WHOLE
    ) -> CancellationPreview:
        """Return what cancelling would mean now. Writes nothing.

        Raises AlreadyCancelled, NotActionable, Invalid for a share that cannot be chosen.
        """
        actor = await self._require(who, course_id)
        now = self._context.clock()
        async with reading(self._context.database) as work:
            course = await work.courses.find(course_id)
            if course is None:
                raise CourseNotFound
            _check(course, percent, now)
            count = await count_course(work, course, percent, now)
            teachers = await teachers_to_tell(work, course_id, actor)
        balance = await self._balance(count)
        return CancellationPreview(
            course_id=course.id,
            title=course.title,
            starts_at=course.starts_at,
            ends_at=course.ends_at,
            timezone=course.timezone,
            has_begun=state_of(course).has_begun(now),
            percent=percent,
            count=count,
            mails=count.people.total,
            waiting=course.waiting,
            teachers=len(teachers),
            balance=balance,
            short=_missing(count.give_back, balance),
        )

    async def cancel(
        self,
        who: Principal | None,
        course_id: str,
        *,
        reason: str,
        expected: ExpectedCancellation,
        message: str = "",
        percent: int = WHOLE,
    ) -> CancellationProgress:
        """Cancel a course. From then on nobody gets a place, and the worker ends all of them.

        With other people or sums than those `expected` nothing happens. Raises ChangedMeanwhile,
        AlreadyCancelled, NotActionable, Invalid.
        """
        actor = await self._require(who, course_id)
        words = _words(reason, message)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            course = await work.courses.lock(course_id)
            if course is None:
                raise CourseNotFound
            _check(course, percent, now)
            count = await count_course(work, course, percent, now)
            if not expected.agrees_with(count):
                raise _changed(count)
            _write(work, course, count, words, percent, actor=actor, now=now)
            people = count.people.total + course.waiting
            mail = TeacherMailDraft(TeacherMail.CANCELLED, course.id, people, people)
            await tell_teachers(work, course.id, mail, actor, now)
            answer = work.read_last(lambda: _progress_in(work, course_id))
        log.info("course.cancelled", course=course_id, people=count.people.total)
        return answer.value

    async def progress(self, who: Principal | None, course_id: str) -> CancellationProgress:
        """Return how far it has come. Raises NotActionable when the course is not cancelled."""
        await self._require(who, course_id)
        return await self._progress(course_id)

    async def _require(self, who: Principal | None, course_id: str) -> Actor:
        """Return the person as the audit trail names them, if they may cancel this course."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.CANCEL_COURSES, course_id)
        if clean_id(course_id, ID_LENGTH) is None:
            raise CourseNotFound
        return rights.actor(who.user_id if who else "")

    async def _balance(self, count: CancellationCount) -> Sums | None:
        """Return what Stripe has available; None when it is not needed or Stripe does not say."""
        if not count.give_back:
            return None
        try:
            available = await self._context.gateway.available_balance()
        except GatewayError as error:
            log.warning("stripe_balance.unknown", reason=str(error))
            return None
        amounts = {money.currency: money.amount for money in available}
        return tuple(
            MoneyView(max(0, amounts.get(m.currency, 0)), m.currency) for m in count.give_back
        )

    async def _progress(self, course_id: str) -> CancellationProgress:
        async with reading(self._context.database) as work:
            return await _progress_in(work, course_id)


async def _progress_in(work: UnitOfWork, course_id: str) -> CancellationProgress:
    course = await work.courses.find(course_id)
    cancellation = await work.course_cancellations.find(course_id)
    if course is None:
        raise CourseNotFound
    if cancellation is None:
        raise NotActionable(NOT_CANCELLED)
    return await _progress_of(work, course, cancellation)


async def _progress_of(
    work: UnitOfWork, course: Course, cancellation: CourseCancellation
) -> CancellationProgress:
    rows = work.course_cancellations
    concerned = await rows.concerned(course.id)
    ids = [booking.id for booking, _ in concerned]
    processing = await rows.processing(ids) if ids else set()
    live = {b.id for b, _ in concerned if SeatState(b.place) in LIVE} - processing
    refunds = await rows.refunds_since(ids, cancellation.at) if ids else []
    mails = await rows.mails(ids, f"{MAIL}{MailKind.COURSE_CANCELLED}") if ids else (0, 0, 0)
    hands = await rows.to_give_back_by_hand(ids) if ids else {}
    counted, actor = cancellation.counted, actor_from(cancellation.actor)
    names = await work.users.names_of({actor.id} - {""})
    total = sum(counted["people"].values())
    return CancellationProgress(
        course_id=course.id,
        title=course.title,
        timezone=course.timezone,
        at=cancellation.at,
        actor=cancellation.actor,
        by_name=names.get(actor.id, ""),
        reason=cancellation.reason,
        message=cancellation.message,
        percent=cancellation.percent,
        total=total,
        done=max(0, total - len(live) - len(processing)),
        at_banks=len(processing),
        left=len(live),
        refunds=_refund_progress(refunds),
        mails=MailProgress(*mails),
        give_back=tuple(MoneyView(**money) for money in counted["give_back"]),
        disputed=counted["people"]["disputed"],
        by_hand=tuple(_by_hand(concerned, hands)),
        finished_at=cancellation.finished_at,
    )


def _write(
    work: UnitOfWork,
    course: Course,
    count: CancellationCount,
    words: tuple[str, str],
    percent: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the decision: the course, its row, the audit row."""
    before, (reason, message) = course.status, words
    course.status = CourseStatus.CANCELLED.value
    course.cancelled_at, course.cancel_reason = now, reason
    course.updated_at, course.updated_by = now, str(actor)[:160]
    course.version += 1
    work.course_cancellations.add(
        CourseCancellation(
            course_id=course.id,
            at=now,
            actor=str(actor)[:160],
            reason=reason,
            message=message,
            percent=percent,
            counted=count.to_json(),
        )
    )
    data = {"people": count.people.total, "percent": percent}
    record(work, course.id, "cancelled", actor, now, states=(before, course.status), data=data)
    work.mark_changed(topics.roster(course.id))


def _check(course: Course, percent: int, now: datetime) -> None:
    """Refuse a course that cannot be cancelled. Raises AlreadyCancelled, NotActionable, Invalid."""
    around = Circumstances(course.held + course.confirmed, is_over=state_of(course).is_over(now))
    refusal = refusal_to_cancel(state_of_row(course), around)
    if refusal is Refusal.NOT_PUBLISHED:
        raise NotActionable(NOT_PUBLISHED)
    if refusal is not None:
        raise refusal_of(refusal)
    if not 0 <= percent <= WHOLE:
        raise Invalid([FieldError("/percent", "The share must be from 0 to 100.")])
    if percent != WHOLE and not state_of(course).has_begun(now):
        raise Invalid([FieldError("/percent", ONLY_WHEN_BEGUN)])


def _words(reason: str, message: str) -> tuple[str, str]:
    """Return the words of the school, cleaned. Raises Invalid."""
    errors = []
    if not clean_text(reason, MAX_REASON_LENGTH).strip():
        errors.append(FieldError("/reason", "Say why: the mail to the students has it."))
    for pointer, text, limit in (
        ("/reason", reason, MAX_REASON_LENGTH),
        ("/message", message, MAX_MESSAGE_LENGTH),
    ):
        if len(text) > limit:
            errors.append(FieldError(pointer, f"This may have {limit} characters at most."))
    if errors:
        raise Invalid(errors)
    return (
        clean_text(reason, MAX_REASON_LENGTH).strip(),
        clean_text(message, MAX_MESSAGE_LENGTH).strip(),
    )


def _changed(count: CancellationCount) -> ChangedMeanwhile:
    """Return the error that tells how it is now."""
    people = count.people.total
    parts = [f"{people} {'person has a place' if people == 1 else 'people have places'}"]
    if count.give_back:
        parts.append(f"{_in_words(count.give_back)} would be given back by card")
    if count.by_hand:
        parts.append(f"{_in_words(count.by_hand_sums)} by hand")
    return ChangedMeanwhile(
        detail=f"Bookings have changed meanwhile: now {', '.join(parts)}. Nothing has happened; "
        "please look again."
    )


def _in_words(sums: Sums) -> str:
    return " and ".join(money_in_words(money.amount, money.currency) for money in sums)


def _missing(give_back: Sums, balance: Sums | None) -> Sums:
    """Return what Stripe does not have for these refunds; () when its balance is unknown."""
    if balance is None:
        return ()
    available = {money.currency: money.amount for money in balance}
    return sums_of({m.currency: max(0, m.amount - available[m.currency]) for m in give_back})


def _refund_progress(refunds: Iterable[Refund]) -> RefundProgress:
    groups: dict[str, list[Refund]] = {"made": [], "pending": [], "failed": []}
    for refund in refunds:
        groups[_GROUP_OF.get(RefundState(refund.state), "pending")].append(refund)
    return RefundProgress(**{name: _group(rows) for name, rows in groups.items()})


_GROUP_OF = {RefundState.SUCCEEDED: "made", RefundState.FAILED: "failed"}


def _group(refunds: list[Refund]) -> RefundGroup:
    amounts: Counter[str] = Counter()
    for refund in refunds:
        amounts[refund.currency] += refund.amount
    return RefundGroup(len(refunds), sums_of(amounts))


def _by_hand(concerned: list[tuple[Booking, User]], left: dict[str, int]) -> Iterable[ByHand]:
    for booking, user in concerned:
        if left.get(booking.id, 0) > 0:
            money = MoneyView(left[booking.id], booking.currency)
            name = booking.participant_name or user.name
            yield ByHand(booking.id, number_of(booking.id), name, money)
