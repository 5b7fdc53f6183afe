"""The mails to students: one function for each occasion, listed in `MAILS`.

What a mail says stands in the catalogs (`i18n`), in the table of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from coursebook.domain.booking import EndCause
from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.mail.calendar import Method, invitations
from coursebook.mail.facts import CourseChangeFacts, MailFacts, MoveFacts, RefundText, moment_words
from coursebook.mail.kinds import MailKind
from coursebook.mail.letter import Letter, Mail, Row, html_of, links_of, text_of

Writer = Callable[[MailFacts], Mail]

NO_REFUND = RefundText("", "", "")
NO_MOVE = MoveFacts("", (), "UTC", "", "")
CHANGED = "course_changed"


def booked(facts: MailFacts) -> Mail:
    """Confirm the seat. The mail carries the calendar entry."""
    paid = _text(facts, "booked", "paid" if facts.amount_text else "free")
    has_several = sum(not meeting.is_cancelled for meeting in facts.entries) > 1
    file = _text(facts, "booked", "second_meetings" if has_several else "second")
    sentences = (
        _text(facts, "booked", "first", paid=paid),
        "" if facts.has_other_address else file,
        *_attendee_info(facts),
    )
    return _mail(facts, "booked", *sentences, rows=_price(facts), calendar="REQUEST")


def place_for_you(facts: MailFacts) -> Mail:
    """Confirm the place to the person who takes part in the payer's stead."""
    which = "first" if facts.payer_name else "first_nobody"
    sentences = (
        _text(facts, "place_for_you", which, payer=facts.payer_name),
        _text(facts, "place_for_you", "second"),
        *_attendee_info(facts),
    )
    return _mail(facts, "place_for_you", *sentences, calendar="REQUEST")


def place_handed_on(facts: MailFacts) -> Mail:
    """Tell whoever had a place that another person has it now, and remove the calendar entry."""
    table, name = "place_handed_on", facts.participant_name
    if facts.is_copy:
        return _mail(facts, table, _text(facts, table, "first"), calendar="CANCEL")
    sentences = _text(facts, table, "payer", participant=name), _text(facts, table, "stays")
    calendar: Method | None = "CANCEL" if facts.has_other_address else None
    return _mail(facts, table, *sentences, calendar=calendar)


def payment_on_its_way(facts: MailFacts) -> Mail:
    """Report that a delayed payment is processing and the seat is held."""
    sentences = _sentences(facts, "payment_on_its_way")
    return _mail(facts, "payment_on_its_way", *sentences, rows=_price(facts))


def payment_failed(facts: MailFacts) -> Mail:
    """Report that the payment failed finally and the seat is released."""
    return _mail(facts, "payment_failed", *_sentences(facts, "payment_failed"), button="again")


def payment_failed_place_kept(facts: MailFacts) -> Mail:
    """Report that the payment failed finally; the school still keeps the seat."""
    sentences = _sentences(facts, "payment_failed_place_kept", deadline=facts.deadline)
    return _mail(facts, "payment_failed_place_kept", *sentences, button="pay")


def payment_failed_after_start(facts: MailFacts) -> Mail:
    """Report that a delayed payment failed after the course began, so no retry is possible."""
    table = "payment_failed_after_start"
    return _mail(facts, table, *_sentences(facts, table))


def hold_ending(facts: MailFacts) -> Mail:
    """Remind the student to pay before the hold ends."""
    sentences = _sentences(facts, "hold_ending", deadline=facts.deadline)
    return _mail(facts, "hold_ending", *sentences, rows=_price(facts), button="pay")


def hold_expired(facts: MailFacts) -> Mail:
    """Report that the hold ended without a payment and the seat is released."""
    return _mail(facts, "hold_expired", *_sentences(facts, "hold_expired"), button="again")


def not_paid_by_start(facts: MailFacts) -> Mail:
    """Report that the course began before the booking was paid and the seat is lost."""
    return _mail(facts, "not_paid_by_start", *_sentences(facts, "not_paid_by_start"))


def course_changed(facts: MailFacts) -> Mail:
    """Report new dates or a new place, what was before, and what the student may do about it."""
    change = facts.change
    is_confirmed = change is not None and change.is_confirmed
    return _mail(
        facts,
        CHANGED,
        _text(facts, CHANGED, "first"),
        *(_changes(facts, change) if change else ()),
        rows=_price(facts),
        button="pay" if facts.deadline else "see",
        calendar="REQUEST" if is_confirmed else None,
    )


def moved(facts: MailFacts) -> Mail:
    """Report the move to another course or date, what it was before, and what goes back."""
    move, is_held = facts.move or NO_MOVE, bool(facts.deadline)
    back = _text(facts, "moved", "back", back=move.given_back, days=_text(facts, "frame", "days"))
    own = facts.texts.has("moved", move.difference)
    price = back if move.given_back else _text(facts, "moved", move.difference) if own else ""
    sentences = (
        _text(facts, "moved", "first"),
        _text(facts, "moved", "before", old_title=move.title, before=move.when(facts.texts)),
        "" if facts.is_copy else price,
        _text(facts, "moved", "hold", deadline=facts.deadline) if is_held else "",
        "" if is_held or facts.has_other_address else _text(facts, "moved", "calendar"),
    )
    return _mail(
        facts,
        "moved",
        *sentences,
        rows=_price(facts),
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
    reason = _text(facts, "frame", "reason", reason=facts.reason)
    sentences = (
        _text(facts, "cancelled_by", by_whom),
        reason if facts.reason and not (is_told_already or facts.is_copy) else "",
        "" if facts.is_copy else _money(facts),
    )
    return _mail(facts, "cancelled", *sentences, calendar=calendar)


def course_cancelled(facts: MailFacts) -> Mail:
    """Report that the school cancelled the course, why, and what becomes of the money."""
    table, cancellation = "course_cancelled", facts.cancellation
    reason, message = cancellation.reason, cancellation.message
    on_its_way = _text(facts, table, "on_its_way") if cancellation.is_on_its_way else ""
    sentences = (
        _text(facts, table, "first"),
        _text(facts, table, "reason", reason=reason) if reason else "",
        *(line.strip() for line in message.splitlines()),
        "" if facts.is_copy else on_its_way or _money(facts),
    )
    calendar: Method | None = "CANCEL" if facts.sequence else None
    return _mail(facts, table, *sentences, calendar=calendar)


def refunded(facts: MailFacts) -> Mail:
    """Report a refund: its amount, its payment, its reason, and a note of the school."""
    refund = facts.refund or NO_REFUND
    sent = _text(facts, "refunded", "whole" if refund.amount == refund.paid else "part")
    sentences = " ".join(filter(None, (sent, _why_refunded(facts, refund))))
    reason, note = refund.reason, refund.note.splitlines()
    return _mail(
        facts,
        "refunded",
        sentences,
        _text(facts, "frame", "reason", reason=reason) if reason else "",
        *_school_writes(facts, note),
        _text(facts, "frame", "days"),
    )


def refund_failed(facts: MailFacts) -> Mail:
    """Report that a promised refund failed and that the school will find another way."""
    return _mail(facts, "refund_failed", *_sentences(facts, "refund_failed"))


def late_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment that arrived when the course was full."""
    return _goes_back(facts, "late_payment_refunded")


def second_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a second payment. The seat stays confirmed."""
    return _goes_back(facts, "second_payment_refunded", "second")


def cancelled_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a cancelled booking."""
    return _goes_back(facts, "cancelled_payment_refunded")


def started_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment that was made after the course began."""
    return _goes_back(facts, "started_payment_refunded")


def course_cancelled_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a course that the school cancelled."""
    return _goes_back(facts, "course_cancelled_payment_refunded")


def other_place_payment_refunded(facts: MailFacts) -> Mail:
    """Report the refund of a late payment by a student with another seat on the course."""
    return _goes_back(facts, "other_place_payment_refunded")


def closed_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment for a course that is closed for booking."""
    return _goes_back(facts, "closed_payment_refunded")


def moved_payment_refunded(facts: MailFacts) -> Mail:
    """Report the full refund of a payment at the price before a move. The place stays held."""
    table = "moved_payment_refunded"
    ending = _text(facts, "goes_back", "full", days=_text(facts, "frame", "days"))
    held = _text(facts, table, "held", deadline=facts.deadline) if facts.deadline else ""
    button = "pay" if facts.deadline else "see"
    return _mail(facts, table, _text(facts, table, "first"), ending, held, button=button)


def started_payment_on_its_way(facts: MailFacts) -> Mail:
    """Report a delayed payment made after the course began. It is refunded on arrival."""
    table = "started_payment_on_its_way"
    return _mail(facts, table, *_sentences(facts, table))


def cancelled_payment_on_its_way(facts: MailFacts) -> Mail:
    """Report a delayed payment for a cancelled course. It is refunded on arrival."""
    table = "cancelled_payment_on_its_way"
    return _mail(facts, table, *_sentences(facts, table))


MAILS: dict[MailKind, Writer] = {
    MailKind(writer.__name__): writer
    for writer in (
        booked,
        payment_on_its_way,
        payment_failed,
        payment_failed_place_kept,
        payment_failed_after_start,
        hold_ending,
        hold_expired,
        not_paid_by_start,
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
    )
}
"""The function that writes each mail."""


def _goes_back(facts: MailFacts, table: str, which: str = "full") -> Mail:
    """Write a mail about a payment of which all goes back."""
    ending = _text(facts, "goes_back", which, days=_text(facts, "frame", "days"))
    return _mail(facts, table, _text(facts, table, "first"), ending)


def _sentences(facts: MailFacts, table: str, **values: str) -> tuple[str, str]:
    return _text(facts, table, "first", **values), _text(facts, table, "second", **values)


def _text(facts: MailFacts, table: str, name: str, **values: str) -> str:
    """Return a text with title and amounts of the facts, and these values, in its gaps."""
    refund = facts.refund or NO_REFUND
    own = {"title": facts.course_title, "amount": facts.amount_text}
    own |= {"refund": refund.amount, "paid": refund.paid}
    return facts.texts.text(table, name, **(own | values))


def _changes(facts: MailFacts, change: CourseChangeFacts) -> Iterator[str]:
    """Yield the paragraphs about an edit: old and new, the reason, and what follows."""
    yield from _old_and_new(facts, change)
    if change.reason:
        yield _text(facts, CHANGED, "reason", reason=change.reason)
    if facts.amount_text and not facts.is_copy:
        yield _text(facts, CHANGED, "kept")
        if change.free_cancel_until is not None and change.is_confirmed:
            until = moment_words(change.free_cancel_until, facts.timezone, facts.texts)
            yield _text(facts, CHANGED, "free_cancelling", until=until)
    if change.is_hold_shorter and facts.deadline:
        yield _text(facts, CHANGED, "hold", deadline=facts.deadline)
    if change.is_confirmed and not facts.has_other_address:
        yield _text(facts, CHANGED, "calendar")


def _old_and_new(facts: MailFacts, change: CourseChangeFacts) -> Iterator[str]:
    before, now = change.dates_before(facts.texts), change.dates_now(facts.texts)
    if before and now:
        yield _text(facts, CHANGED, "dates_before", before=before)
        yield _text(facts, CHANGED, "dates_now", now=now)
    elif before:
        yield _text(facts, CHANGED, "dates_gone", before=before)
    elif now:
        yield _text(facts, CHANGED, "dates_more", now=now)
    if change.places is not None:
        old_place, new_place = change.places
        yield _text(facts, CHANGED, "place_before", before=old_place)
        yield _text(facts, CHANGED, "place_now", now=new_place)
    if change.is_room_new and change.is_confirmed:
        yield _text(facts, CHANGED, "room")


def _money(facts: MailFacts) -> str:
    """Return the recorded outcome of the money of a booking that is over, in sentences."""
    sentences = [
        _text(facts, "money", line.outcome.value, amount=line.amount, why=line.why)
        for line in facts.money
    ]
    moves = any(line.outcome is MoneyOutcome.GOES_BACK for line in facts.money)
    return " ".join([*sentences, _text(facts, "frame", "days")] if moves else sentences)


def _why_refunded(facts: MailFacts, refund: RefundText) -> str:
    cause = f"cancelled_{facts.ended_by}" if refund.cause == "cancelled" else refund.cause
    is_told = facts.texts.has("refunded_because", cause)
    return _text(facts, "refunded_because", cause) if is_told else ""


def _mail(
    facts: MailFacts,
    table: str,
    *sentences: str,
    rows: tuple[Row, ...] = (),
    button: str = "see",
    calendar: Method | None = None,
) -> Mail:
    occasion = _text(facts, table, "subject")
    return booking_mail(facts, occasion, *sentences, rows=rows, button=button, calendar=calendar)


def booking_mail(
    facts: MailFacts,
    occasion: str,
    *sentences: str,
    rows: tuple[Row, ...] = (),
    button: str = "see",
    calendar: Method | None = None,
) -> Mail:
    """Return a mail about a booking: greeting, paragraphs, the facts of the course, one button.

    `occasion` is the heading, and begins the subject. `button` is a text of the table `frame` in
    the catalogs; it leads to the booking. The language is `facts.texts.language`.
    """
    before, _, after = facts.texts.pattern(
        "frame", "hello" if facts.student_name else "hello_nobody"
    ).partition("{name}")
    is_elsewhere = calendar == "REQUEST" and facts.has_other_address
    letter = Letter(
        language=facts.texts.language,
        subject=f"{occasion}: {facts.course_title}",
        heading=occasion,
        hello=(before, facts.student_name, after),
        paragraphs=tuple(filter(None, sentences)),
        rows=(*_course(facts), *rows, Row(_text(facts, "frame", "number"), facts.number)),
        button=(_text(facts, "frame", "course" if facts.is_copy else button), facts.booking_url),
        signature=tuple(facts.school.lines),
        links=links_of(facts.look, facts.texts),
        picture=(facts.picture_url, facts.course_title),
        look=facts.look,
    )
    return Mail(
        to=facts.student_email,
        subject=letter.subject,
        text=text_of(letter),
        html=html_of(letter),
        calendars=invitations(facts, calendar) if calendar and not is_elsewhere else (),
        reply_to=facts.school.reply_address,
        sender_name=facts.school.own_name,
    )


def _school_writes(facts: MailFacts, lines: Sequence[str]) -> Iterator[str]:
    """Yield a message of the school, a paragraph for each line."""
    written = [line.strip() for line in lines if line.strip()]
    if written:
        yield _text(facts, "frame", "school_writes", note=written[0])
        yield from written[1:]


def _attendee_info(facts: MailFacts) -> Iterator[str]:
    """Yield what students should bring or know, a paragraph for each line."""
    lines = [line.strip() for line in facts.attendee_info.splitlines()]
    if any(lines):
        yield _text(facts, "frame", "bring")
        yield from filter(None, lines)


def _course(facts: MailFacts) -> tuple[Row, ...]:
    """Return time and place. The room of an online course is only for a confirmed seat."""
    frame, room = facts.texts.names("frame"), facts.room
    rows = [
        *_dates(facts),
        Row(frame["where"], facts.place),
        Row(frame["join"], room.link, room.link),
        Row(frame["join_note"], room.note),
    ]
    return tuple(row for row in rows if row.value)


def _dates(facts: MailFacts) -> Iterator[Row]:
    """Yield the time of each meeting, and of an online one also in the student's zone."""
    frame = facts.texts.names("frame")
    meetings = [meeting for meeting in facts.entries if not meeting.is_cancelled]
    for number, meeting in enumerate(meetings, 1):
        numbered = facts.texts.text("frame", "meeting", number=str(number))
        when = ", ".join(filter(None, (facts.when(meeting), meeting.place)))
        yield Row(numbered if len(meetings) > 1 else frame["when"], when)
        elsewhere, when_elsewhere = facts.when_elsewhere(meeting)
        yield Row(frame.get(elsewhere, ""), when_elsewhere)
        yield Row(frame["join"], meeting.link, meeting.link)


def _price(facts: MailFacts) -> tuple[Row, ...]:
    """Return the amount, and what cancelling gives back while the seat is held or confirmed."""
    frame = facts.texts.names("frame")
    if facts.is_copy:
        return ()
    amount = Row(frame["amount"], facts.amount_text or frame["free"])
    if facts.ended_by:  # the seat ended before this mail was sent
        return (amount,)
    return amount, Row(frame["terms"], facts.terms)
