"""Paragraphs of the mails to students that take more than one sentence. Texts are in `i18n`."""

from __future__ import annotations

from collections.abc import Iterator

from coursebook.mail.facts import CourseChangeFacts, MailFacts, RefundText, moment_words

NO_REFUND = RefundText("", "", "")
CHANGED = "course_changed"


def sentence(facts: MailFacts, table: str, name: str, **values: str) -> str:
    """Return a text with title and amounts of the facts, and these values, in its gaps."""
    refund = facts.refund or NO_REFUND
    own = {"title": facts.course_title, "amount": facts.amount_text}
    own |= {"refund": refund.amount, "paid": refund.paid}
    return facts.texts.text(table, name, **(own | values))


def changes(facts: MailFacts, change: CourseChangeFacts) -> Iterator[str]:
    """Yield the paragraphs about an edit: old and new, the reason, and what follows."""
    yield from _old_and_new(facts, change)
    if change.reason:
        yield sentence(facts, CHANGED, "reason", reason=change.reason)
    if facts.amount_text:
        yield sentence(facts, CHANGED, "kept")
        if change.free_cancel_until is not None and change.is_confirmed:
            until = moment_words(change.free_cancel_until, facts.timezone, facts.texts)
            yield sentence(facts, CHANGED, "free_cancelling", until=until)
    if change.is_hold_shorter and facts.deadline:
        yield sentence(facts, CHANGED, "hold", deadline=facts.deadline)
    if change.is_confirmed:
        yield sentence(facts, CHANGED, "calendar")


def _old_and_new(facts: MailFacts, change: CourseChangeFacts) -> Iterator[str]:
    before, now = change.dates_before(facts.texts), change.dates_now(facts.texts)
    if before and now:
        yield sentence(facts, CHANGED, "dates_before", before=before)
        yield sentence(facts, CHANGED, "dates_now", now=now)
    elif before:
        yield sentence(facts, CHANGED, "dates_gone", before=before)
    elif now:
        yield sentence(facts, CHANGED, "dates_more", now=now)
    if change.places is not None:
        old_place, new_place = change.places
        yield sentence(facts, CHANGED, "place_before", before=old_place)
        yield sentence(facts, CHANGED, "place_now", now=new_place)
    if change.is_room_new and change.is_confirmed:
        yield sentence(facts, CHANGED, "room")


def by_hand(facts: MailFacts) -> Iterator[str]:
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


def attendee_info(facts: MailFacts) -> Iterator[str]:
    """Yield what students should bring or know, a paragraph for each line."""
    lines = [line.strip() for line in facts.attendee_info.splitlines()]
    if any(lines):
        yield sentence(facts, "frame", "bring")
        yield from filter(None, lines)
