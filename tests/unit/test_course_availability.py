"""Whether a course takes a booking: the whole table, one row for each way in."""

import ast
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import coursebook.services
from coursebook.domain.admission import RULES, CourseState, Way, hold_ends, offers_debits, takes

START = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)
END = START + timedelta(days=2)
COURSE = CourseState(is_published=True, starts_at=START, ends_at=END, left=3)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TICK = timedelta(microseconds=1)

LAST = {
    Way.NEW_HOLD: START - 5 * MINUTE,
    Way.HELD_AGAIN: START - 5 * MINUTE,
    Way.FURTHER_PAGE: START,
    Way.MONEY_FOR_HELD: START,
    Way.MONEY_FOR_EXPIRED: START,
    Way.OFFERED: START - 6 * HOUR,
    Way.MOVED_TO: END,
    Way.BY_HAND: END,
}
"""The moment at which each way closes, from the specification."""
ASKS_OPEN = {Way.NEW_HOLD, Way.HELD_AGAIN, Way.OFFERED}
NOBODY_WAITS = {Way.NEW_HOLD, Way.HELD_AGAIN, Way.MONEY_FOR_EXPIRED}
HAS_ROOM = {Way.MOVED_TO, Way.BY_HAND}


def admitted(way: Way, course: CourseState = COURSE, now: datetime = START - 48 * HOUR) -> bool:
    """Return whether `way` is open for the first person on the waiting list."""
    return takes(course, now, way, is_first=True)


@pytest.mark.parametrize("way", Way)
def test_each_way_closes_at_its_own_moment_and_not_before(way: Way):
    assert admitted(way, now=LAST[way] - TICK)
    assert not admitted(way, now=LAST[way])
    assert not admitted(way, now=LAST[way] + 400 * HOUR)


@pytest.mark.parametrize("way", Way)
def test_an_unpublished_course_takes_nobody(way: Way):
    assert not admitted(way, replace(COURSE, is_published=False))
    assert not admitted(way, replace(COURSE, is_published=False, is_cancelled=True))


@pytest.mark.parametrize("way", Way)
def test_closing_bookings_stops_new_ones_only(way: Way):
    assert admitted(way, replace(COURSE, is_open=False)) == (way not in ASKS_OPEN)
    closes = START - 24 * HOUR
    course = replace(COURSE, booking_closes_at=closes)
    assert admitted(way, course, closes - TICK)
    assert admitted(way, course, min(closes, LAST[way] - TICK)) == (way not in ASKS_OPEN)


@pytest.mark.parametrize("way", Way)
def test_the_waiting_list_comes_before_new_bookings(way: Way):
    assert admitted(way, replace(COURSE, somebody_waits=True)) == (way not in NOBODY_WAITS)


def test_a_seat_is_offered_only_to_the_first_on_the_waiting_list():
    now = START - 48 * HOUR
    waited_for = replace(COURSE, somebody_waits=True)
    assert takes(waited_for, now, Way.OFFERED, is_first=True)
    assert not takes(waited_for, now, Way.OFFERED)


@pytest.mark.parametrize("way", Way)
def test_moving_and_adding_need_a_free_seat_or_extra_capacity(way: Way):
    full = replace(COURSE, left=0)
    assert admitted(way, full) == (way not in HAS_ROOM)
    assert takes(full, START - 48 * HOUR, way, is_first=True, makes_room=True)


def test_every_way_has_exactly_one_row():
    assert set(RULES) == set(Way) == set(LAST)


def test_restrictions_never_admit_more():
    """Closing bookings, a waiting list and a full course only restrict."""
    changes = {"is_open": False, "somebody_waits": True, "left": 0, "is_published": False}
    moments = [m + d for m in {*LAST.values(), START - 48 * HOUR} for d in (-TICK, TICK)]
    for way, now, (name, value) in itertools.product(Way, moments, changes.items()):
        assert admitted(way, COURSE, now) >= admitted(way, replace(COURSE, **{name: value}), now)


def test_a_hold_ends_with_its_session_and_never_after_the_start():
    assert hold_ends(START - MINUTE, START) == START - MINUTE
    assert hold_ends(START + MINUTE, START) == START


def test_debits_are_offered_until_two_weeks_before_the_start():
    assert offers_debits(COURSE, START - timedelta(days=14))
    assert not offers_debits(COURSE, START - timedelta(days=14) + TICK)


def test_no_service_compares_a_course_start_or_status_itself():
    """Services must use `takes` and `CourseState`, so that none forgets a part of the rule."""
    home = Path(coursebook.services.__path__[0])
    edits = [path for pattern in ABOUT_EDITS for path in home.glob(pattern)]
    assert len(edits) > len(ABOUT_EDITS)
    paths = sorted({*home.rglob("*.py")} - {*edits})
    comparisons = [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and _is_about_the_course(node)
    ]
    assert [f for f in comparisons if not f.endswith(ALLOWED)] == []


ABOUT_EDITS = (
    "manage/course_*.py",
    "manage/repeating/*.py",
    "catalog/course_import.py",
    "bookings/calendar_files.py",
    "outbox/course_reminders.py",
)
"""Modules that edit courses or show their meetings: they compare a course with itself, before and
after, and nobody takes a place there."""
ALLOWED = ("course.status == CourseStatus.DRAFT.value", "c.status != CourseStatus.DRAFT.value")
"""Whether somebody may see a course at all is not about taking a place."""


def _is_about_the_course(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    text = " ".join(map(ast.unparse, sides))
    about_time = any(
        isinstance(part, ast.Attribute) and part.attr in ("starts_at", "ends_at")
        for side in sides
        for part in ast.walk(side)
    )
    return "CourseStatus" in text or about_time
