"""The list of expected money in words. Pure."""

from dataclasses import dataclass

from coursebook.cldr import date_text
from coursebook.domain.booking import SeatState
from coursebook.services.manage.by_hand.offline_payments import ExpectedPaymentView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say


@dataclass(frozen=True)
class ExpectedRow:
    """Money that is still to come. `kept_…` is what is there of the booking, as shown.

    `href` is "" for somebody who may not see people; `name` is the number of the booking then.
    """

    id: str = ""
    booking_id: str = ""
    href: str = ""
    name: str = ""
    course: str = ""
    number: str = ""
    place: str = ""
    amount: str = ""
    method: str = ""
    method_name: str = ""
    due: str = ""
    is_overdue: bool = False
    reference: str = ""
    kept_amount: int = 0
    kept_currency: str = ""


def expected_row(payment: ExpectedPaymentView, language: str) -> ExpectedRow:
    """Return the row of one payment."""
    words = i18n.manage_of(language)
    is_held = payment.place is SeatState.HELD
    return ExpectedRow(
        id=payment.id,
        booking_id=payment.booking_id,
        href=f"/manage/bookings/{payment.booking_id}" if payment.name else "",
        name=payment.name or payment.number,
        course=payment.course_title,
        number=payment.number,
        place=str(words.EXPECTED_HELD if is_held else words.EXPECTED_CONFIRMED),
        amount=say.money(payment.amount.amount, payment.amount.currency, language),
        method=payment.method.value,
        method_name=str(words.HAND_METHOD[payment.method.value]),
        due=_due(payment, language),
        is_overdue=payment.is_overdue,
        reference=payment.reference,
        kept_amount=payment.kept.amount,
        kept_currency=payment.kept.currency,
    )


def _due(payment: ExpectedPaymentView, language: str) -> str:
    words = i18n.manage_of(language)
    if payment.due_on is None:
        return str(words.EXPECTED_NO_DAY)
    form = words.EXPECTED_OVERDUE if payment.is_overdue else words.EXPECTED_DUE
    return str(form).format(day=date_text(payment.due_on, str(words.EXPECTED_DAY), language))
