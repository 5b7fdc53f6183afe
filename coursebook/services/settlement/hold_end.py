"""Ending a hold: writes down why, and tells the student once.

Nothing else ends a held place, except somebody who cancels (`cancelling.py`).
"""

from datetime import timedelta

from coursebook.domain.booking import EndCause
from coursebook.persistence.course_search.courses import state_of
from coursebook.services.locked_booking import LockedBookingAndCourse

MAIL_DELAY = timedelta(seconds=30)
"""A student who cancels or tries again also ends a session: then no mail says that time ran out."""

MAILS: dict[EndCause, str] = {
    EndCause.PAGE_EXPIRED: "hold_expired",
    EndCause.PAYMENT_FAILED: "payment_failed",
    EndCause.COURSE_STARTED: "not_paid_by_start",
    EndCause.COURSE_CANCELLED: "cancelled",
    EndCause.OPERATOR: "cancelled",
}
"""The one mail of each cause. A page that Stripe refused was told on the spot."""
ON_ITS_WAY: dict[EndCause, str] = {
    EndCause.COURSE_STARTED: "started_payment_on_its_way",
    EndCause.COURSE_CANCELLED: "cancelled_payment_on_its_way",
    EndCause.OPERATOR: "cancelled_payment_on_its_way",
}
"""The same when a bank still works on money that will go back."""


async def end_hold(
    locked: LockedBookingAndCourse,
    why: EndCause,
    cause: str,
    *,
    occasion: int,
    by_stripe: bool = False,
    is_on_its_way: bool = False,
) -> EndCause:
    """End a held place and promise its mail; returns the cause that was written down.

    `occasion`: the attempt that it is about. `by_stripe`: a session ended, perhaps by the student's
    own act. `is_on_its_way`: the bank works on a payment that will be given back.
    """
    written = locked.end(why, cause)
    if written is EndCause.PAYMENT_FAILED and state_of(locked.course).has_begun(locked.now):
        locked.note("not_paid", "The payment failed after the course had begun: no new try.")
        await locked.promise_mail("payment_failed_after_start", occasion=occasion)
        return written
    kind = (ON_ITS_WAY if is_on_its_way else MAILS).get(written)
    if kind is not None:
        wait = MAIL_DELAY if by_stripe and kind == "hold_expired" else timedelta()
        about = {} if kind == "cancelled" else {"occasion": occasion}
        await locked.promise_mail(kind, wait=wait, **about)
    return written
