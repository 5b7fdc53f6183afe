"""Ending a hold: record the cause and enqueue one mail to the student.

A held place ends only here or by cancelling (services/bookings/cancellation.py). It stays while it
is reserved without a page, and when the school has taken a part of its price by hand: then an
operator decides.
"""

from datetime import timedelta
from typing import Any

from coursebook.domain.admission import is_reserved
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.booking import BookingSource, EndCause
from coursebook.domain.inbox import InboxKind
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.tables import Booking
from coursebook.services.bookings.balance import hand_money
from coursebook.services.bookings.offline_payments import end_place
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.settlement.inbox_entries import open_inbox_entry

MAIL_DELAY = timedelta(seconds=30)
"""Cancelling or trying again also ends a session. The mail waits, and is dropped in that case."""

MAILS: dict[EndCause, MailKind] = {
    EndCause.PAGE_EXPIRED: MailKind.HOLD_EXPIRED,
    EndCause.PAYMENT_FAILED: MailKind.PAYMENT_FAILED,
    EndCause.COURSE_STARTED: MailKind.NOT_PAID_BY_START,
    EndCause.OPERATOR: MailKind.CANCELLED,
}
"""The mail of each cause. REFUSED has none: the student saw the error at once."""
ON_ITS_WAY: dict[EndCause, MailKind] = {
    EndCause.COURSE_STARTED: MailKind.STARTED_PAYMENT_ON_ITS_WAY,
    EndCause.OPERATOR: MailKind.CANCELLED_PAYMENT_ON_ITS_WAY,
}
"""The mail of each cause while a bank is still working on a payment that will be refunded."""


PART_PAID_KEY = "part-paid:{}"
"""The key of the entry about a part of the price, by the booking."""
BY_ITSELF = (EndCause.PAGE_EXPIRED, EndCause.PAYMENT_FAILED, EndCause.REFUSED)
"""The causes by which a hold ends without anybody's decision."""


async def end_hold(
    locked: LockedBookingAndCourse,
    why: EndCause,
    cause: str,
    *,
    occasion: int,
    by_stripe: bool = False,
    is_on_its_way: bool = False,
    is_told: bool = True,
) -> EndCause | None:
    """End a held place and enqueue its mail. Return the cause that was recorded.

    None: the place stays. `occasion` is the number of the attempt. `by_stripe`: a session ended,
    perhaps because the student closed it. `is_on_its_way`: a bank is working on a payment that will
    be refunded. Without `is_told` no mail is sent.
    """
    if why in BY_ITSELF and await _stays(locked):
        return None
    is_turn = is_offered(locked.booking)
    recorded = await end_place(locked, why, cause)
    if not is_told or (is_turn and recorded is EndCause.PAGE_EXPIRED):
        return recorded  # the waiting list tells whose turn is over
    if recorded is EndCause.COURSE_CANCELLED:
        await enqueue_course_cancelled(locked, is_on_its_way=is_on_its_way)
        return recorded
    if recorded is EndCause.PAYMENT_FAILED and state_of(locked.course).has_begun(locked.now):
        locked.note("not_paid", "The payment failed after the course had begun: no new try.")
        await locked.enqueue_mail(MailKind.PAYMENT_FAILED_AFTER_START, occasion=occasion)
        return recorded
    kind = (ON_ITS_WAY if is_on_its_way else MAILS).get(recorded)
    if kind is not None:
        wait = MAIL_DELAY if by_stripe and kind is MailKind.HOLD_EXPIRED else timedelta()
        facts: dict[str, Any] = {} if kind is MailKind.CANCELLED else {"occasion": occasion}
        await locked.enqueue_mail(kind, wait=wait, **facts)
    return recorded


def is_offered(booking: Booking) -> bool:
    """Whether a held place is kept for somebody from the waiting list."""
    return booking.source == BookingSource.WAITING.value and booking.reserved_until is not None


async def _stays(locked: LockedBookingAndCourse) -> bool:
    """Whether a hold does not end by itself. A part of the price opens an entry of the inbox."""
    booking, course = locked.booking, state_of(locked.course)
    if is_reserved(course, booking.reserved_until, locked.now):
        return True
    part = hand_money(booking).left
    if not part or course.is_cancelled:
        return False
    booking.hold_expires_at = None
    came, price = (money_in_words(sum_, booking.currency) for sum_ in (part, booking.price))
    draft = InboxEntryDraft(
        PART_PAID_KEY.format(booking.id),
        InboxKind.PART_PAID,
        f"{came} of {price} came by hand, and the time to pay is over.",
        booking_id=booking.id,
        amount=part,
        currency=booking.currency,
    )
    await open_inbox_entry(locked.work, draft, actor=locked.actor, now=locked.now)
    return True


async def enqueue_course_cancelled(
    locked: LockedBookingAndCourse, *, is_on_its_way: bool = False
) -> None:
    """Enqueue the one mail about a cancelled course, whoever ended the place.

    `is_on_its_way`: a bank is working on a payment that will be refunded.
    """
    facts = {"is_on_its_way": is_on_its_way, "course_id": locked.course.id}
    drafts = locked.mail_drafts(MailKind.COURSE_CANCELLED, **facts)
    await locked.work.outbox.enqueue_all(drafts, locked.now, Lane.BULK)
