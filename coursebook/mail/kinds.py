"""The mails about a booking, by name."""

from enum import StrEnum


class MailKind(StrEnum):
    """Each has a function in `messages.py` and texts in `i18n`, both under its name."""

    BOOKED = "booked"
    PAYMENT_ON_ITS_WAY = "payment_on_its_way"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_FAILED_PLACE_KEPT = "payment_failed_place_kept"
    PAYMENT_FAILED_AFTER_START = "payment_failed_after_start"
    HOLD_ENDING = "hold_ending"
    HOLD_EXPIRED = "hold_expired"
    NOT_PAID_BY_START = "not_paid_by_start"
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
    STARTED_PAYMENT_ON_ITS_WAY = "started_payment_on_its_way"
    CANCELLED_PAYMENT_ON_ITS_WAY = "cancelled_payment_on_its_way"
