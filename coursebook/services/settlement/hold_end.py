"""Ending a hold: record the cause and enqueue one mail to the student.

A held place ends only here or by cancelling (services/bookings/cancellation.py).
"""

from datetime import timedelta

from coursebook.domain.admission import is_reserved
from coursebook.domain.booking import EndCause
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.services.locked_booking import LockedBookingAndCourse

MAIL_DELAY = timedelta(seconds=30)
"""Cancelling or trying again also ends a session. The mail waits, and is dropped in that case."""

MAILS: dict[EndCause, MailKind] = {
    EndCause.PAGE_EXPIRED: MailKind.HOLD_EXPIRED,
    EndCause.PAYMENT_FAILED: MailKind.PAYMENT_FAILED,
    EndCause.COURSE_STARTED: MailKind.NOT_PAID_BY_START,
    EndCause.COURSE_CANCELLED: MailKind.CANCELLED,
    EndCause.OPERATOR: MailKind.CANCELLED,
}
"""The mail of each cause. REFUSED has none: the student saw the error at once."""
ON_ITS_WAY: dict[EndCause, MailKind] = {
    EndCause.COURSE_STARTED: MailKind.STARTED_PAYMENT_ON_ITS_WAY,
    EndCause.COURSE_CANCELLED: MailKind.CANCELLED_PAYMENT_ON_ITS_WAY,
    EndCause.OPERATOR: MailKind.CANCELLED_PAYMENT_ON_ITS_WAY,
}
"""The mail of each cause while a bank is still working on a payment that will be refunded."""


BY_ITSELF = (EndCause.PAGE_EXPIRED, EndCause.PAYMENT_FAILED, EndCause.REFUSED)
"""The causes by which a payment page ends a hold; a reserved place stays then."""


async def end_hold(
    locked: LockedBookingAndCourse,
    why: EndCause,
    cause: str,
    *,
    occasion: int,
    by_stripe: bool = False,
    is_on_its_way: bool = False,
) -> EndCause | None:
    """End a held place and enqueue its mail. Return the cause that was recorded.

    None: the place stays, because it is reserved without a payment page. `occasion` is the number
    of the attempt. `by_stripe`: a session ended, perhaps because the student closed it.
    `is_on_its_way`: a bank is working on a payment that will be refunded.
    """
    until = locked.booking.reserved_until
    if why in BY_ITSELF and is_reserved(state_of(locked.course), until, locked.now):
        return None
    recorded = locked.end(why, cause)
    if recorded is EndCause.PAYMENT_FAILED and state_of(locked.course).has_begun(locked.now):
        locked.note("not_paid", "The payment failed after the course had begun: no new try.")
        await locked.enqueue_mail(MailKind.PAYMENT_FAILED_AFTER_START, occasion=occasion)
        return recorded
    kind = (ON_ITS_WAY if is_on_its_way else MAILS).get(recorded)
    if kind is not None:
        wait = MAIL_DELAY if by_stripe and kind is MailKind.HOLD_EXPIRED else timedelta()
        facts = {} if kind is MailKind.CANCELLED else {"occasion": occasion}
        await locked.enqueue_mail(kind, wait=wait, **facts)
    return recorded
