"""Comparison of one object at Stripe with our row. None or an empty list when nothing differs."""

from collections.abc import Collection, Sequence

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState, may_become
from coursebook.domain.booking import LIVE, SeatState
from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.reconciliation import Difference
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import STATE_OF, CheckoutSessionStatus
from coursebook.payments.gateway import DisputeFacts, PaymentFacts, RefundFacts, SessionFacts
from coursebook.persistence.schema.tables import (
    Booking,
    Dispute,
    OfflinePayment,
    PaymentAttempt,
    Refund,
)
from coursebook.services.bookings.balance import hand_money, money_left, received_money
from coursebook.services.bookings.offline_payments import SUMS, entry_key
from coursebook.services.settlement.hold_end import PART_PAID_KEY

SUM_CAUSE = {
    "expected_by_hand": "The rows of money by hand make {} expected; the booking says {}.",
    "received_by_hand": "The rows of money by hand make {} received; the booking says {}.",
    "returned_by_hand": "The rows of money by hand make {} given back; the booking says {}.",
}
PAID_STATUSES = (CheckoutSessionStatus.PAID, CheckoutSessionStatus.NOTHING_TO_PAY)


def compare_session(
    facts: SessionFacts, ours: PaymentAttempt | None, *, is_asked: bool
) -> Difference | None:
    """Compare a Checkout Session. `is_asked`: it has an inbox entry."""
    cause = _without_attempt(facts, is_asked=is_asked)
    if ours is not None:
        cause = _with_attempt(facts, ours, is_asked=is_asked)
    if not cause:
        return None
    booking = ours.booking_id if ours else None
    return Difference(facts.id, cause, facts.id, booking, facts.amount, facts.currency[:3])


def _without_attempt(facts: SessionFacts, *, is_asked: bool) -> str:
    if facts.status is CheckoutSessionStatus.OPEN:
        return (
            "Can be paid at Stripe, but we have no such Checkout Session for booking "
            f"{facts.booking_id!r}."
        )
    went_back = facts.charged > 0 and facts.refunded >= facts.charged
    if facts.status is not CheckoutSessionStatus.PAID or is_asked or went_back:
        return ""
    return f"Paid at Stripe, but we have no such Checkout Session for booking {facts.booking_id!r}."


def _with_attempt(facts: SessionFacts, ours: PaymentAttempt, *, is_asked: bool) -> str:
    now, then = AttemptState(ours.state), STATE_OF[facts.status]
    status_text = facts.status.value.replace("_", " ")
    if ours.session_id is None:
        return f"Stripe made this payment page ({status_text}), and we have not noted it."
    if now is not then and may_become(now, then):
        return f"At Stripe: {status_text}; in our books: {now}."
    if facts.status is CheckoutSessionStatus.OPEN and now.is_final:
        return f"It can still be paid at Stripe, and is {now} in our books."
    if now is AttemptState.SUCCEEDED and facts.status not in PAID_STATUSES:
        return f"Paid in our books; at Stripe: {status_text}."
    differs = (facts.amount, facts.currency) != (ours.amount, ours.currency)
    if facts.status is CheckoutSessionStatus.PAID and differs and not is_asked:
        return (
            f"Stripe took {money_in_words(facts.amount, facts.currency)}, we asked for "
            f"{money_in_words(ours.amount, ours.currency)}, and no inbox entry was opened."
        )
    return ""


def compare_payment(
    facts: PaymentFacts, ours: PaymentAttempt | None, refunds: list[Refund], *, is_asked: bool
) -> Difference | None:
    """Compare a paid PaymentIntent with our metadata."""
    if ours is None:
        if is_asked or facts.refunded >= facts.received:
            return None
        cause = f"Stripe took money for a booking {facts.booking_id!r} that we do not have."
        return Difference(facts.id, cause, None, None, facts.received, facts.currency[:3])
    counted = [r for r in refunds if r.stripe_refund_id and RefundState(r.state).counts]
    refunded, received = sum(r.amount for r in counted), ours.received_amount
    here, there, cause = (
        refunded,
        facts.refunded,
        "In our books {here} went back, at Stripe only {there}.",
    )
    if refunded <= facts.refunded:  # more at Stripe is reported by `compare_refund`
        if received is None or received == facts.received:
            return None
        here, there, cause = (
            received,
            facts.received,
            "In our books {here} came, at Stripe {there}.",
        )
    cause = cause.format(
        here=money_in_words(here, facts.currency), there=money_in_words(there, facts.currency)
    )
    amount = abs(here - there)
    return Difference(facts.id, cause, ours.session_id, ours.booking_id, amount, facts.currency[:3])


def compare_refund(
    facts: RefundFacts, ours: Refund | None, paid: PaymentAttempt
) -> Difference | None:
    """Compare a refund of one of our payments."""
    cause = ""
    if ours is None:
        cause = f"Stripe has a refund ({facts.state}) that is not in our books."
    elif ours.state != facts.state.value:
        cause = f"A refund is {facts.state} at Stripe and {ours.state} in our books."
    elif (ours.amount, ours.currency) != (facts.amount, facts.currency):
        here = money_in_words(ours.amount, ours.currency)
        there = money_in_words(facts.amount, facts.currency)
        cause = f"A refund of {there} at Stripe is {here} in our books."
    if not cause:
        return None
    return Difference(
        facts.id, cause, paid.session_id, paid.booking_id, facts.amount, facts.currency[:3]
    )


def compare_dispute(
    facts: DisputeFacts, ours: Dispute | None, paid: PaymentAttempt
) -> Difference | None:
    """Compare a dispute of one of our payments."""
    cause = ""
    if ours is None:
        cause = f"Stripe has a dispute ({facts.state}) that is not in our books."
    elif ours.state != facts.state.value:
        cause = f"A dispute is {facts.state} at Stripe and {ours.state} in our books."
    elif (ours.amount, ours.currency) != (facts.amount, facts.currency):
        here = money_in_words(ours.amount, ours.currency)
        there = money_in_words(facts.amount, facts.currency)
        cause = f"A dispute about {there} at Stripe is about {here} in our books."
    if not cause:
        return None
    return Difference(
        facts.id, cause, paid.session_id, paid.booking_id, facts.amount, facts.currency[:3]
    )


def unaccounted_money(
    booking: Booking, attempts: list[PaymentAttempt], refunds: list[Refund], decided: dict[str, int]
) -> list[Difference]:
    """Return the money of a booking that is not accounted for, payment by payment.

    Every minor unit is exactly one of: price of a confirmed booking; refunded or being refunded; in
    the money inbox; kept by a recorded decision; withdrawn by the bank (docs/architecture.md, row 2
    of "What may never break"). `decided` maps an attempt's id to the amount in inbox entries.
    """
    left = money_left(attempts, refunds)
    paid = [a for a in attempts if left.get(a.id) and _is_ours_to_keep(a)]
    without = {a.id: max(0, left[a.id] - decided.get(a.id, 0)) for a in paid}
    pays = [a for a in paid if received_money(a)[1] == booking.currency]
    differences = [
        _difference(a, without[a.id], "Paid in a currency that is not the booking's.")
        for a in paid
        if a not in pays and without[a.id]
    ]
    # Money by hand pays first; what of it is too much is found by `compare_by_hand`.
    rest = sum(without[a.id] for a in pays) - max(0, _in_place(booking) - hand_money(booking).left)
    for attempt in reversed(pays):
        part = min(rest, without[attempt.id])
        if part > 0:
            differences.append(
                _difference(attempt, part, _cause(booking, attempt, part, left[attempt.id]))
            )
            rest -= part
    return differences[::-1]


def underpayment(booking: Booking, attempts: list[PaymentAttempt]) -> Difference | None:
    """Return the difference of a confirmed place for which we received less than its price."""
    paid = [a for a in attempts if a.state == AttemptState.SUCCEEDED.value]
    total = sum(received_money(a)[0] for a in paid if received_money(a)[1] == booking.currency)
    total += booking.received_by_hand + booking.expected_by_hand
    if booking.place != SeatState.CONFIRMED.value or not total or total >= booking.price:
        return None
    price = money_in_words(booking.price, booking.currency)
    cause = f"Confirmed for {price}, but {money_in_words(total, booking.currency)} came."
    missing, session_id = booking.price - total, paid[-1].session_id if paid else None
    return Difference(
        f"price:{booking.id}", cause, session_id, booking.id, missing, booking.currency
    )


def unexplained_keeping(booking: Booking) -> Difference | None:
    """Return the difference of a sum that the school keeps without a recorded reason."""
    if not booking.kept_amount or booking.kept_why:
        return None
    kept = money_in_words(booking.kept_amount, booking.currency)
    cause = f"{kept} of an ended booking stay with the school, and nothing says why."
    return Difference(
        f"kept:{booking.id}", cause, None, booking.id, booking.kept_amount, booking.currency
    )


def compare_by_hand(
    booking: Booking,
    payments: Sequence[OfflinePayment],
    entries: Collection[str],
) -> list[Difference]:
    """Return what is wrong with the money by hand of a booking.

    Its sums equal its rows. What was received is the price of a confirmed place, a part of the
    price of a held one, or recorded as to be given back. `entries`: the keys of open inbox entries.
    """
    causes = [
        SUM_CAUSE[name].format(
            *(money_in_words(sum_, booking.currency) for sum_ in (total, getattr(booking, name)))
        )
        for name, total in _sums_of(payments).items()
        if total != getattr(booking, name)
    ]
    left, may_stay = hand_money(booking).left, _in_place(booking)
    if booking.place == SeatState.HELD.value:
        may_stay = booking.price
    if left > may_stay:
        here, stays = (money_in_words(sum_, booking.currency) for sum_ in (left, may_stay))
        causes.append(f"Money by hand: {here} are here, and {stays} may stay.")
    if booking.expected_by_hand and booking.place not in LIVE:
        causes.append("Money is expected for a place that has ended.")
    has_stopped = booking.place == SeatState.HELD.value and booking.hold_expires_at is None
    if has_stopped and left and PART_PAID_KEY.format(booking.id) not in entries:
        causes.append("A part of the price came for a hold that has stopped, without an entry.")
    causes += [
        f"{money_in_words(payment.amount, payment.currency)} has to be given back by hand, "
        "and no inbox entry is open."
        for payment in payments
        if payment.direction == Direction.OUT
        and payment.state == OfflineState.EXPECTED
        and entry_key(payment) not in entries
    ]
    return [
        Difference(f"hand:{booking.id}", cause, None, booking.id, left, booking.currency)
        for cause in causes[:1]
    ]


def _sums_of(payments: Sequence[OfflinePayment]) -> dict[str, int]:
    sums = dict.fromkeys(SUMS.values(), 0)
    for payment in payments:
        name = SUMS.get((Direction(payment.direction), OfflineState(payment.state)))
        if name is not None:
            sums[name] += payment.amount
    return sums


def wrong_dispute_flag(attempt: PaymentAttempt, disputes: list[Dispute]) -> Difference | None:
    """Return the difference of a payment whose `is_disputed` does not match its disputes."""
    states = [DisputeState(d.state) for d in disputes if d.attempt_id == attempt.id]
    if attempt.is_disputed == any(state.takes_money for state in states):
        return None
    cause = "A payment is marked as disputed, but no bank has it."
    if not attempt.is_disputed:
        cause = "A payment is disputed, but not marked so."
    return Difference(
        f"disputed:{attempt.id}",
        cause,
        attempt.session_id,
        attempt.booking_id,
        *received_money(attempt),
    )


def _in_place(booking: Booking) -> int:
    """Return the amount that we may keep of a booking in its present state."""
    if booking.place == SeatState.CONFIRMED.value:
        return booking.price
    return booking.kept_amount or 0


def _is_ours_to_keep(attempt: PaymentAttempt) -> bool:
    return not attempt.is_disputed and not attempt.is_foreign


def _cause(booking: Booking, attempt: PaymentAttempt, part: int, left: int) -> str:
    if booking.place == SeatState.CONFIRMED.value:
        return "One place was paid for twice."
    if part == left:
        return f"Paid, but the booking is {booking.place}."
    currency = received_money(attempt)[1]
    homeless, all_ = (money_in_words(sum_, currency) for sum_ in (part, left))
    return (
        f"The booking is {booking.place}; {homeless} of {all_} neither went back nor stay with us "
        "by a decision."
    )


def _difference(attempt: PaymentAttempt, part: int, cause: str) -> Difference:
    return Difference(
        f"home:{attempt.id}",
        cause,
        attempt.session_id,
        attempt.booking_id,
        part,
        received_money(attempt)[1],
    )


def lost_refund(refund: Refund, paid: PaymentAttempt) -> Difference:
    """Return the difference of a refund that is recorded but not queued."""
    cause = "A refund was promised, but nothing is queued to request it from Stripe."
    return Difference(
        f"refund:{refund.id}",
        cause,
        paid.session_id,
        refund.booking_id,
        refund.amount,
        refund.currency,
    )
