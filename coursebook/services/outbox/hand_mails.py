"""What mails say about money by hand, and the links by which guests claim their bookings."""

import secrets
from dataclasses import dataclass

from coursebook.domain.amount_text import money_text
from coursebook.domain.booking import number_of
from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.mail import i18n
from coursebook.mail.facts import HandText, day_words
from coursebook.mail.kinds import MailKind
from coursebook.persistence.schema.tables import Booking, OfflinePayment, User
from coursebook.persistence.unit_of_work import UnitOfWork, writing
from coursebook.services.bookings.guest_claims import CODE_BYTES, add_claim, link_of
from coursebook.services.context import Context
from coursebook.services.manage.school_settings import school_view

WITH_CLAIM = (MailKind.BOOKED_BY_SCHOOL, MailKind.PAYMENT_EXPECTED, MailKind.CLAIM)
"""The mails that give a guest a link to claim the booking."""


@dataclass(frozen=True)
class ExpectedMoney:
    """What is still to come by hand, and how the school wants it paid."""

    amount: int
    payment: OfflinePayment
    details: str


async def expected_money(
    context: Context, work: UnitOfWork, booking: Booking
) -> ExpectedMoney | None:
    """Return what is still to come for a booking, None for nothing."""
    if not booking.expected_by_hand:
        return None
    rows = await work.offline_payments.of_booking(booking.id)
    expected = [
        row for row in rows if row.direction == Direction.IN and row.state == OfflineState.EXPECTED
    ]
    school = await school_view(context, work)
    return ExpectedMoney(booking.expected_by_hand, expected[-1], school.payment_details)


def hand_text(expected: ExpectedMoney | None, texts: i18n.Texts) -> HandText | None:
    """Return it as texts of a mail. Without a reference it is the number of the booking."""
    if expected is None:
        return None
    payment = expected.payment
    return HandText(
        amount=money_text(expected.amount, payment.currency, texts.language),
        until=day_words(payment.due_on, texts) if payment.due_on else "",
        reference=payment.reference or number_of(payment.booking_id),
        details=expected.details,
    )


async def claim_url(context: Context, user: User, kind: str) -> str:
    """Return a new link that adds a guest's bookings to an account; "" for anybody else.

    Each try has a new code, of which only the hash is stored.
    """
    if kind not in WITH_CLAIM or not user.is_guest:
        return ""
    code = secrets.token_urlsafe(CODE_BYTES)
    async with writing(context.database) as work:
        add_claim(work, user, code, context.clock())
    return link_of(context, code)
