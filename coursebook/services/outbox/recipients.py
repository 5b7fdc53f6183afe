"""Who gets a mail about a booking: the payer, or the person who takes part in the payer's stead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from coursebook.domain.external_text import mail_address
from coursebook.mail.facts import MailFacts
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt, User


def for_recipient(
    facts: MailFacts, payload: Mapping[str, Any], booking: Booking, course: Course, *, site: str
) -> MailFacts:
    """Return the facts as the reader of this message may see them.

    A participant reads nothing about money, and is led to the course: the booking is the payer's.
    Whoever takes part no more gets no ticket.
    """
    recipient = payload.get("recipient")
    if recipient is None:
        return replace(
            facts,
            participant_name=booking.participant_name,
            has_other_address=bool(booking.participant_email),
        )
    return replace(
        facts,
        is_copy=True,
        payer_name=facts.student_name,
        student_name=recipient["name"],
        booking_url=f"{site}/courses/{course.slug}",
        ticket_code=facts.ticket_code if recipient["email"] == booking.participant_email else "",
    )


def addresses_of(
    payload: Mapping[str, Any], user: User, attempts: Sequence[PaymentAttempt]
) -> list[str]:
    """Return the addresses to try, the best first: the person's own, then those typed at Stripe."""
    recipient = payload.get("recipient")
    if recipient is not None:
        return [address for address in (mail_address(recipient["email"]),) if address]
    payer_emails = [attempt.payer_email for attempt in reversed(attempts)]
    addresses = [mail_address(address) for address in (user.email, *payer_emails)]
    return list(dict.fromkeys(filter(None, addresses)))
