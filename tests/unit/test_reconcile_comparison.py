"""Reconciliation: each difference between our rows and Stripe gives exactly one finding."""

from typing import Any

import pytest

from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.payments.gateway import DisputeFacts, PaymentFacts, RefundFacts, SessionFacts
from coursebook.persistence.schema.tables import Dispute
from coursebook.services.reconciliation.comparisons import (
    compare_dispute,
    compare_payment,
    compare_refund,
    compare_session,
    unaccounted_money,
    unexplained_keeping,
)
from tests.support.rows import NOW, a_booking, a_course, a_refund, a_user, an_attempt

BOOKING = a_booking(a_user(), a_course())
W = CheckoutSessionStatus


def session(status: CheckoutSessionStatus, **values: Any) -> SessionFacts:
    usual: dict[str, Any] = {
        "id": "cs_1",
        "status": status,
        "url": None,
        "amount": 4500,
        "currency": "eur",
        "mode": "payment",
        "livemode": False,
        "maker": "ins_1",
        "booking_id": "bkg_x",
        "attempt_number": 1,
        "payment_intent_id": "pi_1",
        "last_error": None,
        "receipt_url": None,
        "expires_at": NOW,
        "charged": 0,
        "refunded": 0,
        "is_disputed": False,
        "taken_at": None,
        "created": NOW,
    }
    return SessionFacts(**usual | values)


def cause(found: Any) -> str:
    return found.cause if found else ""


@pytest.mark.parametrize(
    ("facts", "is_asked", "said"),
    [
        (session(W.OPEN), False, "Can be paid at Stripe, but we have no such Checkout Session"),
        (session(W.OPEN), True, "Can be paid at Stripe, but we have no such Checkout Session"),
        (
            session(W.PAID, charged=4500),
            False,
            "Paid at Stripe, but we have no such Checkout Session",
        ),
        (session(W.PAID, charged=4500, refunded=4499), False, "Paid at Stripe, but we have no"),
        (session(W.PAID, charged=4500, refunded=4500), False, ""),
        (session(W.PAID, charged=4500), True, ""),
        (session(W.EXPIRED), False, ""),
        (session(W.PROCESSING), False, ""),
    ],
)
def test_a_session_without_an_attempt(facts: SessionFacts, is_asked: bool, said: str):
    finding = cause(compare_session(facts, None, is_asked=is_asked))
    assert finding.startswith(said)
    assert bool(finding) == bool(said)


@pytest.mark.parametrize(
    ("facts", "ours", "is_asked", "said"),
    [
        (session(W.OPEN), {"session_id": None}, False, "(open), and we have not noted it."),
        (session(W.PAID), {"state": "open"}, False, "At Stripe: paid; in our books: open."),
        (session(W.EXPIRED), {"state": "open"}, False, "At Stripe: expired; in our books: open."),
        (session(W.PAID), {"state": "expired"}, False, "At Stripe: paid; in our books: expired."),
        (session(W.OPEN), {"state": "expired"}, False, "can still be paid at Stripe, and is expi"),
        (
            session(W.EXPIRED),
            {"state": "succeeded"},
            False,
            "Paid in our books; at Stripe: expired.",
        ),
        (session(W.FAILED), {"state": "succeeded"}, False, "Paid in our books; at Stripe: failed."),
        (session(W.PAID, amount=4400), {"state": "succeeded"}, False, "Stripe took €44.00, we"),
        (session(W.PAID, currency="usd"), {"state": "succeeded"}, False, "Stripe took $45.00"),
        (session(W.PAID, amount=4400), {"state": "succeeded"}, True, ""),
        (session(W.PAID), {"state": "succeeded"}, False, ""),
        (session(W.NOTHING_TO_PAY), {"state": "succeeded"}, False, ""),
        (session(W.OPEN), {"state": "open"}, False, ""),
        (session(W.EXPIRED), {"state": "superseded"}, False, ""),
        (session(W.PROCESSING), {"state": "processing"}, False, ""),
    ],
)
def test_a_session_with_an_attempt(facts: SessionFacts, ours: dict, is_asked: bool, said: str):
    finding = cause(compare_session(facts, an_attempt(BOOKING, **ours), is_asked=is_asked))
    assert said in finding
    assert bool(finding) == bool(said)


@pytest.mark.parametrize(
    ("refunded", "is_asked", "said"),
    [(0, False, "Stripe took money for a booking"), (0, True, ""), (4500, False, "")],
)
def test_a_payment_without_a_booking(refunded: int, is_asked: bool, said: str):
    facts = PaymentFacts("pi_1", True, "bkg_x", 1, 4500, refunded, "eur", NOW)
    assert cause(compare_payment(facts, None, [], is_asked=is_asked)).startswith(said or "")
    assert bool(compare_payment(facts, None, [], is_asked=is_asked)) == bool(said)


@pytest.mark.parametrize(
    ("ours", "at_stripe", "said"),
    [
        ([("succeeded", 1500, "re_1")], 0, "In our books €15.00 went back, at Stripe only €0.00"),
        ([("pending", 1500, "re_1")], 1499, "In our books €15.00 went back, at Stripe only €14.99"),
        ([("failed", 1500, "re_1")], 0, ""),
        ([("created", 1500, None)], 0, ""),
        ([("succeeded", 1500, "re_1")], 1500, ""),
        ([], 1500, ""),
    ],
)
def test_the_refunded_amount_of_a_payment(ours: list, at_stripe: int, said: str):
    paid = an_attempt(BOOKING, state="succeeded")
    rows = [a_refund(paid, state=s, amount=a, stripe_refund_id=key) for s, a, key in ours]
    facts = PaymentFacts("pi_1", True, "bkg_x", 1, 4500, at_stripe, "eur", NOW)
    finding = cause(compare_payment(facts, paid, rows, is_asked=False))
    assert said in finding
    assert bool(finding) == bool(said)


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (None, "Stripe has a refund (failed) that is not in our books."),
        ({"state": "succeeded"}, "A refund is failed at Stripe and succeeded in our books."),
        (
            {"state": "failed", "amount": 1400},
            "A refund of €15.00 at Stripe is €14.00 in our books.",
        ),
        ({"state": "failed"}, ""),
    ],
)
def test_a_refund(ours: dict | None, said: str):
    paid = an_attempt(BOOKING, state="succeeded")
    row = None if ours is None else a_refund(paid, **{"amount": 1500} | ours)
    facts = RefundFacts("re_1", RefundState.FAILED, 1500, "eur", None, None, "pi_1", NOW)
    assert cause(compare_refund(facts, row, paid)) == said


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (None, "Stripe has a dispute (lost) that is not in our books."),
        ("open", "A dispute is lost at Stripe and open in our books."),
        ("lost", ""),
    ],
)
def test_a_dispute(ours: str | None, said: str):
    paid = an_attempt(BOOKING, state="succeeded")
    row = None if ours is None else Dispute(state=ours, amount=4500, currency="eur")
    lost = DisputeState.LOST
    facts = DisputeFacts("du_1", lost, 4500, "eur", "fraudulent", False, "pi_1", None, NOW)
    assert cause(compare_dispute(facts, row, paid)) == said


@pytest.mark.parametrize("place", ["held", "expired", "cancelled"])
def test_money_that_is_not_accounted_for(place: str):
    booking = a_booking(a_user(), a_course(), place=place)
    paid = an_attempt(booking, state="succeeded")
    (finding,) = unaccounted_money(booking, [paid], [], {})
    assert finding.cause == f"Paid, but the booking is {place}."
    assert (finding.key, finding.session_id) == (f"home:{paid.id}", paid.session_id)
    assert unaccounted_money(booking, [paid], [], {paid.id: 4500}) == [], "in the money inbox"
    assert unaccounted_money(booking, [paid], [a_refund(paid)], {}) == [], "being refunded"
    paid.is_disputed = True
    assert unaccounted_money(booking, [paid], [], {}) == [], "disputed"


def cancelled(**values: Any):
    return a_booking(a_user(), a_course(), place="cancelled", confirmed_at=NOW, **values)


@pytest.mark.parametrize(
    ("kept", "back", "asked", "lost"),
    [
        (4500, 0, 0, 0),
        (2250, 2250, 0, 0),
        (0, 4500, 0, 0),
        (2250, 0, 2250, 0),
        (2250, 4500, 0, 0),  # goodwill after the decision
        (2250, 0, 0, 2250),
        (0, 0, 0, 4500),
        (None, 0, 0, 4500),
        (2250, 2249, 0, 1),
        (2250, 0, 1000, 1250),
    ],
)
def test_each_minor_unit_of_a_cancelled_booking_is_accounted_for(kept, back, asked, lost):
    booking = cancelled(kept_amount=kept)
    paid = an_attempt(booking, state="succeeded")
    refunds = [a_refund(paid, amount=back)] if back else []
    findings = unaccounted_money(booking, [paid], refunds, {paid.id: asked} if asked else {})
    assert sum(one.amount or 0 for one in findings) == lost


def test_a_sum_that_is_kept_has_a_reason():
    assert unexplained_keeping(cancelled(kept_amount=None)) is None
    assert unexplained_keeping(cancelled(kept_amount=0)) is None
    assert unexplained_keeping(cancelled(kept_amount=2250, kept_why="terms")) is None
    finding = unexplained_keeping(cancelled(kept_amount=2250))
    assert finding is not None
    assert finding.cause.startswith("€22.50 of an ended booking stay with the school")


def test_an_unreported_failed_refund_is_found():
    booking = cancelled(kept_amount=2250)
    paid = an_attempt(booking, state="succeeded")
    failed = a_refund(paid, amount=2250, state="failed")
    (finding,) = unaccounted_money(booking, [paid], [failed], {})
    assert finding.cause == (
        "The booking is cancelled; €22.50 of €45.00 neither went back nor stay with us by a "
        "decision."
    )


def test_a_seat_that_was_paid_twice():
    booking = a_booking(a_user(), a_course(), place="confirmed")
    first, second = (an_attempt(booking, state="succeeded") for _ in range(2))
    assert unaccounted_money(booking, [first], [], {}) == []
    (finding,) = unaccounted_money(booking, [first, second], [], {})
    assert (finding.cause, finding.key) == ("One place was paid for twice.", f"home:{second.id}")
    part = a_refund(second, amount=100)
    (finding,) = unaccounted_money(booking, [first, second], [part], {})
    assert finding.amount == 4400, "partly refunded"
    assert unaccounted_money(booking, [first, second], [a_refund(second)], {}) == []
    assert unaccounted_money(booking, [first, second], [], {second.id: 4500}) == []
