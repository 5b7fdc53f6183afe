"""Move all bookings of an old account to the current account of the same person.

Its places on waiting lists go with them.

A person who is deleted and created again at Clerk gets another user id and would see none of their
bookings. An operator names both accounts. Equal email addresses alone never join two accounts.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.booking import LIVE, SeatState
from coursebook.domain.waiting_list.entry import LIVE as LIVE_ENTRY
from coursebook.domain.waiting_list.entry import EntryState
from coursebook.live import topics
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Booking, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import again_if_moved, lock_booking

log = structlog.get_logger("coursebook.people")

ACTOR = Actor("operator, at the command line")


class CannotJoin(Exception):
    """The two cannot be joined; the message is one sentence."""


@dataclass(frozen=True)
class PersonSummary:
    """An account, and how many bookings it has."""

    id: str
    subject: str
    email: str
    name: str
    seen_at: datetime
    bookings: int
    live: int


@dataclass(frozen=True)
class JoinPreview:
    """What joining would do: `old` gives all its bookings to `new`."""

    old: PersonSummary
    new: PersonSummary


async def preview_join(context: Context, old: str, new: str) -> JoinPreview:
    """Find both accounts, and count what would move. Raises CannotJoin, Unavailable."""
    async with reading(context.database) as work:
        old_user, new_user = await _both(work, old, new)
        await _refuse_conflict(work, old_user, new_user)
        return JoinPreview(await _summary(work, old_user), await _summary(work, new_user))


@again_if_moved
async def join(context: Context, preview: JoinPreview) -> int:
    """Move every booking of the old account, in one transaction; return how many.

    Raises CannotJoin when something has changed since the preview.
    """
    async with writing(context.database) as work:
        old, new = await _both(work, preview.old.id, preview.new.id)
        await _refuse_conflict(work, old, new)
        bookings = await work.bookings.all_of(old.id)
        if len(bookings) != preview.old.bookings:
            raise CannotJoin("Bookings have changed since: check them again, then decide.")
        now = context.clock()
        entries = await work.waiting_list.all_of(old.id)
        courses = {b.course_id for b in bookings} | {e.course_id for e in entries}
        for course_id in sorted(courses):  # in one order, to avoid deadlocks
            await work.courses.lock(course_id)
        for booking in bookings:
            locked = await lock_booking(work, booking.id, ACTOR, now)
            assert locked is not None, "read in this transaction"
            data = {"before": old.subject, "after": new.subject}
            locked.note("joined", "The same person has a new account.", **data)
            locked.booking.user_id, locked.booking.updated_at = new.id, now
        for entry in entries:
            entry.user_id = new.id
            work.mark_changed(topics.waiting(entry.course_id))
        work.mark_changed(topics.user(new.id), topics.newcomer(new.subject))
        _audit(work, old, new, len(bookings), now)
    log.info("account.merged", old=old.id, new=new.id, bookings=len(bookings))
    return len(bookings)


async def _both(work: UnitOfWork, old: str, new: str) -> tuple[User, User]:
    old_user, new_user = await _account(work, old), await _account(work, new)
    if old_user.id == new_user.id:
        raise CannotJoin(f"{old} and {new} are the same account ({old_user.subject}).")
    return old_user, new_user


async def _account(work: UnitOfWork, named: str) -> User:
    """Return the only account with this Clerk user id, own id, or e-mail address."""
    user = await work.users.by_subject(named) or await work.users.by_id(named)
    if user is not None:
        return user
    users = await work.users.by_email(named) if "@" in named else []
    if not users:
        raise CannotJoin(
            f"{named} is not known here: give the Clerk user id (user_…) or email address of "
            "someone who has signed in at least once."
        )
    if len(users) > 1:
        ids = ", ".join(f"{user.subject} (last seen {user.seen_at:%Y-%m-%d})" for user in users)
        raise CannotJoin(f"{named} is the address of {len(users)} accounts, so give the id: {ids}.")
    return users[0]


async def _refuse_conflict(work: UnitOfWork, old: User, new: User) -> None:
    """Refuse when both have a live booking on one course, or wait there: one of each at most."""
    for entry in await work.waiting_list.all_of(old.id):
        is_live = EntryState(entry.state) in LIVE_ENTRY
        if is_live and await work.waiting_list.live_of(new.id, entry.course_id):
            title = await _title(work, entry.course_id)
            raise CannotJoin(
                f"Both accounts wait for a place on “{title}”: let one leave the list first."
            )
    live_bookings = {b.course_id: b for b in await work.bookings.all_of(new.id) if _is_live(b)}
    for booking in await work.bookings.all_of(old.id):
        other = live_bookings.get(booking.course_id)
        if other is not None and _is_live(booking):
            title = await _title(work, booking.course_id)
            raise CannotJoin(
                f"Both accounts have a live booking of “{title}” ({booking.id} and {other.id}): "
                "cancel one of them first."
            )


async def _title(work: UnitOfWork, course_id: str) -> str:
    course = await work.courses.find(course_id)
    return course.title if course else course_id


def _is_live(booking: Booking) -> bool:
    return SeatState(booking.place) in LIVE


async def _summary(work: UnitOfWork, user: User) -> PersonSummary:
    bookings = await work.bookings.all_of(user.id)
    live = sum(map(_is_live, bookings))
    return PersonSummary(
        user.id, user.subject, user.email, user.name, user.seen_at, len(bookings), live
    )


def _audit(work: UnitOfWork, old: User, new: User, bookings: int, now: datetime) -> None:
    cause = f"{bookings} bookings went to {new.subject}."
    data = {"old": old.id, "new": new.id, "bookings": bookings}
    change = Change(None, f"person {old.id}", "joined", None, None, cause, data)
    work.audit.write(change, actor=ACTOR, request_id="", now=now)
