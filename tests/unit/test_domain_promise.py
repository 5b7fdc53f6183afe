"""What a booking was promised: the largest share not yet over; a list that only grows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.amount_text import promise_in_words
from coursebook.domain.booking import number_of
from coursebook.domain.money import Money
from coursebook.domain.promise import Promise, Share, due_on_cancel, promise_of
from coursebook.domain.terms import STANDARD, Terms, TermStep

START = datetime(2027, 3, 20, 10, 0, tzinfo=UTC)

shares = st.builds(
    Share,
    st.integers(-3000, 3000).map(lambda hours: START + timedelta(hours=hours)),
    st.integers(0, 100),
)
promises = st.lists(shares, max_size=6).map(
    lambda many: Promise.from_json(Promise(tuple(many)).to_json())
)
moments = st.integers(-3100, 3100).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def terms(draw):
    count = draw(st.integers(0, 4))
    hours = draw(st.lists(st.integers(0, 2000), min_size=count, max_size=count, unique=True))
    given = draw(st.lists(st.integers(0, 100), min_size=count, max_size=count))
    pairs = zip(sorted(hours, reverse=True), sorted(given, reverse=True), strict=True)
    return Terms(tuple(TermStep(h, p) for h, p in pairs))


@given(terms(), moments)
def test_a_promise_is_what_the_terms_say_for_that_start(agreed, now):
    assert promise_of(agreed, START).percent_at(now) == agreed.percent_at(now, START)


@given(promises, promises, moments)
def test_a_list_that_grows_never_gives_less(one, other, now):
    both = one.grown(other)
    assert both.percent_at(now) == max(one.percent_at(now), other.percent_at(now))
    assert set(both.shares) == {*one.shares, *other.shares}
    assert both.grown(other) == both


@given(promises, moments)
def test_what_is_still_ahead_says_the_same(promise, now):
    ahead = promise.ahead(now)
    assert Promise(ahead).percent_at(now) == promise.percent_at(now)
    assert [s.percent for s in ahead] == sorted({s.percent for s in ahead}, reverse=True)
    assert all(s.until >= now for s in ahead)


@given(promises)
def test_what_is_kept_in_a_row_reads_back_the_same(promise):
    assert Promise.from_json(promise.to_json()) == promise


def test_the_kept_form_names_moments_and_shares():
    assert promise_of(STANDARD, START).to_json() == [
        {"until": "2027-03-06T10:00:00Z", "percent": 100},
        {"until": "2027-03-18T10:00:00Z", "percent": 50},
    ]


def test_a_moment_counts_until_it_is_over():
    promise = promise_of(STANDARD, START)
    last = START - timedelta(days=14)
    assert promise.percent_at(last) == 100
    assert promise.percent_at(last + timedelta(microseconds=1)) == 50


@pytest.mark.parametrize("broken", [(START.replace(tzinfo=None), 50), (START, 101), (START, -1)])
def test_a_share_that_cannot_be_is_refused(broken):
    with pytest.raises(ValueError, match=r"zone|share"):
        Share(*broken)


@pytest.mark.parametrize(
    ("kept", "percent", "due"),
    [
        (10000, 100, 10000),
        (10000, 50, 5000),
        (10000, 0, 0),
        (8000, 50, 3000),  # 2000 were given back as goodwill before
        (8000, 100, 8000),
        (4000, 50, 0),  # more than half went back already
        (0, 100, 0),
        (20000, 100, 10000),  # paid twice: the second payment goes back on its own way
        (20000, 50, 5000),
    ],
)
def test_what_is_due_counts_what_was_given_back_before(kept, percent, due):
    assert due_on_cancel(Money(10000, "eur"), kept, percent) == due


@given(st.integers(0, 100_000), st.integers(0, 200_000), st.integers(0, 100))
def test_what_is_due_is_never_more_than_we_have_or_promised(price, kept, percent):
    due = due_on_cancel(Money(price, "eur"), kept, percent)
    assert 0 <= due <= kept
    assert due <= price * percent // 100


@given(st.integers(1, 100_000), st.data(), st.integers(0, 100))
def test_goodwill_before_never_makes_the_whole_less(price, data, percent):
    goodwill = data.draw(st.integers(0, price))
    due = due_on_cancel(Money(price, "eur"), price - goodwill, percent)
    assert goodwill + due == max(goodwill, price * percent // 100)


def test_the_promise_in_words_says_only_what_still_counts():
    promise = promise_of(STANDARD, START)
    assert promise_in_words(promise.ahead(START - timedelta(days=20)), "Europe/Lisbon") == (
        "If you cancel: 100 % back until Saturday 6 March 2027, 10:00, "
        "then 50 % back until Thursday 18 March 2027, 10:00 (Europe/Lisbon); nothing after that."
    )
    assert "100" not in promise_in_words(promise.ahead(START - timedelta(days=5)), "UTC")
    nothing = "If you cancel, nothing is given back."
    assert promise_in_words(promise.ahead(START), "UTC") == nothing
    assert promise_in_words((), "UTC") == nothing


def test_the_number_of_a_booking_is_short_and_upper_case():
    assert number_of("bkg_7f3kabcdefgh2mnpqrst") == "CB-NPQRST"
