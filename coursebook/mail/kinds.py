"""The mails about a booking, by name."""

from collections.abc import Mapping
from enum import StrEnum


class MailKind(StrEnum):
    """Each has a function in `messages.py` and texts in `i18n`, both under its name."""

    BOOKED = "booked"
    BOOKED_BY_SCHOOL = "booked_by_school"
    PAYMENT_EXPECTED = "payment_expected"
    PAYMENT_RECEIVED = "payment_received"
    CLAIM = "claim"
    PAYMENT_ON_ITS_WAY = "payment_on_its_way"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_FAILED_PLACE_KEPT = "payment_failed_place_kept"
    PAYMENT_FAILED_AFTER_START = "payment_failed_after_start"
    HOLD_ENDING = "hold_ending"
    HOLD_EXPIRED = "hold_expired"
    NOT_PAID_BY_START = "not_paid_by_start"
    REMINDER = "reminder"
    COURSE_CHANGED = "course_changed"
    COURSE_CANCELLED = "course_cancelled"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    LATE_PAYMENT_REFUNDED = "late_payment_refunded"
    SECOND_PAYMENT_REFUNDED = "second_payment_refunded"
    CANCELLED_PAYMENT_REFUNDED = "cancelled_payment_refunded"
    STARTED_PAYMENT_REFUNDED = "started_payment_refunded"
    COURSE_CANCELLED_PAYMENT_REFUNDED = "course_cancelled_payment_refunded"
    OTHER_PLACE_PAYMENT_REFUNDED = "other_place_payment_refunded"
    CLOSED_PAYMENT_REFUNDED = "closed_payment_refunded"
    MOVED = "moved"
    MOVED_PAYMENT_REFUNDED = "moved_payment_refunded"
    PLACE_FOR_YOU = "place_for_you"
    PLACE_HANDED_ON = "place_handed_on"
    STARTED_PAYMENT_ON_ITS_WAY = "started_payment_on_its_way"
    CANCELLED_PAYMENT_ON_ITS_WAY = "cancelled_payment_on_its_way"
    MESSAGE = "message"


COPIES: Mapping[MailKind | str, MailKind] = {
    MailKind.BOOKED: MailKind.PLACE_FOR_YOU,
    MailKind.REMINDER: MailKind.REMINDER,
    MailKind.COURSE_CHANGED: MailKind.COURSE_CHANGED,
    MailKind.MOVED: MailKind.MOVED,
    MailKind.CANCELLED: MailKind.CANCELLED,
    MailKind.COURSE_CANCELLED: MailKind.COURSE_CANCELLED,
}
"""The mails about the course, each with the one that goes to a participant who is not the payer.

All others go to the payer alone. A copy says nothing about money.
"""
