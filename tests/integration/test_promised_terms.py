"""A booking keeps its promised terms when terms or dates of its course change."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import Harness, Started

FROM_TWO_WEEKS = Terms((TermStep(14 * 24, 100), TermStep(2 * 24, 50)))


async def edit(harness: Harness, course: Course, **values: Any) -> None:
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


def moments(booking: dict[str, Any]) -> list[tuple[datetime, int]]:
    return [(datetime.fromisoformat(step["until"]), step["percent"]) for step in booking["promise"]]


async def booked(harness: Harness) -> tuple[Course, Started]:
    course = await harness.course(starts_in=timedelta(days=20), terms=FROM_TWO_WEEKS)
    return course, await harness.confirmed(harness.student("sam"), course)


@pytest.mark.parametrize("days_to_start", [1, 10, 40])
async def test_a_start_that_moves_takes_nothing_off_the_promise(
    harness: Harness, days_to_start: int
):
    """Terms were once counted from the new start: 45.00 became 22.50, then 0.00."""
    course, started = await booked(harness)
    before = await harness.booking(started)
    starts_at = harness.clock() + timedelta(days=days_to_start)
    await edit(harness, course, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    after = await harness.booking(started)
    assert after["promise"] == before["promise"]
    assert after["refund_if_cancelled"]["amount"] == 4500
    done = await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert [r["amount"]["amount"] for r in done.json()["refunds"]] == [4500]


async def test_the_promise_names_moments_and_only_those_ahead_are_said(harness: Harness):
    course, started = await booked(harness)
    booking = await harness.booking(started)
    two_weeks, two_days = (course.starts_at - timedelta(days=days) for days in (14, 2))
    assert moments(booking) == [(two_weeks, 100), (two_days, 50)]
    assert booking["number"] == f"CB-{started.booking_id[-6:].upper()}"
    assert "100 %" in booking["terms"]["sentence"]
    await harness.later(days=7)
    later = await harness.booking(started)
    assert moments(later) == moments(booking), "no step may be removed"
    assert "100 %" not in later["terms"]["sentence"], "a step in the past is not promised"
    assert [step["percent"] for step in later["terms"]["steps"]] == [50]


async def test_a_place_that_is_held_again_takes_the_promise_of_today(harness: Harness):
    course = await harness.course(starts_in=timedelta(days=20), terms=FROM_TWO_WEEKS)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.later(minutes=40)
    await harness.worker_round()
    await edit(harness, course, terms=[{"hours_before": 24, "percent": 80}])
    assert [percent for _, percent in moments(await harness.booking(started))] == [100, 50]
    await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert moments(await harness.booking(started)) == [(course.starts_at - timedelta(days=1), 80)]
