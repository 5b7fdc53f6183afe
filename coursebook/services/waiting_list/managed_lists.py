"""The waiting list on the operator's side: see it, add somebody, offer, move, remove."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.external_text import clean_id, clean_line, mail_address
from coursebook.domain.rights import Permission, Rights
from coursebook.domain.waiting_list.entry import EntryState
from coursebook.domain.waiting_list.turn import TurnRule, is_list_open, turn_end
from coursebook.errors import (
    AlreadyBooked,
    BookingClosed,
    BookingNotFound,
    CourseFull,
    CourseNotFound,
    FieldError,
    Invalid,
    NotActionable,
)
from coursebook.identity.principal import Principal
from coursebook.persistence.course_search.courses import is_public, seats_of
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Course, User, WaitingListEntry
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.bookings.cancellation import CancelOrder, cancel_booking
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.course_writes import record
from coursebook.services.manage.school_settings import offer_minutes
from coursebook.services.presenters import public_seats
from coursebook.services.waiting_list.entry_changes import MAX_WHY_LENGTH, LockedList
from coursebook.services.waiting_list.list_state import closed_because, rule_of
from coursebook.services.waiting_list.place_offers import offer
from coursebook.services.waiting_list.student_entries import (
    LIST_CLOSED,
    MAX_NOTE_LENGTH,
    NO_LIST,
    check_joining,
)
from coursebook.services.waiting_list.views import ManagedListView, WaitingPersonView

log = structlog.get_logger("coursebook.waiting_list")

FULL = (
    "All places on this course are taken. Make one place more for this person, or wait until one "
    "becomes free."
)
HAS_PLACE = "This person has a place on this course already. They no longer wait."
ENDED = "This entry has ended or has an offer already. Nothing has changed."
UNKNOWN_PERSON = "We know no account like this. People who wait must have signed in once."
NO_ENTRY = "We could not find this entry of the waiting list."
NO_REASON = "Say why this person is moved to the front."


@dataclass(frozen=True)
class NewWaiting:
    """Somebody to be put on the list: an account, by its id or its only e-mail address."""

    user_id: str = ""
    email: str = ""
    note: str = ""


class ManagedWaitingLists:
    """The use cases. All raise Unauthenticated, Forbidden, CourseNotFound, RateLimited."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def get(self, who: Principal | None, course_id: str) -> ManagedListView:
        """Return the list of a course: offered places first, then those who wait, in order."""
        rights = await self._rights(who, course_id, Permission.SEE_PEOPLE)
        async with reading(self._context.database) as work:
            return await self._view(work, course_id, rights)

    async def add(
        self, who: Principal | None, course_id: str, person: NewWaiting
    ) -> ManagedListView:
        """Put an account at the end of the list.

        Raises Invalid for an unknown person, NotFull, AlreadyWaiting, AlreadyBooked,
        BookingClosed.
        """
        rights, actor = await self._acting(who, course_id)
        async with writing(self._context.database) as work:
            waiting = await self._locked(work, course_id, actor)
            user = await _account(work, person)
            await check_joining(waiting, user)
            await waiting.add(user, clean_line(person.note, MAX_NOTE_LENGTH))
            answer = work.read_last(lambda: self._view(work, course_id, rights))
        return answer.value

    async def offer(
        self, who: Principal | None, course_id: str, entry_id: str, *, one_more: bool
    ) -> ManagedListView:
        """Move somebody to the front and keep a place for them, in one transaction.

        With `one_more` a full course gets one place more, which only this person uses. Raises
        BookingNotFound, NotActionable, CourseFull, BookingClosed, AlreadyBooked.
        """
        rights, actor = await self._acting(who, course_id)
        async with writing(self._context.database) as work:
            waiting = await self._locked(work, course_id, actor)
            entry = await _waiting_entry(work, course_id, entry_id)
            is_offered = await _offer(waiting, entry, one_more=one_more)
            answer = work.read_last(lambda: self._view(work, course_id, rights))
        if not is_offered:
            raise AlreadyBooked(HAS_PLACE)
        log.info("place.offered_by_school", course=course_id, entry=entry_id)
        return answer.value

    async def move_to_front(
        self, who: Principal | None, course_id: str, entry_id: str, reason: str
    ) -> ManagedListView:
        """Let somebody be served next. The reason is stored with the entry.

        Raises BookingNotFound, NotActionable, Invalid without a reason.
        """
        rights, actor = await self._acting(who, course_id)
        why = clean_line(reason, MAX_WHY_LENGTH)
        if not why:
            raise Invalid([FieldError("/reason", NO_REASON)])
        async with writing(self._context.database) as work:
            waiting = await self._locked(work, course_id, actor)
            entry = await _waiting_entry(work, course_id, entry_id)
            await _to_front(waiting, entry)
            entry.why = why
            answer = work.read_last(lambda: self._view(work, course_id, rights))
        log.info("waiting_list.reordered", course=course_id, entry=entry_id)
        return answer.value

    async def remove(self, who: Principal | None, course_id: str, entry_id: str) -> ManagedListView:
        """Take somebody off the list, and tell them. A place that was offered goes to the next.

        Raises BookingNotFound, NotActionable, PaymentProcessing, PaymentProviderError.
        """
        rights, actor = await self._acting(who, course_id)
        async with writing(self._context.database) as work:
            waiting = await self._locked(work, course_id, actor)
            entry = await _entry(work, course_id, entry_id)
            booking_id = entry.booking_id
            is_offered = entry.state == EntryState.OFFERED.value
            if entry.state == EntryState.WAITING.value:
                await waiting.close(entry, "removed")
            elif not is_offered:
                raise NotActionable(ENDED)
            answer = work.read_last(lambda: self._view(work, course_id, rights))
        view = answer.value
        if is_offered and booking_id:
            order = CancelOrder(actor, by_operator=True)
            view = await cancel_booking(
                self._context, booking_id, order, lambda work: self._view(work, course_id, rights)
            )
        log.info("waiting_list.entry_removed", course=course_id, entry=entry_id)
        return view

    async def _acting(self, who: Principal | None, course_id: str) -> tuple[Rights, Actor]:
        rights = await self._rights(who, course_id, Permission.CHANGE_BOOKINGS)
        return rights, rights.actor(who.user_id if who else "")

    async def _rights(
        self, who: Principal | None, course_id: str, permission: Permission
    ) -> Rights:
        rights = await self._access.rights_of(who)
        rights.require(permission, course_id)
        if clean_id(course_id, ID_LENGTH) is None:
            raise CourseNotFound
        return rights

    async def _locked(self, work: UnitOfWork, course_id: str, actor: Actor) -> LockedList:
        course = await work.courses.lock(course_id)
        if course is None:
            raise CourseNotFound
        return LockedList(work, course, actor, self._context.clock())

    async def _view(self, work: UnitOfWork, course_id: str, rights: Rights) -> ManagedListView:
        now = self._context.clock()
        course = await work.courses.find(course_id)
        if course is None or course.id != course_id:
            raise CourseNotFound
        rows = await work.waiting_list.live_with_people(course_id)
        rule = rule_of(course, await offer_minutes(work))
        sees_contacts = rights.allows(Permission.SEE_CONTACTS, course_id)
        return _view(course, rows, rule, now, sees_contacts=sees_contacts)


async def _offer(waiting: LockedList, entry: WaitingListEntry, *, one_more: bool) -> bool:
    """Keep a place for this person before all others. Return False if they have a place."""
    work, course, now = waiting.work, waiting.course, waiting.now
    if closed_because(course, now):
        raise BookingClosed(NO_LIST)
    if not waiting.is_open:
        raise BookingClosed(LIST_CLOSED)
    is_full = not seats_of(course).left
    if is_full and not one_more:
        raise CourseFull(FULL)
    await _to_front(waiting, entry)
    if is_full:
        course.capacity += 1
    if not await offer(waiting, entry):
        if is_full:
            course.capacity -= 1
        return False
    if is_full:
        data = {"capacity": [course.capacity - 1, course.capacity]}
        course.version, course.updated_at = course.version + 1, now
        course.updated_by = str(waiting.actor)[:160]
        record(work, course.id, "edited", waiting.actor, now, data=data)
    return True


async def _to_front(waiting: LockedList, entry: WaitingListEntry) -> None:
    """Put an entry before everybody else who waits, with its audit row."""
    first = (await waiting.work.waiting_list.first(waiting.course.id, 1))[0]
    if first.id != entry.id:
        entry.priority = first.priority + 1
    waiting.record(entry, "moved_to_front", EntryState.WAITING, priority=entry.priority)
    await waiting.work.flush()


async def _entry(work: UnitOfWork, course_id: str, entry_id: str) -> WaitingListEntry:
    is_id = clean_id(entry_id, ID_LENGTH) is not None
    entry = await work.waiting_list.find(entry_id) if is_id else None
    if entry is None or entry.course_id != course_id:
        raise BookingNotFound(NO_ENTRY)
    return entry


async def _waiting_entry(work: UnitOfWork, course_id: str, entry_id: str) -> WaitingListEntry:
    entry = await _entry(work, course_id, entry_id)
    if entry.state != EntryState.WAITING.value:
        raise NotActionable(ENDED)
    return entry


async def _account(work: UnitOfWork, person: NewWaiting) -> User:
    """Return the account of a person. Raises Invalid when there is none, or more than one."""
    if person.user_id:
        is_id = clean_id(person.user_id, ID_LENGTH) is not None
        user = await work.users.by_id(person.user_id) if is_id else None
        users = [user] if user else []
        pointer = "/user_id"
    else:
        address, pointer = mail_address(person.email), "/email"
        users = await work.users.by_email(address) if address else []
    accounts = [user for user in users if not user.is_guest]
    if len(accounts) != 1:
        raise Invalid([FieldError(pointer, UNKNOWN_PERSON)])
    return accounts[0]


def _view(
    course: Course,
    rows: list[tuple[WaitingListEntry, User]],
    rule: TurnRule,
    now: datetime,
    *,
    sees_contacts: bool,
) -> ManagedListView:
    closed, position = closed_because(course, now), 0
    items = []
    for entry, user in rows:
        is_waiting = entry.state == EntryState.WAITING.value
        position += is_waiting
        items.append(
            WaitingPersonView(
                id=entry.id,
                name=user.name or (user.email if sees_contacts else ""),
                email=user.email if sees_contacts else "",
                state=EntryState(entry.state),
                position=position if is_waiting else None,
                joined_at=entry.joined_at,
                note=entry.note,
                why=entry.why,
                is_first_by_school=is_waiting and entry.priority > 0,
                booking_id=entry.booking_id,
                offered_at=entry.offered_at,
                offer_until=entry.offer_until,
            )
        )
    is_open = not closed and is_list_open(rule, now)
    return ManagedListView(
        course_id=course.id,
        title=course.title,
        slug=course.slug,
        timezone=course.timezone,
        starts_at=course.starts_at,
        capacity=course.capacity,
        seats_left=public_seats(course),
        has_waiting_list=course.has_waiting_list,
        is_public=is_public(course),
        is_list_open=is_open,
        closed=closed or ("" if is_open else "last_hours"),
        closes_at=rule.closes_at,
        turn_ends_at=turn_end(rule, now) if is_open else None,
        turn_minutes=rule.usual // timedelta(minutes=1),
        waiting=course.waiting,
        items=tuple(items),
    )
