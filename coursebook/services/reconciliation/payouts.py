"""Comparison of Stripe's fees and payouts with our rows."""

from dataclasses import replace
from datetime import timedelta

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.domain.reconciliation import Difference, Run
from coursebook.payments.gateway import MovementFacts, PayoutFacts
from coursebook.persistence.schema.tables import PaymentAttempt, Payout, Refund
from coursebook.persistence.unit_of_work import reading
from coursebook.services.bookings.balance import received_money
from coursebook.services.bookkeeping.fees import PULSE
from coursebook.services.context import Context
from coursebook.services.reconciliation.page_comparison import PageComparison

PAYOUTS = "payouts:"
"""The cursor of the list of payouts, which comes after that of movements."""
CLOCK_SKEW = timedelta(minutes=10)


async def payouts(context: Context, run: Run) -> PageComparison:
    """Compare fees of our payments and refunds, then the payouts."""
    if (run.cursor or "").startswith(PAYOUTS):
        return await _payouts(context, run)
    page = await context.gateway.movements_since(run.since, run.cursor)
    differences: list[Difference] = []
    async with reading(context.database) as work:
        attempts = await work.movements.payments_of(
            [facts.payment_intent_id for facts in page.items if facts.payment_intent_id]
        )
        refunds = await work.movements.refunds_of([f.refund_id for f in page.items if f.refund_id])
    for facts in page.items:
        attempt = attempts.get(facts.payment_intent_id or "")
        refund = refunds.get(facts.refund_id or "")
        if attempt is not None:
            differences += compare_fee(facts, attempt, received_money(attempt)[1])
        elif refund is not None:
            differences += compare_fee(facts, refund, refund.currency)
    oldest = page.items[-1].created if page.items else None
    return PageComparison(differences, len(page.items), page.next_cursor or PAYOUTS, oldest)


def compare_fee(
    facts: MovementFacts, ours: PaymentAttempt | Refund, currency: str
) -> list[Difference]:
    """Compare the fee of a payment or a refund, whose money is in `currency`.

    A fee that is missing counts only if the worker asked when Stripe had it.
    """
    noun = "payment" if isinstance(ours, PaymentAttempt) else "refund"
    cause, amount = "", facts.fee
    if ours.balance_id is None:
        asked_at = ours.balance_asked_at
        if asked_at is not None and facts.created < asked_at - CLOCK_SKEW:
            cause = f"Stripe's fee for a {noun} is not in our books."
    elif ours.balance_id != facts.id:
        cause = f"A {noun} has another balance transaction at Stripe than in our books."
    elif facts.currency == currency and ours.fee != facts.fee:
        here = money_in_words(ours.fee or 0, currency)
        there = money_in_words(facts.fee, currency)
        cause = f"The fee for a {noun} is {there} at Stripe and {here} in our books."
        amount = abs(facts.fee - (ours.fee or 0))
    elif isinstance(ours, PaymentAttempt) and facts.currency == currency and ours.net != facts.net:
        here, there = money_in_words(ours.net or 0, currency), money_in_words(facts.net, currency)
        cause = f"Of a payment {there} are left at Stripe and {here} in our books."
        amount = abs(facts.net - (ours.net or 0))
    if not cause:
        return []
    return [Difference(facts.id, cause, None, ours.booking_id, amount, facts.currency[:3])]


async def _payouts(context: Context, run: Run) -> PageComparison:
    cursor = (run.cursor or "").removeprefix(PAYOUTS) or None
    page = await context.gateway.payouts_since(run.since, cursor)
    differences: list[Difference] = []
    unrecorded: list[PayoutFacts] = []
    async with reading(context.database) as work:
        looked_at = await work.heartbeats.last(PULSE)
        for facts in page.items:
            row = await work.movements.find_payout(facts.id)
            if row is not None:
                ours = await work.movements.net_of_payout(facts.id)
                differences += compare_payout(facts, row, ours)
            elif looked_at is not None and facts.created < looked_at - CLOCK_SKEW:
                unrecorded.append(facts)
    for facts in unrecorded:
        differences += await _unrecorded_payout(context, facts)
    oldest = page.items[-1].created if page.items else None
    comparison = PageComparison(differences, len(page.items), oldest=oldest)
    return replace(comparison, next_cursor=page.next_cursor and PAYOUTS + page.next_cursor)


async def _unrecorded_payout(context: Context, facts: PayoutFacts) -> list[Difference]:
    """Return a difference if a payout that we have not recorded has money of ours in it."""
    movements = await context.gateway.movements_of_payout(facts.id)
    async with reading(context.database) as work:
        payments = await work.movements.payments_of(
            [movement.payment_intent_id for movement in movements if movement.payment_intent_id]
        )
    if not payments:
        return []
    cause = "Stripe made a payout that is not in our books."
    return [Difference(facts.id, cause, None, None, facts.amount, facts.currency[:3])]


def compare_payout(facts: PayoutFacts, row: Payout, ours: int | None) -> list[Difference]:
    """Compare a payout. `ours` is the net sum of our payments and refunds in it.

    It is None when one of them has another currency than the payout. A payout that is under way in
    our books may be further at Stripe: the worker asks.
    """
    cause, amount = "", facts.amount
    if row.amount != facts.amount:
        here = money_in_words(row.amount, row.currency)
        there = money_in_words(facts.amount, facts.currency)
        cause = f"A payout of {there} at Stripe is {here} in our books."
        amount = abs(facts.amount - row.amount)
    elif row.state != facts.state.value and not PayoutState(row.state).is_under_way:
        cause = f"A payout is {facts.state.value} at Stripe and {row.state} in our books."
    elif row.other_net is not None and ours is not None and ours + row.other_net != row.amount:
        there = money_in_words(row.amount, row.currency)
        here = money_in_words(ours + row.other_net, row.currency)
        cause = f"A payout is {there}, and what is in it adds up to {here} in our books."
        amount = abs(row.amount - ours - row.other_net)
    if not cause:
        return []
    return [Difference(facts.id, cause, None, None, amount, facts.currency[:3])]
