"""A student's own bookings by section, each with its timeline; and the current state of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import BookingStatus, SeatState, places_of
from coursebook.domain.external_text import clean_id
from coursebook.domain.section import Section
from coursebook.errors import BookingNotFound, PaymentProviderError
from coursebook.identity.principal import Principal
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.repositories.booking_sections import BookingFilter, key_of
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.keyset import Key
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.booking_access import acts_for_school
from coursebook.services.bookings.offer_changes import last_change
from coursebook.services.bookings.timeline import booking_stories
from coursebook.services.context import Context
from coursebook.services.manage.school_settings import school_view
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.presenters import hold_end
from coursebook.services.rate_limits import Limits
from coursebook.services.settlement.holds import sweep_hold
from coursebook.services.settlement.settle import settle
from coursebook.services.views import BookingStory, SectionView

log = structlog.get_logger("coursebook.bookings")

JUST_ASKED = timedelta(seconds=3)
"""A session that was fetched from Stripe this recently is not fetched again."""

NOT_ASKED = (
    "We could not check your payment with the payment service. If you have paid, your booking "
    "will be confirmed automatically; please do not pay again."
)


@dataclass(frozen=True)
class BookingSearch:
    """A search among one's own bookings; empty values do not narrow."""

    q: str = ""
    status: BookingStatus | None = None


class Dashboard:
    """A student's own bookings for the dashboard. Operators too see only their own here."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits

    async def sections(
        self, who: Principal, search: BookingSearch, limit: int, *, is_asked_for: bool = True
    ) -> list[SectionView]:
        """Return every section that has bookings, each with its first `limit`.

        A search by words counts towards the rate limit when the person starts it, not when a page
        reloads by itself. Raises RateLimited.
        """
        if search.q and is_asked_for:
            await self._limits.count("search", who.user_id)
        async with reading(self._context.database) as work:
            shelf = await self._shelf(work, who, search)
            if shelf is None:
                return []
            counts = await work.booking_sections.counts(shelf)
            return [
                await self._section(
                    work, who, shelf, section, None, limit=limit, total=counts[section]
                )
                for section in Section
                if counts.get(section)
            ]

    async def more(
        self, who: Principal, search: BookingSearch, section: Section, cursor: str, limit: int
    ) -> SectionView:
        """Return the bookings of a section after a cursor. Raises Invalid for a wrong cursor."""
        after = read_cursor(cursor, _kind(section))
        async with reading(self._context.database) as work:
            shelf = await self._shelf(work, who, search)
            if shelf is None:
                return SectionView(section, (), None, 0)
            total = (await work.booking_sections.counts(shelf)).get(section, 0)
            return await self._section(work, who, shelf, section, after, limit=limit, total=total)

    async def story(self, who: Principal, booking_id: str) -> BookingStory:
        """Return one booking with what happened to it. Raises BookingNotFound."""
        async with reading(self._context.database) as work:
            booking = await self._own(work, who, booking_id)
            now = self._context.clock()
            by_operator = acts_for_school(who)
            (story,) = await booking_stories(work, [booking], now, by_operator=by_operator)
            return replace(
                story,
                change=await last_change(work, booking),
                school_email=(await school_view(self._context, work)).email,
            )

    async def look(self, who: Principal, booking_id: str) -> BookingStory:
        """Fetch the state of an unpaid booking from Stripe, and return the booking.

        An overdue hold is ended if Stripe confirms that nothing was paid. Raises BookingNotFound,
        and PaymentProviderError when Stripe does not answer.
        """
        now = self._context.clock()
        async with reading(self._context.database) as work:
            booking = await self._own(work, who, booking_id)
            course = await work.courses.find(booking.course_id)
            attempts = await work.attempts.of_booking(booking_id)
        ends = hold_end(booking, course) if course else None
        is_overdue = booking.place == SeatState.HELD.value and ends is not None and ends <= now
        open_attempts = [a for a in attempts if not AttemptState(a.state).is_final and a.session_id]
        try:
            if is_overdue:
                await sweep_hold(self._context, booking_id)
            for attempt in open_attempts if not is_overdue else []:
                if now - attempt.asked_at > JUST_ASKED or attempt.asked_at == attempt.created_at:
                    await settle(self._context, str(attempt.session_id), actor=who.actor)
        except GatewayError as error:
            log.warning("dashboard.refresh_failed", booking=booking_id, error=str(error))
            raise PaymentProviderError(NOT_ASKED) from error
        return await self.story(who, booking_id)

    async def _section(
        self,
        work: UnitOfWork,
        who: Principal,
        shelf: BookingFilter,
        section: Section,
        after: Key | None,
        *,
        limit: int,
        total: int,
    ) -> SectionView:
        rows = await work.booking_sections.page(shelf, section, after, limit + 1)
        shown = rows[:limit]
        stories = await booking_stories(
            work, [booking for booking, _ in shown], shelf.now, by_operator=acts_for_school(who)
        )
        return SectionView(section, tuple(stories), _next_cursor(section, rows, limit), total)

    async def _shelf(
        self, work: UnitOfWork, who: Principal, search: BookingSearch
    ) -> BookingFilter | None:
        user = await work.users.by_subject(who.user_id)
        if user is None:
            return None
        places = places_of(search.status) if search.status else None
        return BookingFilter(user.id, self._context.clock(), search.q, places)

    async def _own(self, work: UnitOfWork, who: Principal, booking_id: str) -> Booking:
        if clean_id(booking_id, ID_LENGTH) is None:
            raise BookingNotFound
        booking = await work.bookings.find(booking_id)
        user = await work.users.by_subject(who.user_id)
        if booking is None or user is None or booking.user_id != user.id:
            raise BookingNotFound
        return booking


def _next_cursor(
    section: Section, rows: Sequence[tuple[Booking, Course]], limit: int
) -> str | None:
    if len(rows) <= limit:
        return None
    return write_cursor(_kind(section), *key_of(section, *rows[limit - 1]))


def _kind(section: Section) -> str:
    by_start = section in (Section.UPCOMING, Section.PAST)
    return f"bookings:{section.value}:{'starts_at' if by_start else 'created_at'}"
