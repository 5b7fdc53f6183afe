"""The statement of a finished booking: every minor unit appears on exactly one line."""

from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.booking_statement import Kept, MoneyOutcome, Payment, Return, lines_of
from coursebook.domain.refund import RefundState

SUM = st.integers(1, 9999)
QUIET = (MoneyOutcome.NOTHING_CHARGED, MoneyOutcome.FREE)
PAYMENTS = st.lists(
    st.builds(Payment, SUM, st.sampled_from(["eur", "usd"]), st.booleans(), st.booleans()),
    max_size=3,
)
RETURNS = st.lists(
    st.builds(Return, SUM, st.sampled_from(["eur", "usd"]), st.sampled_from(list(RefundState))),
    max_size=3,
)
KEPT = st.builds(Kept, st.integers(0, 9999), st.just("eur"), st.sampled_from(["", "terms", "x"]))


@given(PAYMENTS, RETURNS, KEPT, st.booleans())
def test_every_minor_unit_received_has_one_line(payments, returns, kept, is_free):
    lines = lines_of(payments, returns, kept, is_free=is_free)
    if not payments:
        return
    for currency in {payment.currency for payment in payments}:
        came = sum(payment.amount for payment in payments if payment.currency == currency)
        assert sum(line.amount for line in lines if line.currency == currency) == came
    assert all(line.amount > 0 for line in lines)


@given(RETURNS, KEPT, st.booleans())
def test_a_booking_without_money_has_one_line_without_an_amount(returns, kept, is_free):
    lines = lines_of([], [], kept, is_free=is_free)
    assert [line.outcome for line in lines] == [
        MoneyOutcome.FREE if is_free else MoneyOutcome.NOTHING_CHARGED
    ]
    del returns


@given(PAYMENTS, KEPT)
def test_no_unrecorded_reason_is_given(payments, kept):
    outcomes = {line.outcome for line in lines_of(payments, [], kept, is_free=False)}
    if kept.why != "terms" or not kept.amount:
        assert MoneyOutcome.KEPT_BY_TERMS not in outcomes
    if not any(payment.is_disputed for payment in payments):
        assert not outcomes & {MoneyOutcome.AT_THE_BANK, MoneyOutcome.BY_THE_BANK}
