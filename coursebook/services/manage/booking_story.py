"""The story of one booking for operators: every row of its audit trail, and its mails.

Students read a shorter one (`services/bookings/timeline.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from coursebook.domain.actor import actor_from
from coursebook.persistence.schema.tables import AuditEntry, Booking, OutboxMessage
from coursebook.services.bookings.timeline import (
    BOOKED_BY_SCHOOL,
    ENDED_BY,
    FACTS,
    GIVEN_BACK_FOR,
    fact_of,
)
from coursebook.services.locked_booking import MAIL
from coursebook.services.manage.booking_views import StoryStep
from coursebook.services.views import MoneyView

MAX_STORY_STEPS = 200
"""A longer story shows its latest steps."""

DETAILS: Mapping[tuple[str, str, str], str] = {
    ("booking", "hold_stopped", ""): "hold_stopped",
    ("booking", "not_paid", ""): "not_paid",
    ("booking", "older_price", ""): "older_price",
    ("booking", "not_refunded", ""): "not_refunded",
    ("booking", "note_changed", ""): "note_changed",
    ("booking", "tags_changed", ""): "tags_changed",
    ("booking", "confirmation_resent", ""): "confirmation_resent",
    ("attempt", "payment", "created"): "page_requested",
    ("attempt", "payment", "superseded"): "page_replaced",
    ("in", "by_hand", "expected"): "payment_expected",
    ("in", "by_hand", "void"): "payment_void",
    ("out", "by_hand", "void"): "return_void",
    ("meeting", "attendance", "present"): "present",
    ("meeting", "attendance", "undone"): "tick_undone",
    ("meeting", "attendance", "absent"): "absent",
    ("meeting", "attendance", "excused"): "excused",
    ("inbox", "inbox", "open"): "inbox_opened",
    ("inbox", "inbox", "closed"): "inbox_closed",
}
"""Rows that students are told nothing about: the fact for operators."""
ATTENDANCE = "attendance"
_INBOX_ACTED = "inbox_acted"
_MAILS = ("mail_sent", "mail_waiting", "mail_failed")

STORY_FACTS = frozenset(
    {
        *filter(None, FACTS.values()),
        *ENDED_BY.values(),
        *(f"refund_{cause}" for cause in GIVEN_BACK_FOR),
        *DETAILS.values(),
        *_MAILS,
        _INBOX_ACTED,
        BOOKED_BY_SCHOOL,
        "confirmed_late",
        "could_not_open",
        "looked_at",
        "noted",
    }
)
"""Every fact of a story. The pages have a text for each."""

ABOUT_MONEY = frozenset({"declined", "hold_stopped", "not_paid", "older_price", "not_refunded"})
"""Events of the booking itself that tell about money."""


def story_of(
    booking: Booking,
    entries: Sequence[AuditEntry],
    mails: Sequence[OutboxMessage],
    names: Mapping[str, str],
    *,
    sees_money: bool,
) -> tuple[StoryStep, ...]:
    """Return the steps, oldest first. `names` are those of people by their sign-in's user id.

    Without the right to see money only the place and the notes are told.
    """
    shown = [e for e in without_free_attempts(entries) if sees_money or _is_about_place(e)]
    steps = [_step(booking.currency, entry, names, sees_money=sees_money) for entry in shown]
    if sees_money:
        steps += [_mail_step(mail) for mail in mails]
    return tuple(sorted(steps, key=lambda step: step.at)[-MAX_STORY_STEPS:])


def without_free_attempts(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Return the rows without those of attempts over nothing: they have no page and no payment."""
    free = {
        (entry.booking_id, entry.subject)
        for entry in entries
        if entry.event == "payment" and (entry.data or {}).get("amount") == 0
    }
    return [entry for entry in entries if (entry.booking_id, entry.subject) not in free]


def actors_in(entries: Sequence[AuditEntry]) -> set[str]:
    """Return the user ids of the people who acted."""
    return {actor.id for entry in entries if (actor := actor_from(entry.actor)).id}


def _is_about_place(entry: AuditEntry) -> bool:
    is_own = entry.subject == "booking" and entry.event not in ABOUT_MONEY
    return is_own or entry.event == ATTENDANCE


def _step(
    currency: str, entry: AuditEntry, names: Mapping[str, str], *, sees_money: bool
) -> StoryStep:
    actor = actor_from(entry.actor)
    return StoryStep(
        fact=fact_in(entry),
        at=entry.at,
        by=actor.kind,
        by_name=names.get(actor.id, ""),
        amount=amount_of(currency, entry) if sees_money else None,
        detail=entry.cause if sees_money else "",
    )


def fact_in(entry: AuditEntry) -> str:
    """Return the fact of a row about a booking, one of `STORY_FACTS`."""
    kind = entry.subject.partition(" ")[0]
    if kind == "inbox" and entry.from_state is not None and entry.to_state == entry.from_state:
        return _INBOX_ACTED
    return DETAILS.get((kind, entry.event, entry.to_state or ""), "") or fact_of(entry) or "noted"


def amount_of(currency: str, entry: AuditEntry) -> MoneyView | None:
    """Return the sum that a row names, None when it names none."""
    data: dict[str, Any] = entry.data or {}
    amount = data.get("amount")
    if not isinstance(amount, int):
        return None
    return MoneyView(amount, str(data.get("currency") or currency))


def _mail_step(mail: OutboxMessage) -> StoryStep:
    sent, waiting, failed = _MAILS
    fact = sent if mail.done_at else failed if mail.is_dead else waiting
    at = mail.done_at or mail.created_at
    return StoryStep(fact, at, "worker", "", None, mail.kind.removeprefix(MAIL))
