"""The balance of a booking in every state: what is left, refunded, owed and allowed."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from coursebook.domain.admission import CourseState
from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import (
    NO_REFUND,
    AttemptRecord,
    Balance,
    RefundOnCancel,
    RefundRecord,
    amount_to_pay,
    balance_of,
    can_cancel,
    can_retry,
    left_of_payments,
    owed_after_end,
    payment_status,
    refund_on_cancel,
)
from coursebook.domain.booking import SeatState
from coursebook.domain.money import Money
from coursebook.domain.promise import Promise, Share
from coursebook.domain.refund import RefundState

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
PRICE = Money(4500, "eur")
HALF = Promise((Share(NOW + timedelta(hours=1), 50),))


def attempt(
    number: int = 1, state: str = "succeeded", received: int = 4500, **more: object
) -> AttemptRecord:
    values = {"requested": 4500, "received": received, "currency": "eur"} | more
    return AttemptRecord(id=f"pay_{number}", state=AttemptState(state), **values)  # type: ignore[arg-type]


def refund(
    amount: int, number: int = 1, state: str = "succeeded", currency: str = "eur"
) -> RefundRecord:
    return RefundRecord(f"pay_{number}", RefundState(state), amount, currency)


def course(starts_in: timedelta = timedelta(days=30), **more: bool | int) -> CourseState:
    values = {"is_published": True, "left": 3} | more
    starts_at = NOW + starts_in
    return CourseState(starts_at=starts_at, ends_at=starts_at + timedelta(hours=4), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", AttemptState)
def test_only_a_paid_attempt_has_money_left(state):
    expected = {"pay_1": 4500} if state is AttemptState.SUCCEEDED else {}
    assert left_of_payments([attempt(state=state)], []) == expected


@pytest.mark.parametrize("state", RefundState)
def test_a_refund_takes_from_its_payment_unless_it_failed(state):
    balances = left_of_payments([attempt(), attempt(2)], [refund(1000, 2, state)])
    assert balances == {"pay_1": 4500, "pay_2": 4500 if state is RefundState.FAILED else 3500}


def test_the_rest_of_a_payment_is_never_negative():
    assert left_of_payments([attempt()], [refund(9000)]) == {"pay_1": 0}
    assert left_of_payments([attempt()], [refund(9000, number=7)]) == {"pay_1": 4500}


@pytest.mark.parametrize(
    ("is_disputed", "differs", "currency"),
    list(product([False, True], [False, True], ["eur", "usd"])),
)
def test_a_payment_counts_if_amount_and_currency_match(is_disputed, differs, currency):
    paid = attempt(is_disputed=is_disputed, differs=differs, currency=currency)
    balance = balance_of("eur", [paid], [refund(500)])
    if differs or currency == "usd":
        assert balance == Balance({}, 0)
    elif is_disputed:
        assert balance == Balance({}, 4000)
    else:
        assert balance == Balance({"pay_1": 4000}, 0)


def test_a_fully_refunded_payment_is_not_in_the_balance():
    balance = balance_of("eur", [attempt(), attempt(2)], [refund(4500)])
    assert balance == Balance({"pay_2": 4500}, 0)
    assert (balance.ready, balance.net_received) == (4500, 4500)


@pytest.mark.parametrize(
    ("place", "by_operator", "is_course_cancelled"),
    list(product(SeatState, [False, True], [False, True])),
)
def test_only_a_confirmed_seat_is_refunded_and_fully_if_the_school_cancels(
    place, by_operator, is_course_cancelled
):
    refunded = refund_on_cancel(
        place,
        PRICE,
        HALF,
        Balance({"pay_1": 4500}, away=0),
        NOW,
        by_operator=by_operator,
        is_course_cancelled=is_course_cancelled,
    )
    if place is not SeatState.CONFIRMED:
        assert refunded == NO_REFUND
    elif by_operator or is_course_cancelled:
        assert refunded == RefundOnCancel(due=4500, stays=0)
    else:
        assert refunded == RefundOnCancel(due=2250, stays=2250)


@pytest.mark.parametrize(
    ("free", "away", "hours", "refunded"),
    [
        (4500, 0, 2, RefundOnCancel(0, 4500)),  # after the last promised moment
        (4000, 0, 0, RefundOnCancel(1750, 2250)),  # 500 were refunded before
        (9000, 0, 0, RefundOnCancel(2250, 2250)),  # the second payment is refunded separately
        (0, 4500, 0, RefundOnCancel(0, 2250)),  # disputed: nothing can be refunded now
        (1000, 3500, 0, RefundOnCancel(1000, 2250)),
        (0, 0, 0, NO_REFUND),
    ],
)
def test_a_student_gets_the_promised_share_of_the_balance(free, away, hours, refunded):
    balance = Balance({"pay_1": free}, away)
    now = NOW + timedelta(hours=hours)
    by_student = {"by_operator": False, "is_course_cancelled": False}
    found = refund_on_cancel(SeatState.CONFIRMED, PRICE, HALF, balance, now, **by_student)
    assert found == refunded


@pytest.mark.parametrize("place", SeatState)
def test_money_is_owed_only_when_the_seat_is_lost(place):
    balance = Balance({"pay_1": 4000}, away=500)
    is_over = place in (SeatState.CANCELLED, SeatState.EXPIRED)
    assert owed_after_end(place, 1500, balance) == (3000 if is_over else 0)
    assert owed_after_end(place, 9000, balance) == 0


@pytest.mark.parametrize(
    ("attempts", "refunds", "status"),
    [
        ([], [], "unpaid"),
        ([attempt(state="open")], [], "unpaid"),
        ([attempt(state="processing")], [], "processing"),
        ([attempt(state="failed")], [], "failed"),
        ([attempt()], [], "paid"),
        ([attempt()], [refund(4500)], "refunded"),
        ([attempt()], [refund(4500, state="failed")], "paid"),
        ([attempt()], [refund(1000)], "partially_refunded"),
        ([attempt(is_disputed=True)], [], "disputed"),
        # a late payment that was refunded does not hide the one that counts
        ([attempt(), attempt(2)], [refund(4500)], "paid"),
        ([attempt(), attempt(2)], [refund(4500, 2)], "paid"),
        ([attempt(is_disputed=True), attempt(2)], [refund(4500)], "paid"),
        ([attempt(), attempt(2, "open")], [refund(4500)], "unpaid"),
        ([attempt(), attempt(2, "failed")], [refund(4500)], "failed"),
        # the newest attempt was refunded, and no other one was paid
        ([attempt(1, "failed"), attempt(2)], [refund(4500, 2)], "refunded"),
        ([attempt(), attempt(2)], [refund(4500), refund(4500, 2)], "refunded"),
        # a payment in another currency does not count
        ([attempt(currency="usd", differs=True)], [], "unpaid"),
        ([attempt(currency="usd")], [refund(4500, currency="usd")], "refunded"),
    ],
)
def test_the_payment_status_follows_the_attempt_that_counts(attempts, refunds, status):
    assert payment_status(PRICE, attempts, refunds).value == status


def test_a_free_seat_is_paid_by_an_attempt_of_zero():
    free = attempt(received=0, requested=0)
    assert payment_status(Money(0, "eur"), [free], []).value == "paid"


@pytest.mark.parametrize(
    ("place", "is_processing", "money_left"), list(product(SeatState, [False, True], [0, 1]))
)
def test_a_lost_or_held_seat_can_be_paid_again_without_a_balance(place, is_processing, money_left):
    is_unpaid = place in (SeatState.HELD, SeatState.EXPIRED)
    expected = is_unpaid and not is_processing and not money_left
    is_allowed = can_retry(place, course(), NOW, is_processing=is_processing, money_left=money_left)
    assert is_allowed == expected


@pytest.mark.parametrize(
    ("state", "held", "expired"),
    [
        (course(), True, True),
        (course(left=0), True, False),
        (course(timedelta(minutes=1)), True, False),  # too late for a new hold
        (course(timedelta()), False, False),
        (course(is_open=False), True, False),
        (course(is_published=False), False, False),
        (course(is_published=False, is_cancelled=True), False, False),
    ],
)
def test_paying_again_depends_on_the_course(state, held, expired):
    no_money = {"is_processing": False, "money_left": 0}
    assert can_retry(SeatState.HELD, state, NOW, **no_money) == held
    assert can_retry(SeatState.EXPIRED, state, NOW, **no_money) == expired


@pytest.mark.parametrize(
    ("place", "has_begun", "by_operator", "is_processing"),
    list(product(SeatState, [False, True], [False, True], [False, True])),
)
def test_a_seat_is_cancelled_once_before_the_start_or_by_an_operator(
    place, has_begun, by_operator, is_processing
):
    state = course(timedelta() if has_begun else timedelta(seconds=1))
    expected = place is not SeatState.CANCELLED and not is_processing
    expected = expected and (by_operator or not has_begun)
    is_allowed = can_cancel(place, state, NOW, by_operator=by_operator, is_processing=is_processing)
    assert is_allowed == expected


@pytest.mark.parametrize("place", SeatState)
def test_an_open_attempt_keeps_its_price_and_a_lost_seat_gets_the_current_one(place):
    today, older, newer = Money(5200, "eur"), Money(4000, "eur"), Money(4100, "eur")
    assert amount_to_pay(place, PRICE, today, [older, newer]) == newer
    is_lost = place is SeatState.EXPIRED
    assert amount_to_pay(place, PRICE, today, []) == (today if is_lost else PRICE)
