"""Money: whole minor units, one currency at a time, refunds never above the payment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.money import (
    CURRENCIES,
    MAX_AMOUNT,
    Money,
    MoneyError,
    major_units,
    price_problem,
)

codes = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(min_value=0, max_value=MAX_AMOUNT)
MINIMUMS = {
    "eur": 50,
    "usd": 50,
    "gbp": 30,
    "chf": 50,
    "aud": 50,
    "cad": 50,
    "nzd": 50,
    "sgd": 50,
    "dkk": 250,
    "nok": 300,
    "sek": 300,
    "pln": 200,
    "czk": 1500,
    "huf": 17500,
    "jpy": 50,
}
"""As on docs.stripe.com/currencies (minimum charge amounts), in minor units."""


@pytest.mark.parametrize("amount", [45.0, 0.1, "4500", None, True, False, float("nan")])
def test_an_amount_must_be_an_integer(amount):
    with pytest.raises(MoneyError, match="whole number"):
        Money(amount, "eur")


@pytest.mark.parametrize("currency", ["", "EUR", "btc", "xxx", "eur "])
def test_a_currency_that_is_not_on_the_list_is_refused(currency):
    with pytest.raises(MoneyError, match="currency"):
        Money(100, currency)


def test_currencies_never_mix():
    euro, dollar = Money(100, "eur"), Money(100, "usd")
    for mix in (
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: euro < dollar,
        lambda: euro <= dollar,
    ):
        with pytest.raises(MoneyError, match="Cannot mix eur and usd"):
            mix()
    assert euro != dollar


@given(codes, amounts, amounts)
def test_subtracting_undoes_adding(code, one, other):
    assert Money(one, code) + Money(other, code) - Money(other, code) == Money(one, code)
    assert (Money(one, code) < Money(other, code)) == (one < other)
    assert (Money(one, code) <= Money(other, code)) == (one <= other)


@given(codes, amounts, st.integers(min_value=0, max_value=100))
def test_a_share_is_at_most_exact_and_a_multiple_of_the_step(code, amount, share):
    part = Money(amount, code).percent(share)
    step = CURRENCIES[code].step
    assert part.currency == code
    assert isinstance(part.amount, int)
    assert 0 <= part.amount * 100 <= amount * share
    assert part.amount % step == 0
    assert amount * share - part.amount * 100 < 100 * step, "a share is short by a whole step"


@given(codes, amounts, st.integers(min_value=0, max_value=100))
def test_share_and_remainder_add_up(code, amount, share):
    whole = Money(amount, code)
    assert whole.percent(share) + (whole - whole.percent(share)) == whole


@given(amounts, st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_is_never_a_smaller_amount(amount, one, other):
    low, high = sorted((one, other))
    assert Money(amount, "eur").percent(low) <= Money(amount, "eur").percent(high)


@pytest.mark.parametrize("share", [-1, 101, 1000])
def test_a_share_above_the_whole_is_refused(share):
    with pytest.raises(MoneyError):
        Money(100, "eur").percent(share)


@pytest.mark.parametrize(
    ("amount", "currency", "share", "expected"),
    [
        (4500, "eur", 50, 2250),
        (4501, "eur", 50, 2250),
        (99, "usd", 33, 32),
        (26000, "jpy", 50, 13000),
        (20100, "huf", 50, 10000),
        (4500, "eur", 100, 4500),
        (4500, "eur", 0, 0),
    ],
)
def test_shares_by_example(amount, currency, share, expected):
    assert Money(amount, currency).percent(share) == Money(expected, currency)


def test_the_minimum_charges_are_those_of_stripe():
    assert {code: c.minimum for code, c in CURRENCIES.items()} == MINIMUMS


def test_yen_have_no_decimals_and_other_currencies_two():
    assert {code for code, c in CURRENCIES.items() if c.exponent != 2} == {"jpy"}
    assert CURRENCIES["jpy"].exponent == 0


@pytest.mark.parametrize("code", sorted(MINIMUMS))
def test_a_price_is_zero_or_at_least_the_minimum(code):
    least = MINIMUMS[code]
    assert price_problem(0, code) is None
    assert price_problem(least, code) is None
    assert f"is {major_units(least, code)}," in (price_problem(least - 1, code) or "")
    assert price_problem(1, code) is not None


@given(codes, st.integers())
def test_every_accepted_price_can_be_charged(code, amount):
    currency = CURRENCIES[code]
    legal = amount == 0 or (
        currency.minimum <= amount <= MAX_AMOUNT and amount % currency.step == 0
    )
    assert (price_problem(amount, code) is None) == legal


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (-1, "eur", "negative"),
        (100_000_000, "eur", "highest"),
        (17_550, "huf", "multiple of 1.00"),
        (None, "eur", "whole number"),
        ("4500", "eur", "whole number"),
        (4500, "EUR", "do not accept"),
        (45.0, "eur", "whole number"),
        (True, "eur", "whole number"),
    ],
)
def test_an_invalid_price_is_explained_in_a_sentence(amount, currency, said):
    sentence = price_problem(amount, currency)
    assert sentence is not None
    assert said in sentence
    assert sentence.endswith(".")
