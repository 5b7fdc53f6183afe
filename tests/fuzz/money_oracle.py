"""Oracle for money: compares our database with Stripe's records, payment by payment."""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.dispute import FROM_STRIPE
from coursebook.domain.refund import RefundState
from coursebook.errors import Unavailable
from coursebook.persistence.schema.tables import Booking, OutboxMessage, PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import reading
from tests.fuzz.invariants import check_amount
from tests.support.booking_invariants import (
    Books,
    check_disputes,
    check_money,
    check_places,
    check_trail,
    read_books,
)
from tests.support.harness import Harness
from tests.support.stripe_objects import ask_stripe

PAGE = 100
PAID = AttemptState.SUCCEEDED.value


@dataclass(frozen=True)
class OracleResult:
    """The numbers of records that agreed, for the figures."""

    books: Books
    paid: int
    refunds: int


async def all_of(
    harness: Harness, kind: str, newer_than: int = 0, **query: Any
) -> list[dict[str, Any]]:
    """Return every object of a kind that Stripe created since then, newest first."""
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = await ask_stripe(harness, kind, limit=PAGE, **query, **more)
        fresh = [item for item in page["data"] if item["created"] >= newer_than]
        found += fresh
        if not page["has_more"] or len(fresh) < PAGE:
            return found
        more = {"starting_after": found[-1]["id"]}


async def check_against_stripe(harness: Harness, *, since: int = 0) -> OracleResult:
    """Fail if our rows and Stripe's objects differ, or anything is left undone.

    Call it when the product is idle. `since` is Stripe's time when the harness started.
    """
    books = await read_books(harness)
    check_places(books)
    check_money(books)
    check_disputes(books)
    check_trail(books)
    check_idle(books)
    mine = {b.id for b in books.bookings}
    sessions = [
        s
        for s in await all_of(harness, "checkout/sessions", since)
        if s["metadata"].get("booking_id") in mine
    ]
    paid = check_sessions(books, sessions)
    given_back = _by_payment(await all_of(harness, "refunds", since))
    disputed = _by_payment(await all_of(harness, "disputes", since))
    for session in paid:
        _check_refunds(books, session, given_back[session["payment_intent"]])
        _check_disputes(books, disputed[session["payment_intent"]])
    return OracleResult(books, len(paid), sum(len(given_back[s["payment_intent"]]) for s in paid))


async def wait_until_idle(harness: Harness, *, seconds: float) -> None:
    """Wait until nothing is left to do. Raises an error that lists the rest after a timeout."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if not await _undone(harness):
                return
        except Unavailable:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            check_idle(await read_books(harness))
        await asyncio.sleep(0.1)


async def _undone(harness: Harness) -> int:
    """Count what `check_idle` would report, without reading every table."""
    final = [state.value for state in AttemptState if state.is_final]
    ended = [state.value for state in RefundState if state.is_final]
    waiting = (
        col(Booking.place) == SeatState.HELD.value,
        col(PaymentAttempt.state).not_in(final),
        col(OutboxMessage.done_at).is_(None),
        col(Refund.state).not_in(ended),
    )
    async with reading(harness.services.context.database) as work:
        counted = [
            await work.session.scalar(sa.select(sa.func.count()).where(message))
            for message in waiting
        ]
    return sum(count or 0 for count in counted)


def check_idle(books: Books) -> None:
    """Check that nothing is pending: no hold, open attempt, outbox message or refund."""
    assert not [b.id for b in books.bookings if b.place == SeatState.HELD.value], (
        "holds that never end"
    )
    unsettled = [a for a in books.attempts if not AttemptState(a.state).is_final]
    assert not [(a.booking_id, a.number, a.state) for a in unsettled], "never settled"
    undone = [m for m in books.outbox if m.done_at is None]
    assert not [(m.kind, m.last_error, m.is_dead) for m in undone], (
        "outbox messages that were never done"
    )
    waiting = [r for r in books.refunds if not RefundState(r.state).is_final]
    assert not [(r.id, r.state) for r in waiting], "refunds that stay pending"


def check_sessions(books: Books, sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Check that every session of ours is known with Stripe's status; return the paid ones."""
    attempts_by_session = {a.session_id: a for a in books.attempts if a.session_id}
    paid = [s for s in sessions if s["payment_status"] == "paid"]
    for session in sessions:
        assert session["status"] != "open", f"{session['id']} can still be paid"
        attempt = attempts_by_session.get(session["id"])
        if session in paid:
            assert attempt is not None, f"{session['id']} was paid without a record of ours"
            assert attempt.state == PAID, f"paid at Stripe, {attempt.state} in our books"
            check_amount(books, attempt, session)
        elif attempt is not None:
            assert attempt.state != PAID, f"{session['id']}: paid in our rows, but not at Stripe"
    at_stripe = {s["id"] for s in paid}
    believed = [a for a in books.attempts if a.state == PAID and a.amount]
    assert all(a.session_id in at_stripe for a in believed), "paid in our books only"
    return paid


def _by_payment(things: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for thing in things:
        found[thing["payment_intent"]].append(thing)
    return found


def _check_refunds(books: Books, session: dict[str, Any], at_stripe: list[dict[str, Any]]) -> None:
    """Each refund at Stripe is one row of ours, in the same state."""
    attempt = next(a for a in books.attempts if a.session_id == session["id"])
    assert attempt.payment_intent_id == session["payment_intent"]
    ours = {r.stripe_refund_id: r for r in books.refunds if r.attempt_id == attempt.id}
    promised = Counter(r["metadata"].get("refund_id") for r in at_stripe)
    assert all(n == 1 for our_id, n in promised.items() if our_id), "two refunds for one row"
    for refund in at_stripe:
        row = ours.get(refund["id"])
        assert row is not None, f"{refund['id']}: a refund at Stripe without a row of ours"
        assert (row.state, row.amount) == (refund["status"], refund["amount"])
    asked = {r.stripe_refund_id for r in ours.values() if r.state != RefundState.FAILED.value}
    assert asked <= {r["id"] for r in at_stripe}, "a refund of ours that Stripe does not have"


def _check_disputes(books: Books, at_stripe: list[dict[str, Any]]) -> None:
    """Each dispute at Stripe is one row of ours, in the same state."""
    ours = {d.stripe_dispute_id: (d.state, d.amount) for d in books.disputes}
    for dispute in at_stripe:
        said = (FROM_STRIPE[dispute["status"]].value, dispute["amount"])
        assert ours.get(dispute["id"]) == said, f"{dispute['id']}: {said} at Stripe"
