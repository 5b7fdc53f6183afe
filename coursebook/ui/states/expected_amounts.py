"""Acts on money carry what the page showed, so that another sum is shown and not taken silently."""

from collections.abc import Iterable

from coursebook.services.bookings.expected_amounts import Expected
from coursebook.ui.presenters.rows import BookingRow, CancelRow, SectionRow


def to_pay(booking: BookingRow) -> Expected | None:
    """Return the sum that a card shows for paying; None when no card is shown."""
    if not booking.id:
        return None
    return Expected(booking.pay_amount, booking.pay_currency)


def to_pay_in(sections: Iterable[SectionRow], booking_id: str) -> Expected | None:
    """Return the sum that the list shows for paying a booking; None when it shows it not."""
    rows = (row for section in sections for row in section.bookings)
    return next((to_pay(row) for row in rows if row.id == booking_id), None)


def on_cancel(asked: CancelRow, booking_id: str) -> Expected | None:
    """Return the sums that the question shows; None when it is not about this booking."""
    if asked.id != booking_id:
        return None
    return Expected(asked.back, asked.currency, asked.stays)
