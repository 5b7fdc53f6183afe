"""The states of a course: the full product of acts and states, and the word that people see."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from coursebook.domain.admission import CourseState
from coursebook.domain.course_edits.course_state import (
    RULES,
    Circumstances,
    CourseAct,
    CourseStatus,
    CourseWord,
    Refusal,
    StoredState,
    after,
    word_of,
)

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
STATES = [StoredState(*facts) for facts in product(CourseStatus, (True, False), (True, False))]
AROUND = [Circumstances(*facts) for facts in product((0, 1), (True, False))]


def expected(  # noqa: PLR0911 - the specification, line by line
    act: CourseAct, state: StoredState, around: Circumstances
) -> StoredState | Refusal:
    """Return the outcome, written again in words of the specification."""
    is_published = state.status is CourseStatus.PUBLISHED
    match act:
        case CourseAct.RESTORE:
            return StoredState(state.status, state.is_open, False)
        case CourseAct.ARCHIVE if is_published and not around.is_over:
            return Refusal.STILL_OFFERED
        case CourseAct.ARCHIVE:
            return StoredState(state.status, state.is_open, True)
    if state.status is CourseStatus.CANCELLED:
        return Refusal.CANCELLED
    if state.is_archived:
        return Refusal.ARCHIVED
    match act:
        case CourseAct.PUBLISH:
            return StoredState(CourseStatus.PUBLISHED, state.is_open, False)
        case CourseAct.UNPUBLISH if around.live_bookings:
            return Refusal.HAS_BOOKINGS
        case CourseAct.UNPUBLISH:
            return StoredState(CourseStatus.DRAFT, state.is_open, False)
    if not is_published:
        return Refusal.NOT_PUBLISHED
    return StoredState(state.status, act is CourseAct.OPEN, False)


def test_every_act_in_every_state_has_its_outcome():
    for act, state, around in product(CourseAct, STATES, AROUND):
        assert after(act, state, around) == expected(act, state, around), (act, state, around)


def test_no_act_cancels_a_course_or_brings_it_back():
    for act, state, around in product(CourseAct, STATES, AROUND):
        outcome = after(act, state, around)
        if isinstance(outcome, StoredState):
            was, is_now = (s.status is CourseStatus.CANCELLED for s in (state, outcome))
            assert was == is_now


def test_no_walk_hides_a_course_that_people_have_booked():
    booked = Circumstances(live_bookings=1)
    reached, new = set(), {StoredState(CourseStatus.PUBLISHED)}
    while new:
        reached |= new
        outcomes = (after(act, state, booked) for act, state in product(CourseAct, new))
        new = {state for state in outcomes if isinstance(state, StoredState)} - reached
    assert {(s.status, s.is_archived) for s in reached} == {(CourseStatus.PUBLISHED, False)}


def test_every_act_has_a_row_in_the_table():
    assert set(RULES) == set(CourseAct)


STARTS = NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, CourseWord.OPEN),
        ({"left": 0}, CourseWord.FULL),
        ({"is_open": False}, CourseWord.CLOSED),
        ({"left": 0, "is_open": False}, CourseWord.CLOSED),
        ({"booking_closes_at": NOW}, CourseWord.CLOSED),
        ({"starts_at": NOW + timedelta(minutes=4)}, CourseWord.CLOSED),
        ({"starts_at": NOW}, CourseWord.RUNNING),
        ({"starts_at": NOW - timedelta(hours=3), "ends_at": NOW}, CourseWord.FINISHED),
        ({"is_published": False}, CourseWord.DRAFT),
        ({"is_published": False, "is_cancelled": True}, CourseWord.CANCELLED),
    ],
)
def test_a_course_is_told_in_one_word(changes, word):
    facts = {
        "is_published": True,
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=2),
        "left": 3,
    }
    assert word_of(CourseState(**{**facts, **changes}), NOW) is word
