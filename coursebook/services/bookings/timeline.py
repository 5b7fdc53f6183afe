"""The timeline of a booking, made from its audit trail: what happened and which money moved.

Every row of the trail is one of the facts of `FACTS`. Rows of one moment are one event, so some of
them are hidden by others (`HIDDEN_BY`). An unknown row is shown as `noted`: a neutral line that
says nothing about money. Causes in the trail are for operators; only the reason of a decline, which
Stripe words for the payer, is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from coursebook.domain.actor import actor_from
from coursebook.domain.inbox import InboxKind
from coursebook.domain.rights import OPERATOR
from coursebook.persistence.schema.tables import AuditEntry, Booking
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.presenters import booking_view
from coursebook.services.views import BookingStory, BookingView, MoneyView, TimelineStep

MAX_STEPS = 40
"""A longer timeline shows its latest steps."""

FACTS: dict[tuple[str, str, str], str] = {
    ("booking", "hold", "held"): "booked",
    ("booking", "hold_again", "held"): "held_again",
    ("booking", "confirm", "confirmed"): "confirmed",
    ("booking", "expire", "expired"): "released",
    ("booking", "cancel", "cancelled"): "cancelled",
    ("booking", "declined", ""): "declined",
    ("booking", "hold_stopped", ""): "",
    ("booking", "not_paid", ""): "",
    ("booking", "older_price", ""): "",
    ("booking", "joined", ""): "",
    ("booking", "promised_anew", ""): "promised_anew",
    ("booking", "course_changed", ""): "course_changed",
    ("booking", "moved", ""): "moved",
    ("booking", "participant_changed", ""): "participant_changed",
    ("booking", "note_changed", ""): "",
    ("booking", "tags_changed", ""): "",
    ("booking", "confirmation_resent", ""): "",
    ("meeting", "attendance", "present"): "",
    ("meeting", "attendance", "undone"): "",
    ("meeting", "attendance", "absent"): "",
    ("meeting", "attendance", "excused"): "",
    ("attempt", "payment", "created"): "",
    ("attempt", "payment", "open"): "page_opened",
    ("attempt", "payment", "processing"): "on_its_way",
    ("attempt", "payment", "succeeded"): "received",
    ("attempt", "payment", "failed"): "not_carried_out",
    ("attempt", "payment", "expired"): "page_closed",
    ("attempt", "payment", "superseded"): "",
    ("refund", "refund", "created"): "refund_promised",
    ("refund", "refund", "pending"): "refund_on_its_way",
    ("refund", "refund", "succeeded"): "refund_sent",
    ("refund", "refund", "failed"): "refund_failed",
    ("in", "by_hand", "expected"): "",
    ("in", "by_hand", "received"): "received_by_hand",
    ("in", "by_hand", "void"): "",
    ("out", "by_hand", "expected"): "refund_by_hand",
    ("out", "by_hand", "received"): "returned_by_hand",
    ("out", "by_hand", "void"): "",
    ("dispute", "dispute", "inquiry"): "dispute_inquiry",
    ("dispute", "dispute", "open"): "dispute_open",
    ("dispute", "dispute", "won"): "dispute_won",
    ("dispute", "dispute", "lost"): "dispute_lost",
    ("dispute", "dispute", "closed"): "dispute_closed",
}
"""What changed, by which event, into which state: the fact. "": a detail of another one."""

ENDED_BY: dict[str, str] = {
    "course_started": "not_in_time",
    "course_cancelled": "course_cancelled",
    "operator": "cancelled_by_school",
}
"""The fact of a place that ended for one of these reasons, instead of how it ended."""

AFTER: dict[tuple[str, str], str] = {
    ("confirmed", "expired"): "confirmed_late",
    ("not_carried_out", "created"): "could_not_open",
}
"""Another fact for one that followed this state."""

BOOKED_BY_SCHOOL = "booked_by_school"
"""The fact of a place that the school booked, instead of `booked`."""

OLD_CAUSES = {"Cancelled by the operator.": "operator"}
"""Causes of older rows, written before the end cause had its own field."""

HIDDEN_BY: dict[str, frozenset[str]] = {
    "received": frozenset({"confirmed", "looked_at"}),
    "page_opened": frozenset({"received", "on_its_way"}),
    "page_closed": frozenset({"released", "cancelled", *ENDED_BY.values()}),
    "not_carried_out": frozenset({"could_not_open"}),
    "released": frozenset({"not_carried_out", "could_not_open"}),
}
"""Hide a fact when one of these happened at the same moment."""

GIVEN_BACK_FOR = (
    "late_payment",
    "second_payment",
    "cancelled_payment",
    "started_payment",
    "course_cancelled_payment",
    "dispute_won",
    "other_place_payment",
    "closed_payment",
    "moved_payment",
    "moved",
    "given_back_by_operator",
    "refund_again",
    "cancelled",
)
REFUND_FACTS: dict[str, str] = {
    "course_cancelled": "refund_course_cancelled",
    "cancelled_by_school": "refund_cancelled_by_school",
}
"""The fact of a refund on cancelling, by the fact of the same moment that names the actor."""


async def booking_views(
    work: UnitOfWork, rows: Sequence[Booking], now: datetime, *, by_operator: bool
) -> list[BookingView]:
    """Return these bookings with their courses and their money, as their reader can act on them."""
    ids = [row.id for row in rows]
    courses = await work.courses.by_ids({row.course_id for row in rows})
    meetings = await work.meetings.of_courses(list(courses)) if courses else {}
    attempts = await work.attempts.of_bookings(ids)
    refunds = await work.refunds.of_bookings(ids)
    return [
        booking_view(
            row,
            courses[row.course_id],
            attempts.get(row.id, []),
            refunds.get(row.id, []),
            now,
            meetings=meetings.get(row.course_id, ()),
            by_operator=by_operator,
        )
        for row in rows
    ]


async def booking_stories(
    work: UnitOfWork, rows: Sequence[Booking], now: datetime, *, by_operator: bool
) -> list[BookingStory]:
    """Return these bookings with everything that happened to them."""
    views = await booking_views(work, rows, now, by_operator=by_operator)
    entries = await work.audit.of_bookings([row.id for row in rows])
    return [BookingStory(view, timeline_of(view, entries.get(view.id, []))) for view in views]


def timeline_of(booking: BookingView, entries: Sequence[AuditEntry]) -> tuple[TimelineStep, ...]:
    """Return the steps of a booking, oldest first."""
    steps: list[TimelineStep] = []
    for _, together in groupby(entries, key=lambda entry: entry.at):
        steps += _moment(booking, list(together))
    return tuple(_without_promises(steps)[-MAX_STEPS:])


def _without_promises(steps: list[TimelineStep]) -> list[TimelineStep]:
    """Promise nothing about the money of a hold that ended while an operator checks a payment."""
    facts = [step.fact for step in steps]
    first = facts.index("looked_at") if "looked_at" in facts else len(facts)
    return [
        replace(step, fact="released_in_question")
        if step.fact == "released" and number > first
        else step
        for number, step in enumerate(steps)
    ]


def _moment(booking: BookingView, entries: list[AuditEntry]) -> Iterable[TimelineStep]:
    changes = [(fact_of(entry), entry) for entry in entries]
    changes.sort(key=lambda change: change[0].startswith("refund"))  # the cause before the refund
    facts = {fact for fact, _ in changes}
    known_facts: set[tuple[str, str]] = set()
    for fact, entry in changes:
        if (
            not fact
            or facts & HIDDEN_BY.get(fact, frozenset())
            or (fact, entry.subject) in known_facts
        ):
            continue
        known_facts.add((fact, entry.subject))
        yield _step(booking, _by_whom(fact, facts), entry)


def _by_whom(fact: str, facts: set[str]) -> str:
    """Return the fact of a refund, naming who cancelled if the refund came from cancelling."""
    if fact != "refund_cancelled":
        return fact
    return next(
        (refund_fact for ended, refund_fact in REFUND_FACTS.items() if ended in facts), fact
    )


def fact_of(entry: AuditEntry) -> str:
    """Return the fact of a row of the trail, "" for one that students are told nothing about."""
    kind = entry.subject.partition(" ")[0]
    fact = FACTS.get((kind, entry.event, entry.to_state or ""), "noted")
    if kind == "inbox":  # for operators; only one kind concerns the student
        return "looked_at" if _is_new_question(entry) else ""
    if fact == "booked" and actor_from(entry.actor).kind == OPERATOR:
        return BOOKED_BY_SCHOOL
    if fact in ("released", "cancelled"):
        end_cause = (entry.data or {}).get("why", "") or OLD_CAUSES.get(entry.cause, "")
        return ENDED_BY.get(end_cause, fact)
    if fact == "refund_promised" and entry.cause in GIVEN_BACK_FOR:
        return f"refund_{entry.cause}"
    return AFTER.get((fact, entry.from_state or ""), fact)


def _is_new_question(entry: AuditEntry) -> bool:
    is_about_payment = (entry.data or {}).get("kind") == InboxKind.PAYMENT_DIFFERS.value
    return is_about_payment and entry.from_state is None


def _step(booking: BookingView, fact: str, entry: AuditEntry) -> TimelineStep:
    return TimelineStep(
        fact=fact,
        at=entry.at,
        amount=_amount(booking, entry),
        reason=_reason(fact, entry),
    )


def _reason(fact: str, entry: AuditEntry) -> str:
    """Return the reason of a decline, or the title of the course that a booking was moved from."""
    if fact == "moved":
        return str((entry.data or {}).get("title", ""))
    return entry.cause if fact == "declined" else ""


def _amount(booking: BookingView, entry: AuditEntry) -> MoneyView:
    """Return the sum that an entry is about: its own, its attempt's, else the booking's price."""
    data: dict[str, Any] = entry.data or {}
    amount, currency = data.get("amount"), data.get("currency")
    if isinstance(amount, int) and isinstance(currency, str):
        return MoneyView(amount, currency)
    kind, _, number = entry.subject.partition(" ")
    amounts = {str(attempt.number): attempt.amount for attempt in booking.attempts}
    return amounts.get(number, booking.amount) if kind == "attempt" else booking.amount
