"""The bookings of others, for the people who manage them: see one, and act on it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from coursebook.domain.booking import SeatState
from coursebook.domain.booking_edits.give_back import Give, GiveBack
from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import BookingNotFound, NotActionable
from coursebook.identity.principal import Principal
from coursebook.mail.kinds import MailKind
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking
from coursebook.persistence.unit_of_work import Answer, UnitOfWork, reading, writing
from coursebook.services.bookings.cancellation import CancelOrder, cancel_booking
from coursebook.services.bookings.expected_amounts import Expected
from coursebook.services.bookings.operator_orders import (
    RefundOrder,
    checked_choice,
    checked_note,
    checked_order,
    checked_tags,
)
from coursebook.services.bookings.operator_refunds import refund_part
from coursebook.services.context import Context
from coursebook.services.locked_booking import MAIL, LockedBooking
from coursebook.services.manage.access import Access
from coursebook.services.manage.booking_details import managed_booking
from coursebook.services.manage.booking_views import ManagedBookingView
from coursebook.services.outbox.recipients import addresses_of

log = structlog.get_logger("coursebook.bookings")

NOT_CONFIRMED = "This booking has no confirmed place, so there is nothing to confirm."
NO_ADDRESS = "We have no email address of this person, so nothing can be sent."


class ManagedBookings:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable.

    All raise BookingNotFound, also for a booking on a course that the person may not see.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def get(self, who: Principal | None, booking_id: str) -> ManagedBookingView:
        """Return one booking."""
        rights = await self.require(who, booking_id, Permission.SEE_PEOPLE)
        async with reading(self._context.database) as work:
            return await self._view(work, rights, booking_id)

    async def refund(
        self, who: Principal, booking_id: str, order: RefundOrder
    ) -> ManagedBookingView:
        """Give back a part of what is kept; the person keeps the place unless the order ends it.

        Raises Invalid, Disputed, NothingToRefund, ChangedMeanwhile, NotActionable; with `cancels`
        also what `cancel` raises.
        """
        rights = await self._acting(who, booking_id, Permission.MOVE_MONEY)
        order = checked_order(order)
        if order.cancels:
            choice = GiveBack(
                Give.AMOUNT, order.amount, order.reason, order.note, order.agreed, "/amount"
            )
            return await self.cancel(who, booking_id, choice, order.expected)
        async with self._locked(rights, who, booking_id) as (locked, answer):
            await refund_part(locked, order)
        log.info("booking.refunded", booking=booking_id)
        return answer.value

    async def cancel(
        self,
        who: Principal,
        booking_id: str,
        choice: GiveBack,
        expected: Expected,
        *,
        is_told: bool = True,
    ) -> ManagedBookingView:
        """End the place and give back what was chosen. An open payment page is closed first.

        `expected`: the sum kept and the promised sum that the operator saw. Raises Invalid,
        ChangedMeanwhile, NotCancellable, PaymentProcessing, Disputed, NothingToRefund,
        PaymentProviderError (then nothing has changed).
        """
        rights = await self._acting(who, booking_id, Permission.MOVE_MONEY)
        actor = rights.actor(who.user_id)
        chosen = checked_choice(choice)
        order = CancelOrder(actor, True, expected, chosen, is_told)  # noqa: FBT003 - by the school
        view = await cancel_booking(
            self._context, booking_id, order, lambda work: self._view(work, rights, booking_id)
        )
        log.info("booking.cancelled", booking=booking_id)
        return view

    async def resend(self, who: Principal, booking_id: str) -> ManagedBookingView:
        """Send the confirmation again, also to another participant.

        Raises NotActionable without a confirmed place or any address.
        """
        rights = await self._acting(who, booking_id, Permission.CHANGE_BOOKINGS)
        async with self._locked(rights, who, booking_id) as (locked, answer):
            await send_confirmation_again(locked)
        return answer.value

    async def set_note(self, who: Principal, booking_id: str, note: str) -> ManagedBookingView:
        """Set the school's own note, which the student never sees. Raises Invalid."""
        rights = await self._acting(who, booking_id, Permission.CHANGE_BOOKINGS)
        checked = checked_note(note)
        async with self._locked(rights, who, booking_id) as (locked, answer):
            if locked.booking.note != checked:
                locked.booking.note = checked
                locked.note("note_changed", "The note was changed.")
        return answer.value

    async def set_tags(
        self, who: Principal, booking_id: str, tags: Sequence[str]
    ) -> ManagedBookingView:
        """Set the school's own tags, which the student never sees. Raises Invalid."""
        rights = await self._acting(who, booking_id, Permission.CHANGE_BOOKINGS)
        checked = checked_tags(tags)
        async with self._locked(rights, who, booking_id) as (locked, answer):
            if list(locked.booking.tags) != checked:
                locked.booking.tags = checked
                locked.note("tags_changed", "The tags were changed.")
        return answer.value

    async def _view(self, work: UnitOfWork, rights: Rights, booking_id: str) -> ManagedBookingView:
        """Return a booking as somebody with these rights sees it in this transaction."""
        booking = await booking_within(work, booking_id, rights)
        return await managed_booking(work, booking, rights, self._context.clock())

    async def require(
        self, who: Principal | None, booking_id: str, permission: Permission
    ) -> Rights:
        """Return the rights of a person who may do this with this booking."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE)
        async with reading(self._context.database) as work:
            booking = await booking_within(work, booking_id, rights)
        rights.require(permission, booking.course_id)
        return rights

    async def _acting(self, who: Principal, booking_id: str, permission: Permission) -> Rights:
        """Return the rights of a person who is about to act, and store the person's name."""
        rights = await self.require(who, booking_id, permission)
        async with reading(self._context.database) as work:
            is_new = await work.users.by_subject(who.user_id) is None
        if is_new:
            async with writing(self._context.database) as work:
                await work.users.ensure(who.user_id, who.email, who.name, self._context.clock())
        return rights

    @asynccontextmanager
    async def _locked(
        self, rights: Rights, who: Principal, booking_id: str
    ) -> AsyncIterator[tuple[LockedBooking, Answer[ManagedBookingView]]]:
        """Lock a booking in a transaction, and read it at the end. Its place cannot change."""
        async with writing(self._context.database) as work:
            booking = await work.bookings.lock(booking_id)
            if booking is None:
                raise BookingNotFound
            actor = rights.actor(who.user_id)
            answer = work.read_last(lambda: self._view(work, rights, booking_id))
            yield LockedBooking(work, booking, actor, self._context.clock()), answer


async def send_confirmation_again(locked: LockedBooking) -> None:
    """Enqueue one more confirmation, also to another participant.

    Raises NotActionable without a confirmed place, or without any address.
    """
    if locked.place is not SeatState.CONFIRMED:
        raise NotActionable(NOT_CONFIRMED)
    work, booking = locked.work, locked.booking
    mails = await work.outbox.mails_of(booking.id)
    number = sum(mail.kind == f"{MAIL}{MailKind.BOOKED}" for mail in mails)
    payer, *copies = locked.mail_drafts(MailKind.BOOKED, occasion=f"resend-{number}")
    user = await work.users.by_id(booking.user_id)
    attempts = await work.attempts.of_booking(booking.id)
    drafts = [payer, *copies] if user and addresses_of({}, user, attempts) else copies
    if not drafts:
        raise NotActionable(NO_ADDRESS)
    await work.outbox.enqueue_all(drafts, locked.now)
    locked.note("confirmation_resent", "The confirmation was sent again.")


async def booking_within(work: UnitOfWork, booking_id: str, rights: Rights) -> Booking:
    """Return a booking on a course that the person may see. Raises BookingNotFound."""
    booking = None
    if clean_id(booking_id, ID_LENGTH) is not None:
        booking = await work.bookings.find(booking_id)
    if booking is None or not rights.reaches(booking.course_id):
        raise BookingNotFound
    return booking
