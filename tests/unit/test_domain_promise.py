"""The cancellation promise of a booking: the largest valid share; terms can only be added."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.amount_text import promise_in_words
from coursebook.domain.booking import number_of
from coursebook.domain.money import Money
from coursebook.domain.promise import (
    BookedPromise,
    Promise,
    Share,
    due_on_cancel,
    promise_of,
)
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
def test_a_promise_applies_the_terms_to_the_start(agreed, now):
    assert promise_of(agreed, START).percent_at(now) == agreed.percent_at(now, START)


@given(promises, promises, moments)
def test_adding_terms_never_lowers_the_share(one, other, now):
    both = one.grown(other)
    assert both.percent_at(now) == max(one.percent_at(now), other.percent_at(now))
    assert set(both.shares) == {*one.shares, *other.shares}
    assert both.grown(other) == both


@given(promises, moments)
def test_the_remaining_steps_give_the_same_share(promise, now):
    ahead = promise.ahead(now)
    assert Promise(ahead).percent_at(now) == promise.percent_at(now)
    assert [s.percent for s in ahead] == sorted({s.percent for s in ahead}, reverse=True)
    assert all(s.until >= now for s in ahead)


@given(promises)
def test_a_stored_promise_reads_back_equal(promise):
    assert Promise.from_json(promise.to_json()) == promise


def test_the_stored_form_has_moments_and_shares():
    assert promise_of(STANDARD, START).to_json() == [
        {"until": "2027-03-06T10:00:00Z", "percent": 100},
        {"until": "2027-03-18T10:00:00Z", "percent": 50},
    ]


def test_a_step_is_valid_until_its_moment():
    promise = promise_of(STANDARD, START)
    last = START - timedelta(days=14)
    assert promise.percent_at(last) == 100
    assert promise.percent_at(last + timedelta(microseconds=1)) == 50


@pytest.mark.parametrize("broken", [(START.replace(tzinfo=None), 50), (START, 101), (START, -1)])
def test_an_impossible_share_is_refused(broken):
    with pytest.raises(ValueError, match=r"zone|share"):
        Share(*broken)


@pytest.mark.parametrize(
    ("kept", "percent", "due"),
    [
        (10000, 100, 10000),
        (10000, 50, 5000),
        (10000, 0, 0),
        (8000, 50, 3000),  # 2000 were refunded as goodwill before
        (8000, 100, 8000),
        (4000, 50, 0),  # more than half was refunded already
        (0, 100, 0),
        (20000, 100, 10000),  # paid twice: the second payment is refunded separately
        (20000, 50, 5000),
    ],
)
def test_the_amount_due_counts_earlier_refunds(kept, percent, due):
    assert due_on_cancel(Money(10000, "eur"), kept, percent) == due


@given(st.integers(0, 100_000), st.integers(0, 200_000), st.integers(0, 100))
def test_the_amount_due_never_exceeds_balance_or_promise(price, kept, percent):
    due = due_on_cancel(Money(price, "eur"), kept, percent)
    assert 0 <= due <= kept
    assert due <= price * percent // 100


@given(st.integers(1, 100_000), st.data(), st.integers(0, 100))
def test_earlier_goodwill_never_lowers_the_total(price, data, percent):
    goodwill = data.draw(st.integers(0, price))
    due = due_on_cancel(Money(price, "eur"), price - goodwill, percent)
    assert goodwill + due == max(goodwill, price * percent // 100)


def test_the_promise_text_names_only_valid_steps():
    promise = promise_of(STANDARD, START)
    assert promise_in_words(promise.ahead(START - timedelta(days=20)), "Europe/Lisbon") == (
        "If you cancel: 100 % back until Saturday 6 March 2027, 10:00, "
        "then 50 % back until Thursday 18 March 2027, 10:00 (Europe/Lisbon); nothing after that."
    )
    assert "100" not in promise_in_words(promise.ahead(START - timedelta(days=5)), "UTC")
    nothing = "If you cancel, nothing is given back."
    assert promise_in_words(promise.ahead(START), "UTC") == nothing
    assert promise_in_words((), "UTC") == nothing


def test_a_booking_number_is_short_and_upper_case():
    assert number_of("bkg_7f3kabcdefgh2mnpqrst") == "CB-NPQRST"


@st.composite
def edits(draw):
    """Return the start after an edit, the terms after it, and the wish for free cancelling."""
    start = draw(st.none() | moments)
    agreed = draw(st.none() | terms())
    return start, agreed, draw(st.none() | moments)


@given(terms(), st.lists(edits(), min_size=1, max_size=6), st.lists(moments, max_size=12))
def test_no_sequence_of_edits_lowers_what_cancelling_gives_back(agreed, many, times):
    """At every moment before the start then in force; law 14."""
    start, booked = START, BookedPromise(promise_of(agreed, START))
    first = booked.promise
    for new_start, new_terms, free_until in many:
        before, earlier = booked, start
        start = new_start or start
        added = promise_of(agreed, start) if start != earlier else Promise()
        booked = before.after_edit(added, start, free_until)
        for now in [*times, start - timedelta(seconds=1)]:
            if now < start:
                assert booked.whole.percent_at(now) >= before.whole.percent_at(now)
        assert set(booked.promise.shares) >= {*first.shares, *added.shares}
        assert booked.free_cancel_until is None or booked.free_cancel_until <= start
        agreed = new_terms or agreed


def test_free_cancelling_only_moves_later_and_never_beyond_the_start():
    days = [START - timedelta(days=n) for n in (10, 5, 20)]
    booked = BookedPromise(Promise())
    for until, stays in zip(days, (days[0], days[1], days[1]), strict=True):
        booked = booked.after_edit(Promise(), START, until)
        assert booked.free_cancel_until == stays
    assert booked.after_edit(Promise(), START, START + timedelta(1)).free_cancel_until == START
    assert booked.after_edit(Promise(), days[0], None).free_cancel_until == days[0]
    assert booked.whole.percent_at(days[1]) == 100
    assert booked.whole.percent_at(days[1] + timedelta(seconds=1)) == 0


def test_people_read_no_moment_after_the_start():
    """A start moved forward may lie before a promised moment: nobody cancels after it."""
    promise = promise_of(STANDARD, START)
    start = START - timedelta(days=10)
    now = start - timedelta(days=10)
    assert promise.ahead_until(now, start) == (promise.shares[0], Share(start, 50))
    assert promise.ahead_until(now, START - timedelta(days=20)) == (
        Share(START - timedelta(days=20), 100),
    )
    assert promise.ahead_until(now, START) == promise.ahead(now)
