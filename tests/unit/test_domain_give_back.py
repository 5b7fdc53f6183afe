"""What an operator gives back: the sums of every choice, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.balance import Balance, RefundOnCancel
from coursebook.domain.booking_edits.give_back import (
    Give,
    GiveBack,
    card_parts,
    check_refund,
    chosen_refund,
)
from coursebook.errors import Disputed, Invalid, NothingToRefund

PAID = Balance({"pay_1": 4500})
HALF = RefundOnCancel(due=2250, stays=2250)


def chosen(choice: GiveBack, promised: RefundOnCancel = HALF, balance: Balance = PAID):
    return chosen_refund(choice, 4500, balance, promised, is_course_cancelled=False)


def pointer_of(choice: GiveBack, promised: RefundOnCancel = HALF, balance: Balance = PAID) -> str:
    with pytest.raises(Invalid) as refused:
        chosen(choice, promised, balance)
    return refused.value.errors[0].pointer


@pytest.mark.parametrize(
    ("choice", "due", "stays"),
    [
        (GiveBack(Give.ALL), 4500, 0),
        (GiveBack(Give.TERMS), 2250, 2250),
        (GiveBack(Give.NONE, reason="Never came.", agreed=True), 0, 4500),
        (GiveBack(Give.AMOUNT, 3000, reason="Goodwill."), 3000, 1500),
        (GiveBack(Give.AMOUNT, 2250), 2250, 2250),
        (GiveBack(Give.AMOUNT, 4500), 4500, 0),
    ],
)
def test_each_choice_has_its_sums(choice: GiveBack, due: int, stays: int):
    assert chosen(choice) == RefundOnCancel(due, stays)


def test_less_than_promised_needs_agreement_and_a_reason():
    assert pointer_of(GiveBack(Give.NONE, reason="Never came.")) == "/agreed"
    assert pointer_of(GiveBack(Give.AMOUNT, 2249, reason="x")) == "/agreed"
    assert pointer_of(GiveBack(Give.NONE, agreed=True)) == "/reason"


def test_a_sum_of_ones_own_needs_a_reason_when_something_stays():
    assert pointer_of(GiveBack(Give.AMOUNT, 3000)) == "/reason"


def test_nothing_needs_no_reason_when_nothing_is_promised():
    nothing = RefundOnCancel(due=0, stays=4500)
    assert chosen(GiveBack(Give.NONE), nothing) == nothing


def test_more_than_is_left_is_refused():
    assert pointer_of(GiveBack(Give.AMOUNT, 4501, reason="x")) == "/give_back/amount"


def test_of_money_at_a_bank_no_sum_can_be_given_back_now():
    disputed, promised = Balance({}, away=4500), RefundOnCancel(0, 2250)
    assert chosen(GiveBack(Give.ALL), balance=disputed) == RefundOnCancel(0, 0)
    assert chosen(GiveBack(Give.TERMS), promised, disputed) == promised
    none = GiveBack(Give.NONE, reason="x", agreed=True)
    assert chosen(none, promised, disputed) == RefundOnCancel(0, 4500)
    with pytest.raises(Disputed):
        chosen(GiveBack(Give.AMOUNT, 1, reason="x"), promised, disputed)


def test_a_cancelled_course_gives_everything_back():
    with pytest.raises(Invalid):
        chosen_refund(GiveBack(Give.NONE), 4500, PAID, HALF, is_course_cancelled=True)
    whole = chosen_refund(GiveBack(Give.ALL), 4500, PAID, HALF, is_course_cancelled=True)
    assert whole == RefundOnCancel(4500, 0)


def test_a_refund_is_refused_for_what_is_disputed_gone_or_too_much():
    with pytest.raises(Disputed):
        check_refund(1, Balance({"pay_1": 1}, away=4500))
    with pytest.raises(NothingToRefund):
        check_refund(1, Balance({}))
    with pytest.raises(Invalid):
        check_refund(4501, PAID)
    check_refund(4500, PAID)


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=4), st.data())
def test_the_parts_of_several_payments_add_up(free: list[int], data: st.DataObject):
    balance = Balance({f"pay_{number}": amount for number, amount in enumerate(free)})
    amount = data.draw(st.integers(1, balance.ready))
    parts = card_parts(amount, balance)
    assert sum(parts.values()) == amount
    assert all(0 < part <= balance.free[key] for key, part in parts.items())
