"""Payment pages that were opened before their booking was moved to another course."""

from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.services.locked_booking import MOVED, LockedBooking


async def is_moved_since(locked: LockedBooking, attempt: PaymentAttempt) -> bool:
    """Whether a locked booking was moved since a page was opened, and has another price now."""
    booking = locked.booking
    has_same_price = (attempt.amount, attempt.currency) == (booking.price, booking.currency)
    if booking.moved_from is None or has_same_price:
        return False
    moved_at = await locked.work.audit.last(booking.id, MOVED)
    return moved_at is not None and attempt.created_at <= moved_at
