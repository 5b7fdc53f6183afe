"""Disputes: taking over what Stripe says of them, and asking a person what only a person can do."""

import structlog

from coursebook.domain.booking import Place
from coursebook.domain.dispute import DisputeState, may_become
from coursebook.domain.inbox import InboxKind
from coursebook.domain.words import money_in_words
from coursebook.payments.gateway import DisputeFacts
from coursebook.persistence.columns import new_id
from coursebook.persistence.inbox import Question
from coursebook.persistence.tables import Dispute, PaymentAttempt
from coursebook.services.asking import ask_person
from coursebook.services.ledger import Ledger
from coursebook.services.received import came
from coursebook.services.refunding import still_ours
from coursebook.services.tools import Tools

log = structlog.get_logger("coursebook.payments")

ASKED: dict[DisputeState, InboxKind] = {
    DisputeState.INQUIRY: InboxKind.INQUIRY_OPEN,
    DisputeState.OPEN: InboxKind.DISPUTE_OPEN,
    DisputeState.LOST: InboxKind.DISPUTE_LOST,
    DisputeState.WON: InboxKind.DISPUTE_WON_LATE,
}
"""What a person is asked when a dispute comes to this state; lost and won only if it matters."""


async def apply_disputes(
    ledger: Ledger, attempt: PaymentAttempt, facts: list[DisputeFacts], tools: Tools
) -> None:
    """Take over what Stripe says of the disputes of a payment. The place never changes by this."""
    known = {d.stripe_dispute_id: d for d in await ledger.work.disputes.of_attempt(attempt.id)}
    for fact in sorted(facts, key=lambda f: f.id):
        row = known.get(fact.id)
        if row is None:
            row = known[fact.id] = await _opened(ledger, attempt, fact)
        elif may_become(DisputeState(row.state), fact.state):
            ledger.set_dispute(row, fact.state, f"Stripe says: {fact.state.value}.")
        else:
            row.answer_by = fact.answer_by
            continue  # the same answer again, or an older one
        row.amount, row.currency, row.answer_by = fact.amount, fact.currency, fact.answer_by
        await _ask(ledger, attempt, row, fact, livemode=tools.gateway.livemode)
    attempt.is_disputed = any(DisputeState(d.state).takes_money for d in known.values())


async def _opened(ledger: Ledger, attempt: PaymentAttempt, fact: DisputeFacts) -> Dispute:
    row = Dispute(
        id=new_id("dsp"),
        booking_id=ledger.booking.id,
        attempt_id=attempt.id,
        stripe_dispute_id=fact.id,
        state=fact.state.value,
        amount=fact.amount,
        currency=fact.currency,
        reason=fact.reason[:60],
        answer_by=fact.answer_by,
        created_at=ledger.now,
        updated_at=ledger.now,
    )
    await ledger.add_dispute(row, f"The bank's reason: {fact.reason.replace('_', ' ')}.")
    log.warning("dispute.seen", dispute=fact.id, booking=ledger.booking.id, state=fact.state.value)
    return row


async def _ask(
    ledger: Ledger, attempt: PaymentAttempt, row: Dispute, fact: DisputeFacts, *, livemode: bool
) -> None:
    kind = ASKED.get(fact.state)
    if fact.state is DisputeState.WON and not await _is_owed(ledger, attempt, row):
        kind = None
    if fact.state is DisputeState.LOST and ledger.place is not Place.CONFIRMED:
        kind = None  # no place to decide about
    if kind is not None:
        await _question(ledger, attempt, row, kind, _detail(fact))
    differs = fact.currency != came(attempt)[1] or fact.amount > came(attempt)[0]
    if (differs or fact.livemode != livemode) and not fact.state.is_over:
        said = f"{_detail(fact)} We know of {money_in_words(*came(attempt))}."
        await _question(ledger, attempt, row, InboxKind.DISPUTE_DIFFERS, said)


async def _is_owed(ledger: Ledger, attempt: PaymentAttempt, row: Dispute) -> bool:
    """Whether money that came back by winning was kept only because it was disputed."""
    ended = ledger.booking.cancelled_at
    kept_by_the_terms = ended is not None and ended < row.created_at
    if ledger.place is Place.CONFIRMED or kept_by_the_terms:
        return False
    return await still_ours(ledger, attempt) > 0


async def _question(
    ledger: Ledger, attempt: PaymentAttempt, row: Dispute, kind: InboxKind, detail: str
) -> None:
    question = Question(
        f"{kind.value}:{row.stripe_dispute_id}",
        kind,
        detail,
        booking_id=ledger.booking.id,
        attempt_id=attempt.id,
        subject_id=row.id,
        session_id=attempt.session_id,
        amount=row.amount,
        currency=row.currency,
    )
    await ask_person(ledger.work, question, actor=ledger.actor, now=ledger.now)


def _detail(fact: DisputeFacts) -> str:
    what = "An inquiry" if fact.state is DisputeState.INQUIRY else "A dispute"
    until = ""
    if fact.answer_by is not None and not fact.state.is_over:
        until = f" Answer it in Stripe's dashboard before {fact.answer_by:%Y-%m-%d %H:%M} UTC."
    reason = fact.reason.replace("_", " ")
    money = money_in_words(fact.amount, fact.currency)
    return f"{what} about {money}, {reason}: {fact.id}.{until}"
