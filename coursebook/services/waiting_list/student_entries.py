"""Wait for a place on a full course: join the list, leave it, see one's position."""

from datetime import datetime

import structlog

from coursebook.domain.admission import is_bookable
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, SeatState
from coursebook.domain.external_text import clean_id, clean_line
from coursebook.domain.reader import UNKNOWN_READER, Reader
from coursebook.domain.waiting_list.entry import EntryEvent, EntryState
from coursebook.errors import (
    AlreadyBooked,
    AlreadyWaiting,
    BookingClosed,
    BookingNotFound,
    CourseNotFound,
    NotFull,
    PaymentProcessing,
)
from coursebook.identity.principal import Principal
from coursebook.persistence.course_search.courses import is_public, seats_of, state_of
from coursebook.persistence.schema.tables import Course, User, WaitingListEntry
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.bookings.cancellation import CancelOrder, cancel_booking, no_answer
from coursebook.services.context import Context
from coursebook.services.presenters import course_view
from coursebook.services.rate_limits import Limits
from coursebook.services.waiting_list.entry_changes import LockedList
from coursebook.services.waiting_list.list_state import closed_because, has_open_list
from coursebook.services.waiting_list.views import WaitingView

log = structlog.get_logger("coursebook.waiting_list")

MAX_NAME_LENGTH = 200
MAX_NOTE_LENGTH = 300
NO_LIST = "This course has no waiting list."
LIST_CLOSED = (
    "The waiting list is closed: the course begins soon. If a place becomes free, anybody can "
    "book it on the page of the course."
)


class WaitingLists:
    """The use cases of a person who is signed in."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits

    async def join(
        self,
        who: Principal,
        id_or_slug: str,
        *,
        note: str = "",
        reader: Reader = UNKNOWN_READER,
    ) -> WaitingView:
        """Put a person at the end of the list of a full course.

        Raises CourseNotFound, BookingClosed (also when there is no list any more), NotFull,
        AlreadyBooked, AlreadyWaiting, RateLimited, Unavailable.
        """
        await self._limits.count("checkout", who.user_id)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            course_id = await _course_id(work, id_or_slug)
            user = await work.users.ensure(who.user_id, who.email, who.name, now, reader)
            course = await work.courses.lock(course_id)
            if course is None or not is_public(course):
                raise CourseNotFound
            waiting = LockedList(work, course, who.actor, now)
            await work.flush()
            await check_joining(waiting, user)
            entry = await waiting.add(user, clean_line(note, MAX_NOTE_LENGTH))
            answer = work.read_last(lambda: _view_of(work, entry.id, course_id, self._context))
        log.info("waiting_list.joined", course=course_id, entry=entry.id)
        return answer.value

    async def leave(self, who: Principal, id_or_slug: str) -> None:
        """Take a person off the list; a place that was offered is declined, and served on.

        Does nothing for somebody who is not on the list. Raises CourseNotFound, PaymentProcessing
        while a bank works on the payment of an offered place, NotCancellable when it was paid a
        moment ago, RateLimited, PaymentProviderError.
        """
        await self._limits.count("checkout", who.user_id)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            course_id = await _course_id(work, id_or_slug)
            course = await work.courses.lock(course_id)
            user = await work.users.by_subject(who.user_id)
            entry = await work.waiting_list.live_of(user.id, course_id) if user else None
            if course is None or entry is None:
                return
            if entry.state == EntryState.WAITING.value:
                LockedList(work, course, who.actor, now).move(entry, EntryEvent.LEAVE)
                log.info("waiting_list.left", course=course_id, entry=entry.id)
                return
            booking_id = str(entry.booking_id)
        await decline(self._context, booking_id, who)

    async def own(self, who: Principal) -> tuple[WaitingView, ...]:
        """Return what a person waits for, and the places that are offered to them."""
        now = self._context.clock()
        async with reading(self._context.database) as work:
            rows = await work.waiting_list.all_of_subject(who.user_id)
            return tuple([await _view(work, entry, course, now) for entry, course in rows])

    async def on(self, who: Principal, course_id: str) -> WaitingView | None:
        """Return a person's entry for a course: the live one, else the last. None without any."""
        async with reading(self._context.database) as work:
            entry = await work.waiting_list.newest_of_subject(who.user_id, course_id)
            return await _view_of(work, entry.id, course_id, self._context) if entry else None


async def decline(context: Context, booking_id: str, who: Principal) -> None:
    """Decline an offered place: close its page, release it, serve the next.

    Raises PaymentProcessing while a bank works on its payment, PaymentProviderError.
    """
    async with reading(context.database) as work:
        attempts = await work.attempts.of_booking(booking_id)
    if any(attempt.state == AttemptState.PROCESSING.value for attempt in attempts):
        raise PaymentProcessing
    order = CancelOrder(who.actor, by_operator=False, is_told=False)
    await cancel_booking(context, booking_id, order, no_answer)
    log.info("place.declined", booking=booking_id)


async def check_joining(waiting: LockedList, user: User) -> None:
    """Refuse somebody who cannot wait. The course is locked."""
    work, course, now = waiting.work, waiting.course, waiting.now
    if not is_bookable(state_of(course), now):
        raise BookingClosed
    newest = await work.bookings.newest_of(user.id, course.id)
    is_offered = await work.waiting_list.live_of(user.id, course.id)
    if is_offered is not None:
        raise AlreadyWaiting
    if newest is not None and SeatState(newest.place) in LIVE:
        raise AlreadyBooked
    if seats_of(course).left and not course.waiting:
        raise NotFull
    if closed_because(course, now):
        raise BookingClosed(NO_LIST)
    if not waiting.is_open:
        raise BookingClosed(LIST_CLOSED)


async def _course_id(work: UnitOfWork, id_or_slug: str) -> str:
    if clean_id(id_or_slug, MAX_NAME_LENGTH) is None:
        raise CourseNotFound
    course = await work.courses.summary(id_or_slug)
    if course is None:
        former = await work.slug_redirects.course_id_of(id_or_slug)
        course = await work.courses.summary(former) if former else None
    if course is None or not is_public(course):
        raise CourseNotFound
    return course.id


async def _view_of(
    work: UnitOfWork, entry_id: str, course_id: str, context: Context
) -> WaitingView:
    entry, course = await work.waiting_list.find(entry_id), await work.courses.find(course_id)
    if entry is None or course is None:
        raise BookingNotFound
    return await _view(work, entry, course, context.clock())


async def _view(
    work: UnitOfWork, entry: WaitingListEntry, course: Course, now: datetime
) -> WaitingView:
    is_waiting = entry.state == EntryState.WAITING.value
    position = await work.waiting_list.ahead_of(entry) + 1 if is_waiting else None
    return WaitingView(
        id=entry.id,
        course=course_view(course, now, await work.meetings.of_course(course.id)),
        state=EntryState(entry.state),
        position=position,
        joined_at=entry.joined_at,
        note=entry.note,
        booking_id=entry.booking_id,
        offer_until=entry.offer_until if entry.state == EntryState.OFFERED.value else None,
        why=entry.why,
        is_list_open=has_open_list(course, now),
    )
