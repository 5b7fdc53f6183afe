"""The mails to students: one function for each occasion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.mail.calendar import Method, invitation
from coursebook.mail.facts import MailFacts, RefundText

_DAYS = "It usually shows on your statement within 5 to 10 days."
CANCELLED_BY: dict[str, str] = {
    "student": "You have cancelled your booking for {title}.",
    "operator": "The school has cancelled your booking for {title}.",
    "course_cancelled": (
        "The school has cancelled {title}, and your booking with it. We are sorry."
    ),
    "": "Your booking for {title} is cancelled.",
}
"""The canceller, by the recorded cause."""
MONEY: dict[MoneyOutcome, str] = {
    MoneyOutcome.NOTHING_CHARGED: "Nothing was charged.",
    MoneyOutcome.FREE: "It was free of charge.",
    MoneyOutcome.GOES_BACK: "We are sending {amount} back to your payment method.",
    MoneyOutcome.WENT_BACK: "{amount} was sent back to your payment method.",
    MoneyOutcome.AT_THE_BANK: (
        "Your bank has questioned your payment of {amount}. Until it has decided, we cannot "
        "send any of it back."
    ),
    MoneyOutcome.BY_THE_BANK: "Your bank has given {amount} back to you.",
    MoneyOutcome.KEPT_BY_TERMS: (
        "By the terms you were shown when booking, {amount} of what you paid stays with the school."
    ),
    MoneyOutcome.KEPT: "{amount} of what you paid stays with the school: {why}",
    MoneyOutcome.NOT_BACK: (
        "A refund of {amount} did not go through. We will find another way and write to you."
    ),
    MoneyOutcome.STILL_HERE: "{amount} of what you paid is with the school.",
}
"""Sentences about the money of a booking that has ended."""
WHY_REFUNDED: dict[str, str] = {
    "cancelled student": "You had cancelled your booking.",
    "cancelled operator": "The school had cancelled your booking.",
    "cancelled course_cancelled": "The school had cancelled the course.",
    "late_payment": "The payment reached us when no place was left for it.",
    "other_place_payment": "You have another place on this course.",
    "closed_payment": "The payment reached us when the course could no longer be booked.",
    "started_payment": "The payment was made after the course had begun.",
    "course_cancelled_payment": "The school had cancelled the course.",
    "cancelled_payment": "The payment reached us after the booking was cancelled.",
    "second_payment": "Your place was already paid for, and stays booked.",
    "given_back_by_operator": "The school gave it back.",
    "dispute_won": "Your bank has decided that the payment was right, and your booking was over.",
    "refund_again": "The first refund had not gone through.",
}
"""Reasons of a refund, by its recorded cause."""
HTML = Environment(
    loader=PackageLoader("coursebook.mail"), autoescape=True, undefined=StrictUndefined
)


@dataclass(frozen=True)
class Mail:
    """A finished mail. `calendar` is an iCalendar file, sent with `calendar_method`.

    `reply_to`: where answers go to; "": to the sender.
    """

    to: str
    subject: str
    text: str
    html: str
    calendar: bytes | None = None
    calendar_method: Method = "REQUEST"
    reply_to: str = ""


def booked(facts: MailFacts) -> Mail:
    """Confirm the seat. The mail carries the calendar entry."""
    paid, free = f"We received {facts.amount_text}.", "This course is free of charge."
    return _mail(
        facts,
        "Booked",
        f"Your place on “{facts.course_title}” is booked. {paid if facts.amount_text else free}",
        "The attached file adds the course to your calendar. We look forward to seeing you!",
        calendar="REQUEST",
    )


def payment_on_its_way(facts: MailFacts) -> Mail:
    """Report that a delayed payment is processing and the seat is held."""
    return _mail(
        facts,
        "Payment on its way",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” is on its way: the bank "
        "is still processing it.",
        "Your place is kept for you in the meantime. Please do not pay again; we will write as "
        "soon as the payment goes through, or if it fails.",
    )


def payment_failed(facts: MailFacts) -> Mail:
    """Report that the payment failed finally and the seat is released."""
    return _mail(
        facts,
        "Payment failed",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” did not go through. "
        "Nothing was charged.",
        "Your place is no longer held. If one is still free, you can try again.",
        link="Try again",
    )


def hold_ending(facts: MailFacts) -> Mail:
    """Remind the student to pay before the hold ends."""
    return _mail(
        facts,
        "Your place is held a little longer",
        f"Your place on “{facts.course_title}” is held for you until {facts.deadline}. We have "
        f"not received your payment of {facts.amount_text} yet.",
        "If you would still like to come, please pay by then. If not, you do not have to do "
        "anything: the place is released and nothing is charged.",
        link="Pay now",
    )


def hold_expired(facts: MailFacts) -> Mail:
    """Report that the hold ended without a payment and the seat is released."""
    return _mail(
        facts,
        "Your place is no longer held",
        f"The time to pay for “{facts.course_title}” has run out, so your place is no longer "
        "held. Nothing was charged.",
        "If you would still like to come and a place is free, you can try again.",
        link="Try again",
    )


def cancelled(facts: MailFacts) -> Mail:
    """Report the cancellation, its cause and the refund, and remove the calendar entry.

    The calendar is only cleared when an entry was sent before, so with a `sequence` above 0.
    """
    said = CANCELLED_BY.get(facts.ended_by, CANCELLED_BY[""])
    return _mail(
        facts,
        "Cancelled",
        said.format(title=f"“{facts.course_title}”"),
        _money_after_cancelling(facts),
        calendar="CANCEL" if facts.sequence else None,
    )


def refunded(facts: MailFacts) -> Mail:
    """Report a refund: its amount, its payment and its reason."""
    refund = facts.refund or RefundText("", "", "")
    whole = refund.amount == refund.paid
    of_what = "" if whole else f" of the {refund.paid}"
    you_paid = f"{of_what} that you paid for “{facts.course_title}”"
    return _mail(
        facts,
        f"Refund of {refund.amount}",
        f"We have sent {refund.amount}{you_paid} back to your payment "
        f"method.{_why_refunded(facts, refund)}",
        _DAYS,
    )


def refund_failed(facts: MailFacts) -> Mail:
    """Report that a promised refund failed and that the school will find another way."""
    refund = facts.refund or RefundText("", "", "")
    return _mail(
        facts,
        "Your refund did not go through",
        f"Our refund of {refund.amount} for “{facts.course_title}” did not go through. We still "
        "have the money.",
        "You do not have to do anything. We will find another way and write to you.",
    )


def late_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment that arrived when the course was full."""
    return _mail(
        facts,
        "Your payment goes back to you",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” reached us when no "
        "place was left for it. We are sorry.",
        f"You do not have to do anything: we are sending the full {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def second_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a second payment. The seat stays confirmed."""
    return _mail(
        facts,
        "Your second payment goes back to you",
        f"Your place on “{facts.course_title}” was already paid for when another payment of "
        f"{facts.amount_text} reached us. Your place stays booked.",
        f"You do not have to do anything: we are sending the second {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def cancelled_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a cancelled booking."""
    return _mail(
        facts,
        "Your payment goes back to you",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” reached us after the "
        "booking was cancelled.",
        f"You do not have to do anything: we are sending the full {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def not_paid_by_start(facts: MailFacts) -> Mail:
    """Report that the course began before the booking was paid and the seat is lost."""
    return _mail(
        facts,
        "Your place is no longer held",
        f"“{facts.course_title}” has begun, and you had not paid the {facts.amount_text} by then.",
        "So your place is no longer held. Nothing was charged.",
    )


def payment_failed_after_start(facts: MailFacts) -> Mail:
    """Report that a delayed payment failed after the course began, so no retry is possible."""
    return _mail(
        facts,
        "Payment failed",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” did not go through. "
        "Nothing was charged.",
        "The course has begun, so your place is no longer held and can no longer be paid for.",
    )


def started_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment that was made after the course began."""
    return _mail(
        facts,
        "Your payment goes back to you",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” was made after the "
        "course had begun, so it could no longer book a place.",
        f"You do not have to do anything: we are sending the full {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def course_cancelled_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a course that the school cancelled."""
    return _mail(
        facts,
        "Your payment goes back to you",
        f"The school has cancelled “{facts.course_title}”, so your payment of "
        f"{facts.amount_text} could no longer book a place. We are sorry.",
        f"You do not have to do anything: we are sending the full {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def started_payment_on_its_way(facts: MailFacts) -> Mail:
    """Report a delayed payment made after the course began. It is refunded on arrival."""
    return _mail(
        facts,
        "Your payment can no longer book a place",
        f"You paid {facts.amount_text} for “{facts.course_title}” after the course had begun, so "
        "no place could be booked. The bank is still processing the payment.",
        "You do not have to do anything: as soon as the money is here, we send all of it back.",
    )


def cancelled_payment_on_its_way(facts: MailFacts) -> Mail:
    """Report a delayed payment for a cancelled course. It is refunded on arrival."""
    return _mail(
        facts,
        "Your payment can no longer book a place",
        f"The school has cancelled “{facts.course_title}”, so your payment of "
        f"{facts.amount_text} could no longer book a place. The bank is still processing it.",
        "You do not have to do anything: as soon as the money is here, we send all of it back.",
    )


def other_place_payment_refunded(facts: MailFacts) -> Mail:
    """Report the refund of a late payment by a student with another seat on the course."""
    return _mail(
        facts,
        "Your payment goes back to you",
        f"Your payment of {facts.amount_text} was for a place on “{facts.course_title}” that was "
        "no longer held. You have another place on this course, so it was not needed.",
        f"You do not have to do anything: we are sending the full {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def closed_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a course that is closed for booking."""
    return _mail(
        facts,
        "Your payment goes back to you",
        f"Your payment of {facts.amount_text} for “{facts.course_title}” reached us when this "
        "course could no longer be booked. We are sorry.",
        f"You do not have to do anything: we are sending the full {facts.amount_text} back to "
        f"your payment method. {_DAYS}",
    )


def _money_after_cancelling(facts: MailFacts) -> str:
    """Return the recorded outcome of the money, in sentences."""
    said = [MONEY[line.told].format(amount=line.amount, why=line.why) for line in facts.money]
    moves = any(line.told is MoneyOutcome.GOES_BACK for line in facts.money)
    return " ".join([*said, _DAYS] if moves else said)


def _why_refunded(facts: MailFacts, refund: RefundText) -> str:
    cause = f"cancelled {facts.ended_by}" if refund.cause == "cancelled" else refund.cause
    said = WHY_REFUNDED.get(cause, "")
    return f" {said}" if said else ""


def _mail(
    facts: MailFacts,
    occasion: str,
    *said: str,
    link: str = "See your booking",
    calendar: Method | None = None,
) -> Mail:
    subject = f"{occasion}: {facts.course_title}"
    values = {"facts": facts, "said": said, "link": link, "subject": subject}
    values["details"] = _details(facts)
    return Mail(
        to=facts.student_email,
        subject=subject,
        text=_text(facts, said, link),
        html=HTML.get_template("frame.html").render(values),
        calendar=invitation(facts, calendar) if calendar else None,
        calendar_method=calendar or "REQUEST",
        reply_to=facts.school.email if facts.school.email != facts.school.sender else "",
    )


def _details(facts: MailFacts) -> list[tuple[str, str]]:
    """Return time and place. The room of an online course is only for a confirmed seat."""
    room = facts.room
    details = [("When", facts.when), ("Where", facts.place)]
    details += [("Join online", room.link)] if room.link else []
    return [*details, ("To join", room.note)] if room.note else details


def _text(facts: MailFacts, said: Sequence[str], link: str) -> str:
    parts = [
        f"Hello {facts.student_name},",
        *said,
        "\n".join(f"{name}: {value}" for name, value in _details(facts)),
        f"{link}: {facts.booking_url}",
        "\n".join(facts.school.lines),
    ]
    return "\n\n".join(parts) + "\n"
