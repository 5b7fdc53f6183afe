"""The sums that a page showed, sent with acts on money: a changed sum is refused and shown."""

from collections.abc import Iterable

from coursebook.services.bookings.expected_amounts import Expected
from coursebook.ui.presenters.rows import BookingRow, CancelRow, SectionRow


def to_pay(booking: BookingRow) -> Expected | None:
    """Return the sum to pay that a card shows; None when no card is shown."""
    if not booking.id:
        return None
    return Expected(booking.pay_amount, booking.pay_currency)


def to_pay_in(sections: Iterable[SectionRow], booking_id: str) -> Expected | None:
    """Return the sum to pay that the list shows for a booking; None when it is not in the list."""
    rows = (row for section in sections for row in section.bookings)
    return next((to_pay(row) for row in rows if row.id == booking_id), None)


def on_cancel(question: CancelRow, booking_id: str) -> Expected | None:
    """Return the sums that the cancel dialog shows; None when it is about another booking."""
    if question.id != booking_id:
        return None
    return Expected(question.back, question.currency, question.stays)
