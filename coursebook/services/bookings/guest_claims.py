"""Claims: a mailed link adds the bookings of a guest to the account of whoever opens it.

A guest was entered by the school. Equal mail addresses alone never join two people.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from coursebook.domain.booking import LIVE, SeatState
from coursebook.errors import AlreadyBooked, ClaimNotFound, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.persistence.schema.tables import Booking, Claim, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import (
    LockedBookingAndCourse,
    again_if_moved,
    lock_booking,
)
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.rate_limits import Limits

log = structlog.get_logger("coursebook.people")

CLAIM_PERIOD = timedelta(days=30)
CODE_BYTES = 32
"""Random bytes of a code: 256 bits."""
MAX_CODE_LENGTH = 100
HAS_OTHER_PLACE = (
    "You already have a place on one of these courses in your account. Please ask the school to "
    "cancel one of the two, then open the link again."
)


@dataclass(frozen=True)
class ClaimedCourse:
    """A course that a link gives a booking of: its title and when it is."""

    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str


@dataclass(frozen=True)
class ClaimView:
    """What a link gives: the person's name, the courses by their start, and who sent it."""

    name: str
    courses: tuple[ClaimedCourse, ...]
    school: str


@dataclass(frozen=True)
class ClaimedView:
    """What was added to the account. `booking_id`: the newest of the bookings, "" for none."""

    bookings: int
    booking_id: str


def add_claim(work: UnitOfWork, guest: User, code: str, now: datetime) -> None:
    """Add a claim for everything that a guest has."""
    work.session.add(
        Claim(
            code_hash=_hash_of(code),
            user_id=guest.id,
            email=guest.email,
            created_at=now,
            expires_at=now + CLAIM_PERIOD,
        )
    )


def link_of(context: Context, code: str) -> str:
    """Return the address that is mailed."""
    return f"{context.public_url}/claim/{code}"


class GuestClaims:
    """The use cases of the page that a claim's link opens."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits

    async def look(self, who: Principal | None, code: object) -> ClaimView:
        """Return what a link gives, to anybody who is signed in and has it.

        Raises Unauthenticated, RateLimited, and ClaimNotFound for a link that is forged, used or
        over.
        """
        await self._count(who)
        async with reading(self._context.database) as work:
            claim = await work.claims.find(_hash_of(code))
            guest = await work.users.by_id(_checked(claim, self._context.clock()).user_id)
            assert guest is not None, "rows are never deleted"
            bookings = await work.bookings.all_of(guest.id)
            courses = await work.courses.by_ids({booking.course_id for booking in bookings})
            school = await sender_of(self._context, work)
        given = (
            ClaimedCourse(course.title, course.starts_at, course.ends_at, course.timezone)
            for course in sorted(courses.values(), key=lambda course: course.starts_at)
        )
        return ClaimView(guest.name, tuple(given), school.name)

    @again_if_moved
    async def accept(self, who: Principal | None, code: object) -> ClaimedView:
        """Add the bookings to the account of the person who followed the link, once.

        Raises Unauthenticated, RateLimited, ClaimNotFound, and AlreadyBooked when the account has a
        live place on one of the courses.
        """
        await self._count(who)
        assert who is not None, "counted"
        now = self._context.clock()
        async with writing(self._context.database) as work:
            claim = _checked(await work.claims.lock(_hash_of(code)), now)
            user = await work.users.ensure(who.user_id, who.email, who.name, now)
            guest = await work.users.by_id(claim.user_id)
            assert guest is not None, "rows are never deleted"
            await work.flush()
            bookings = await work.bookings.all_of(guest.id)
            await _refuse_second_place(work, bookings, user)
            for booking in bookings:  # in the order of their courses, to avoid deadlocks
                locked = await lock_booking(work, booking.id, who.actor, now)
                assert locked is not None, "read in this transaction"
                _give(locked, guest, user)
            claim.used_at, claim.used_by = now, user.id
            work.mark_changed(topics.user(user.id), topics.newcomer(user.subject))
        log.info("claim.used", guest=guest.id, user=user.id, bookings=len(bookings))
        newest = max(bookings, key=lambda booking: booking.created_at, default=None)
        return ClaimedView(len(bookings), newest.id if newest else "")

    async def _count(self, who: Principal | None) -> None:
        if who is None:
            raise Unauthenticated
        await self._limits.count("unknown_session", who.user_id)


def _give(locked: LockedBookingAndCourse, guest: User, user: User) -> None:
    """Give one booking to the account. The guest stays named as the one who takes part."""
    data = {"before": guest.subject, "after": user.subject}
    locked.note("joined", "Claimed by the link that the school had mailed.", **data)
    row = locked.booking
    if not row.participant_name and guest.name != user.name:
        row.participant_name = guest.name
    row.user_id, row.updated_at = user.id, locked.now


async def _refuse_second_place(work: UnitOfWork, bookings: list[Booking], user: User) -> None:
    for booking in bookings:
        if SeatState(booking.place) not in LIVE:
            continue
        other = await work.bookings.newest_of(user.id, booking.course_id)
        if other is not None and SeatState(other.place) in LIVE:
            raise AlreadyBooked(HAS_OTHER_PLACE)


def _checked(claim: Claim | None, now: datetime) -> Claim:
    """Return a claim that can be used. Raises ClaimNotFound."""
    if claim is None or claim.used_at is not None or claim.expires_at <= now:
        raise ClaimNotFound
    return claim


def _hash_of(code: object) -> str:
    """Return what is stored of a code. No code has the hash of something that is none."""
    is_code = isinstance(code, str) and 0 < len(code) <= MAX_CODE_LENGTH and code.isascii()
    return hashlib.sha256(str(code).encode()).hexdigest() if is_code else ""
