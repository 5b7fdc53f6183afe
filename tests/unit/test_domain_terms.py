"""Cancellation terms: the refund never grows over time and never exceeds the payment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.money import CURRENCIES, MAX_AMOUNT, Money
from coursebook.domain.terms import STANDARD, Terms, TermStep

START = datetime(2027, 3, 20, 10, 0, tzinfo=UTC)

ONE = "If you cancel: 100 % back until 1 day before the start; nothing after that."
TWO = (
    "If you cancel: 100 % back until 14 days before the start, "
    "then 50 % back until 2 days before the start; nothing after that."
)
THREE = (
    "If you cancel: 80 % back until 5 hours before the start, "
    "then 40 % back until 1 hour before the start, "
    "then 10 % back until the start; nothing after that."
)


@st.composite
def terms(draw):
    count = draw(st.integers(0, 5))
    hours = draw(st.lists(st.integers(0, 2000), min_size=count, max_size=count, unique=True))
    shares = draw(st.lists(st.integers(0, 100), min_size=count, max_size=count))
    pairs = zip(sorted(hours, reverse=True), sorted(shares, reverse=True), strict=True)
    return Terms(tuple(TermStep(h, p) for h, p in pairs))


moments = st.integers(-3000 * 60, 600 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
paid = st.builds(Money, st.integers(0, MAX_AMOUNT), st.sampled_from(sorted(CURRENCIES)))


@given(terms(), moments, moments)
def test_waiting_never_raises_the_refund(agreed, one, other):
    earlier, later = sorted((one, other))
    assert agreed.percent_at(earlier, START) >= agreed.percent_at(later, START)


@given(terms(), paid, moments)
def test_a_refund_never_exceeds_the_payment(agreed, money, now):
    back = agreed.refund_of(money, now, START)
    assert Money(0, money.currency) <= back <= money


@given(terms())
def test_nothing_is_refunded_after_the_start(agreed):
    assert agreed.percent_at(START + timedelta(microseconds=1), START) == 0


@given(terms())
def test_frozen_terms_read_back_equal(agreed):
    assert Terms.from_json(agreed.to_json()) == agreed


@given(terms())
def test_every_step_is_shown_before_paying(agreed):
    sentence = agreed.sentence()
    assert sentence.endswith(".")
    for step in agreed.steps:
        if step.percent:
            assert f"{step.percent} % back" in sentence


@pytest.mark.parametrize(
    ("before", "share"),
    [
        (timedelta(days=30), 100),
        (timedelta(days=14), 100),
        (timedelta(days=14) - timedelta(seconds=1), 50),
        (timedelta(days=2), 50),
        (timedelta(days=2) - timedelta(seconds=1), 0),
        (timedelta(0), 0),
        (timedelta(days=-1), 0),
    ],
)
def test_the_standard_terms_at_their_boundaries(before, share):
    assert STANDARD.percent_at(START - before, START) == share


def test_hours_are_independent_of_the_zone():
    lisbon = (START - timedelta(days=14)).astimezone(ZoneInfo("Europe/Lisbon"))
    assert STANDARD.percent_at(lisbon, START) == 100


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((), "This booking cannot be refunded after payment."),
        (((0, 0),), "This booking cannot be refunded after payment."),
        (((24, 100),), ONE),
        (((336, 100), (48, 50)), TWO),
        (((5, 80), (1, 40), (0, 10)), THREE),
    ],
)
def test_the_sentence_for_people(steps, sentence):
    assert Terms(tuple(TermStep(h, p) for h, p in steps)).sentence() == sentence


@pytest.mark.parametrize(
    "steps",
    [
        ((48, 100), (336, 50)),
        ((48, 100), (48, 50)),
        ((336, 50), (48, 100)),
        ((-1, 50),),
        ((24, 101),),
        ((24, -1),),
    ],
)
def test_inconsistent_terms_are_refused(steps):
    with pytest.raises(ValueError, match=r"\."):
        Terms(tuple(TermStep(h, p) for h, p in steps))
