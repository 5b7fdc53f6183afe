"""The mails to students: one function for each occasion, listed in `MAILS`.

What a mail says stands in the catalogs (`i18n`), in the table of its name.
"""

from __future__ import annotations

from collections.abc import Callable

from coursebook.domain.booking import EndCause
from coursebook.mail.booking_letters import (
    CHANGED,
    NO_REFUND,
    booking_mail,
    change_lines,
    claim_lines,
    goes_back,
    hand_lines,
    mail_about,
    money_sentences,
    price_rows,
    school_lines,
    sentence,
    two_sentences,
    why_refunded,
)
from coursebook.mail.calendar import Method
from coursebook.mail.facts import MailFacts, MoveFacts
from coursebook.mail.kinds import MailKind
from coursebook.mail.letter import Mail
from coursebook.mail.written_letters import written_mail

Writer = Callable[[MailFacts], Mail]

NO_MOVE = MoveFacts("", (), "UTC", "", "")


def booked(facts: MailFacts) -> Mail:
    """Confirm the seat. The mail carries the calendar entry."""
    paid = sentence(facts, "booked", "paid" if facts.amount_text else "free")
    has_several = sum(not meeting.is_cancelled for meeting in facts.entries) > 1
    file = sentence(facts, "booked", "second_meetings" if has_several else "second")
    sentences = (
        sentence(facts, "booked", "first", paid=paid),
        "" if facts.has_other_address else file,
    )
    rows = price_rows(facts)
    return mail_about(
        facts, "booked", *sentences, rows=rows, calendar="REQUEST", has_ticket=True, has_info=True
    )


def place_for_you(facts: MailFacts) -> Mail:
    """Confirm the place to the person who takes part in the payer's stead."""
    which = "first" if facts.payer_name else "first_nobody"
    sentences = (
        sentence(facts, "place_for_you", which, payer=facts.payer_name),
        sentence(facts, "place_for_you", "second"),
    )
    return mail_about(
        facts, "place_for_you", *sentences, calendar="REQUEST", has_ticket=True, has_info=True
    )


def place_handed_on(facts: MailFacts) -> Mail:
    """Tell whoever had a place that another person has it now, and remove the calendar entry."""
    table, name = "place_handed_on", facts.participant_name
    if facts.is_copy:
        return mail_about(facts, table, sentence(facts, table, "first"), calendar="CANCEL")
    sentences = sentence(facts, table, "payer", participant=name), sentence(facts, table, "stays")
    calendar: Method | None = "CANCEL" if facts.has_other_address else None
    return mail_about(facts, table, *sentences, calendar=calendar)


def booked_by_school(facts: MailFacts) -> Mail:
    """Confirm a seat that the school gave, with what is still to be paid by hand."""
    has_several = sum(not meeting.is_cancelled for meeting in facts.entries) > 1
    sentences = (
        sentence(facts, "booked_by_school", "first", school=facts.school.name),
        *hand_lines(facts),
        sentence(facts, "booked", "second_meetings" if has_several else "second"),
        *claim_lines(facts),
    )
    button = "claim" if facts.claim_url else "see"
    rows = price_rows(facts)
    return mail_about(
        facts,
        "booked_by_school",
        *sentences,
        rows=rows,
        button=button,
        calendar="REQUEST",
        has_ticket=True,
        has_info=True,
    )


def payment_expected(facts: MailFacts) -> Mail:
    """Report a seat that is held until it is paid by hand, and how to pay."""
    sentences = (
        sentence(facts, "payment_expected", "first", deadline=facts.deadline),
        *hand_lines(facts),
        sentence(facts, "payment_expected", "by_card"),
        *claim_lines(facts),
    )
    button = "claim" if facts.claim_url else "pay"
    rows = price_rows(facts)
    return mail_about(facts, "payment_expected", *sentences, rows=rows, button=button)


def payment_received(facts: MailFacts) -> Mail:
    """Report money that the school received by hand, and what is still to come."""
    first = sentence(facts, "payment_received", "first")
    return mail_about(facts, "payment_received", first, *hand_lines(facts))


def claim(facts: MailFacts) -> Mail:
    """Give the link by which somebody adds the booking to an account."""
    button = "claim" if facts.claim_url else "see"
    return mail_about(facts, "claim", *two_sentences(facts, "claim"), button=button)


def payment_on_its_way(facts: MailFacts) -> Mail:
    """Report that a delayed payment is processing and the seat is held."""
    sentences = two_sentences(facts, "payment_on_its_way")
    return mail_about(facts, "payment_on_its_way", *sentences, rows=price_rows(facts))


def payment_failed(facts: MailFacts) -> Mail:
    """Report that the payment failed finally and the seat is released."""
    return mail_about(
        facts, "payment_failed", *two_sentences(facts, "payment_failed"), button="again"
    )


def payment_failed_place_kept(facts: MailFacts) -> Mail:
    """Report that the payment failed finally; the school still keeps the seat."""
    sentences = two_sentences(facts, "payment_failed_place_kept", deadline=facts.deadline)
    return mail_about(facts, "payment_failed_place_kept", *sentences, button="pay")


def payment_failed_after_start(facts: MailFacts) -> Mail:
    """Report that a delayed payment failed after the course began, so no retry is possible."""
    table = "payment_failed_after_start"
    return mail_about(facts, table, *two_sentences(facts, table))


def hold_ending(facts: MailFacts) -> Mail:
    """Remind the student to pay before the hold ends."""
    sentences = two_sentences(facts, "hold_ending", deadline=facts.deadline)
    return mail_about(facts, "hold_ending", *sentences, rows=price_rows(facts), button="pay")


def hold_expired(facts: MailFacts) -> Mail:
    """Report that the hold ended without a payment and the seat is released."""
    return mail_about(facts, "hold_expired", *two_sentences(facts, "hold_expired"), button="again")


def not_paid_by_start(facts: MailFacts) -> Mail:
    """Report that the course began before the booking was paid and the seat is lost."""
    return mail_about(facts, "not_paid_by_start", *two_sentences(facts, "not_paid_by_start"))


def reminder(facts: MailFacts) -> Mail:
    """Remind of the next meeting: what to bring, the ticket, or the link of an online course."""
    sentences = (
        sentence(facts, "reminder", "first", when=facts.when(facts.entries[0])),
        *(() if facts.is_copy else hand_lines(facts)),
    )
    has_ticket = not facts.is_online
    return mail_about(facts, "reminder", *sentences, has_ticket=has_ticket, has_info=True)


def course_changed(facts: MailFacts) -> Mail:
    """Report new dates or a new place, what was before, and what the student may do about it."""
    change = facts.change
    is_confirmed = change is not None and change.is_confirmed
    return mail_about(
        facts,
        CHANGED,
        sentence(facts, CHANGED, "first"),
        *(change_lines(facts, change) if change else ()),
        rows=price_rows(facts),
        button="pay" if facts.deadline else "see",
        calendar="REQUEST" if is_confirmed else None,
    )


def moved(facts: MailFacts) -> Mail:
    """Report the move to another course or date, what it was before, and what goes back."""
    move, is_held = facts.move or NO_MOVE, bool(facts.deadline)
    back = sentence(
        facts, "moved", "back", back=move.given_back, days=sentence(facts, "frame", "days")
    )
    own = facts.texts.has("moved", move.difference)
    decided = sentence(facts, "moved", move.difference, paid=move.recorded) if own else ""
    price = back if move.given_back else decided
    sentences = (
        sentence(facts, "moved", "first"),
        sentence(facts, "moved", "before", old_title=move.title, before=move.when(facts.texts)),
        "" if facts.is_copy else price,
        sentence(facts, "moved", "hold", deadline=facts.deadline) if is_held else "",
        "" if is_held or facts.has_other_address else sentence(facts, "moved", "calendar"),
    )
    return mail_about(
        facts,
        "moved",
        *sentences,
        rows=price_rows(facts),
        button="pay" if is_held else "see",
        calendar=None if is_held else "REQUEST",
    )


def cancelled(facts: MailFacts) -> Mail:
    """Report the cancellation, its cause and the refund, and remove the calendar entry.

    The calendar is only cleared when an entry was sent before, so with a `sequence` above 0.
    """
    is_told = facts.texts.has("cancelled_by", facts.ended_by)
    by_whom = facts.ended_by if is_told else "unknown"
    if facts.is_copy and by_whom != EndCause.COURSE_CANCELLED.value:
        by_whom = "participant"
    calendar: Method | None = "CANCEL" if facts.sequence else None
    is_told_already = any(line.why == facts.reason for line in facts.money)
    reason = sentence(facts, "frame", "reason", reason=facts.reason)
    sentences = (
        sentence(facts, "cancelled_by", by_whom),
        reason if facts.reason and not (is_told_already or facts.is_copy) else "",
        "" if facts.is_copy else money_sentences(facts),
    )
    return mail_about(facts, "cancelled", *sentences, calendar=calendar)


def course_cancelled(facts: MailFacts) -> Mail:
    """Report that the school cancelled the course, why, and what becomes of the money."""
    table, cancellation = "course_cancelled", facts.cancellation
    reason, message = cancellation.reason, cancellation.message
    on_its_way = sentence(facts, table, "on_its_way") if cancellation.is_on_its_way else ""
    sentences = (
        sentence(facts, table, "first"),
        sentence(facts, table, "reason", reason=reason) if reason else "",
        *(line.strip() for line in message.splitlines()),
        "" if facts.is_copy else on_its_way or money_sentences(facts),
    )
    calendar: Method | None = "CANCEL" if facts.sequence else None
    return mail_about(facts, table, *sentences, calendar=calendar)


def refunded(facts: MailFacts) -> Mail:
    """Report a refund: its amount, its payment, its reason, and a note of the school."""
    refund = facts.refund or NO_REFUND
    sent = sentence(facts, "refunded", "whole" if refund.amount == refund.paid else "part")
    sentences = " ".join(filter(None, (sent, why_refunded(facts, refund))))
    reason, note = refund.reason, refund.note.splitlines()
    return mail_about(
        facts,
        "refunded",
        sentences,
        sentence(facts, "frame", "reason", reason=reason) if reason else "",
        *school_lines(facts, note),
        sentence(facts, "frame", "days"),
    )


def refund_failed(facts: MailFacts) -> Mail:
    """Report that a promised refund failed and that the school will find another way."""
    return mail_about(facts, "refund_failed", *two_sentences(facts, "refund_failed"))


def late_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment that arrived when the course was full."""
    return goes_back(facts, "late_payment_refunded")


def second_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a second payment. The seat stays confirmed."""
    return goes_back(facts, "second_payment_refunded", "second")


def cancelled_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a cancelled booking."""
    return goes_back(facts, "cancelled_payment_refunded")


def started_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment that was made after the course began."""
    return goes_back(facts, "started_payment_refunded")


def course_cancelled_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a course that the school cancelled."""
    return goes_back(facts, "course_cancelled_payment_refunded")


def other_place_payment_refunded(facts: MailFacts) -> Mail:
    """Report the refund of a late payment by a student with another seat on the course."""
    return goes_back(facts, "other_place_payment_refunded")


def closed_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a course that is closed for booking."""
    return goes_back(facts, "closed_payment_refunded")


def moved_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment at the price before a move. The place stays held."""
    table = "moved_payment_refunded"
    ending = sentence(facts, "goes_back", "full", days=sentence(facts, "frame", "days"))
    held = sentence(facts, table, "held", deadline=facts.deadline) if facts.deadline else ""
    button = "pay" if facts.deadline else "see"
    return mail_about(facts, table, sentence(facts, table, "first"), ending, held, button=button)


def started_payment_on_its_way(facts: MailFacts) -> Mail:
    """Report a delayed payment made after the course began. It is refunded on arrival."""
    table = "started_payment_on_its_way"
    return mail_about(facts, table, *two_sentences(facts, table))


def cancelled_payment_on_its_way(facts: MailFacts) -> Mail:
    """Report a delayed payment for a cancelled course. It is refunded on arrival."""
    table = "cancelled_payment_on_its_way"
    return mail_about(facts, table, *two_sentences(facts, table))


def message(facts: MailFacts) -> Mail:
    """Carry what the school wrote to the people of a course."""
    return written_mail(facts, facts.message)


MAILS: dict[MailKind, Writer] = {
    MailKind(writer.__name__): writer
    for writer in (
        booked,
        booked_by_school,
        payment_expected,
        payment_received,
        claim,
        payment_on_its_way,
        payment_failed,
        payment_failed_place_kept,
        payment_failed_after_start,
        hold_ending,
        hold_expired,
        not_paid_by_start,
        reminder,
        course_changed,
        course_cancelled,
        cancelled,
        refunded,
        refund_failed,
        late_payment_refunded,
        second_payment_refunded,
        cancelled_payment_refunded,
        started_payment_refunded,
        course_cancelled_payment_refunded,
        other_place_payment_refunded,
        closed_payment_refunded,
        moved,
        moved_payment_refunded,
        place_for_you,
        place_handed_on,
        started_payment_on_its_way,
        cancelled_payment_on_its_way,
        message,
    )
}
"""The function that writes each mail."""

__all__ = ["MAILS", "Mail", "Writer", "booking_mail"]
