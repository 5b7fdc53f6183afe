"""Parts of the mails about a booking: paragraphs, rows of facts, and the mail around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.check_in.ticket_picture import ticket_png
from coursebook.domain.texts.markdown import Block, Span, blocks_of
from coursebook.mail.calendar import Method, invitations
from coursebook.mail.facts import CourseChangeFacts, MailFacts, RefundText, moment_words
from coursebook.mail.i18n import Texts
from coursebook.mail.letter import (
    TICKET_SOURCE,
    Letter,
    Mail,
    Row,
    html_of,
    links_of,
    text_of,
)

NO_REFUND = RefundText("", "", "")
CHANGED = "course_changed"


def goes_back(facts: MailFacts, table: str, which: str = "full") -> Mail:
    """Write a mail about a payment of which all goes back."""
    ending = sentence(facts, "goes_back", which, days=sentence(facts, "frame", "days"))
    return mail_about(facts, table, sentence(facts, table, "first"), ending)


def two_sentences(facts: MailFacts, table: str, **values: str) -> tuple[str, str]:
    """Return the texts "first" and "second" of a mail."""
    return sentence(facts, table, "first", **values), sentence(facts, table, "second", **values)


def sentence(facts: MailFacts, table: str, name: str, **values: str) -> str:
    """Return a text with title and amounts of the facts, and these values, in its gaps."""
    refund = facts.refund or NO_REFUND
    own = {"title": facts.course_title, "amount": facts.amount_text}
    own |= {"refund": refund.amount, "paid": refund.paid}
    return facts.texts.text(table, name, **(own | values))


def change_lines(facts: MailFacts, change: CourseChangeFacts) -> Iterator[str]:
    """Yield the paragraphs about an edit: old and new, the reason, and what follows."""
    yield from old_and_new(change, facts.texts)
    if change.is_room_new and change.is_confirmed:
        yield sentence(facts, CHANGED, "room")
    if change.reason:
        yield sentence(facts, CHANGED, "reason", reason=change.reason)
    if facts.amount_text and not facts.is_copy:
        yield sentence(facts, CHANGED, "kept")
        if change.free_cancel_until is not None and change.is_confirmed:
            until = moment_words(change.free_cancel_until, facts.timezone, facts.texts)
            yield sentence(facts, CHANGED, "free_cancelling", until=until)
    if change.is_hold_shorter and facts.deadline:
        yield sentence(facts, CHANGED, "hold", deadline=facts.deadline)
    if change.is_confirmed and not facts.has_other_address:
        yield sentence(facts, CHANGED, "calendar")


def old_and_new(change: CourseChangeFacts, texts: Texts) -> Iterator[str]:
    """Yield the dates and the place before and after an edit, as far as they differ."""
    before, now = change.dates_before(texts), change.dates_now(texts)
    if before and now:
        yield texts.text(CHANGED, "dates_before", before=before)
        yield texts.text(CHANGED, "dates_now", now=now)
    elif before:
        yield texts.text(CHANGED, "dates_gone", before=before)
    elif now:
        yield texts.text(CHANGED, "dates_more", now=now)
    if change.places is not None:
        old_place, new_place = change.places
        yield texts.text(CHANGED, "place_before", before=old_place)
        yield texts.text(CHANGED, "place_now", now=new_place)


def money_sentences(facts: MailFacts) -> str:
    """Return the recorded outcome of the money of a booking that is over, in sentences."""
    sentences = [
        sentence(facts, "money", line.outcome.value, amount=line.amount, why=line.why)
        for line in facts.money
    ]
    moves = any(line.outcome is MoneyOutcome.GOES_BACK for line in facts.money)
    return " ".join([*sentences, sentence(facts, "frame", "days")] if moves else sentences)


def why_refunded(facts: MailFacts, refund: RefundText) -> str:
    """Return the cause of a refund as a sentence, "" when none is told."""
    cause = f"cancelled_{facts.ended_by}" if refund.cause == "cancelled" else refund.cause
    is_told = facts.texts.has("refunded_because", cause)
    return sentence(facts, "refunded_because", cause) if is_told else ""


def mail_about(
    facts: MailFacts,
    table: str,
    *sentences: str,
    rows: tuple[Row, ...] = (),
    button: str = "see",
    calendar: Method | None = None,
    has_ticket: bool = False,
    has_info: bool = False,
) -> Mail:
    """Return a mail whose occasion is the subject of its table; on request with the ticket."""
    occasion = sentence(facts, table, "subject")
    mail = booking_mail(
        facts,
        occasion,
        *sentences,
        rows=(*rows, *ticket_rows(facts)) if has_ticket else rows,
        button=button,
        calendar=calendar,
        has_ticket=has_ticket,
        has_info=has_info,
    )
    has_picture = has_ticket and facts.ticket_code
    return replace(mail, ticket=ticket_png(facts.ticket_code, scale=6)) if has_picture else mail


def ticket_rows(facts: MailFacts) -> tuple[Row, ...]:
    """Return the code of the ticket, for mail programs that show no picture."""
    if not facts.ticket_code:
        return ()
    return (Row(sentence(facts, "frame", "ticket"), facts.ticket_code),)


def booking_mail(
    facts: MailFacts,
    occasion: str,
    *sentences: str,
    rows: tuple[Row, ...] = (),
    button: str = "see",
    calendar: Method | None = None,
    has_ticket: bool = False,
    has_info: bool = False,
) -> Mail:
    """Return a mail about a booking: greeting, paragraphs, the facts of the course, one button.

    `occasion` is the heading, and begins the subject. `button` is a text of the table `frame` in
    the catalogs; it leads to the booking. `has_info`: with what students should bring or know. The
    language is `facts.texts.language`.
    """
    is_elsewhere = calendar == "REQUEST" and facts.has_other_address
    letter = Letter(
        language=facts.texts.language,
        subject=f"{occasion}: {facts.course_title}",
        heading=occasion,
        hello=greeting(facts),
        paragraphs=tuple(filter(None, sentences)),
        blocks=_attendee_blocks(facts) if has_info else (),
        rows=(*course_rows(facts), *rows, Row(sentence(facts, "frame", "number"), facts.number)),
        button=button_of(facts, button),
        signature=tuple(facts.school.lines),
        links=links_of(facts.look, facts.texts),
        picture=(facts.picture_url, facts.course_title),
        ticket=_ticket(facts) if has_ticket else ("", ""),
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


def _ticket(facts: MailFacts) -> tuple[str, str]:
    source = TICKET_SOURCE if facts.ticket_code else ""
    return source, sentence(facts, "frame", "ticket_alt", code=facts.ticket_code)


def greeting(facts: MailFacts) -> tuple[str, str, str]:
    """Return the greeting before, in and after the name."""
    name = "hello" if facts.student_name else "hello_nobody"
    before, _, after = facts.texts.pattern("frame", name).partition("{name}")
    return before, facts.student_name, after


def school_lines(facts: MailFacts, lines: Sequence[str]) -> Iterator[str]:
    """Yield a message of the school, a paragraph for each line."""
    written = [line.strip() for line in lines if line.strip()]
    if written:
        yield sentence(facts, "frame", "school_writes", note=written[0])
        yield from written[1:]


def _attendee_blocks(facts: MailFacts) -> tuple[Block, ...]:
    """Return what students should bring or know, under a line that says so."""
    blocks = blocks_of(facts.attendee_info)
    if not blocks:
        return ()
    return Block("paragraph", [Span("text", sentence(facts, "frame", "bring"))]), *blocks


def course_rows(facts: MailFacts) -> tuple[Row, ...]:
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


def price_rows(facts: MailFacts) -> tuple[Row, ...]:
    """Return the amount, and what cancelling gives back while the seat is held or confirmed."""
    frame = facts.texts.names("frame")
    if facts.is_copy:
        return ()
    amount = Row(frame["amount"], facts.amount_text or frame["free"])
    if facts.ended_by:  # the seat ended before this mail was sent
        return (amount,)
    return amount, Row(frame["terms"], facts.terms)


def button_of(facts: MailFacts, name: str) -> tuple[str, str]:
    """Return a text of the table `frame`, and where it leads to."""
    text = sentence(facts, "frame", "course" if facts.is_copy else name)
    return text, facts.claim_url or facts.booking_url


def hand_lines(facts: MailFacts) -> Iterator[str]:
    """Yield what is still to be paid by hand, and how."""
    if facts.hand is None:
        return
    hand = facts.hand
    which = "expected_until" if hand.until else "expected"
    yield sentence(facts, "by_hand", which, amount=hand.amount, until=hand.until)
    if hand.details:
        yield sentence(facts, "by_hand", "details", details=hand.details)
    if hand.reference:
        yield sentence(facts, "by_hand", "reference", reference=hand.reference)


def claim_lines(facts: MailFacts) -> Iterator[str]:
    """Yield how a guest adds the booking to an account."""
    if facts.claim_url:
        yield sentence(facts, "claim", "second")
