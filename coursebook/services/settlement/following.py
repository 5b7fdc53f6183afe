"""What follows a payment at Stripe: refunds and disputes, asked for when they may differ."""

from dataclasses import dataclass

from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState
from coursebook.payments.gateway import DisputeFacts, RefundFacts, SessionFacts
from coursebook.persistence.schema.tables import PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.settlement.disputes import apply_disputes
from coursebook.services.settlement.refunds import apply_refunds


@dataclass(frozen=True)
class StripeUpdates:
    """What Stripe says; None: as we know it already, nothing was asked."""

    refunds: list[RefundFacts] | None = None
    disputes: list[DisputeFacts] | None = None


async def fetch_refunds_and_disputes(
    tools: Context, facts: SessionFacts, *, in_any_case: bool
) -> StripeUpdates:
    """Ask Stripe for refunds and disputes when they may have changed. Raises GatewayError."""
    payment = facts.payment_intent_id
    if not payment:
        return StripeUpdates()
    async with reading(tools.database) as work:
        attempt = await work.attempts.by_session(facts.id)
        refunds = await work.refunds.of_attempt(attempt.id) if attempt else []
        disputes = await work.disputes.of_attempt(attempt.id) if attempt else []
    same_sum = facts.refunded == _given_back(refunds) and not any(_is_open(r) for r in refunds)
    settled = disputes and all(DisputeState(d.state).is_over for d in disputes)
    ask_refunds = in_any_case or not same_sum
    ask_disputes = facts.is_disputed and (in_any_case or not settled)
    return StripeUpdates(
        await tools.gateway.refunds_of(payment) if ask_refunds else None,
        await tools.gateway.disputes_of(payment) if ask_disputes else None,
    )


async def apply_updates(
    ledger: LockedBookingAndCourse, attempt: PaymentAttempt, seen: StripeUpdates, tools: Context
) -> None:
    """Take over what was seen, in one transaction with the payment itself."""
    if seen.refunds is not None:
        await apply_refunds(ledger, attempt, seen.refunds)
    if seen.disputes is not None:
        await apply_disputes(ledger, attempt, seen.disputes, tools)


def _given_back(known: list[Refund]) -> int:
    asked = [r for r in known if r.stripe_refund_id and RefundState(r.state).counts]
    return sum(r.amount for r in asked)


def _is_open(refund: Refund) -> bool:
    return not RefundState(refund.state).is_final
