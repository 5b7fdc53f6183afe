"""What an edit of a course means for the people who booked it: promise, hold, mail, calendar."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from sqlmodel import col

from coursebook.domain.actor import Actor
from coursebook.domain.course_edits.offer import USUAL, FreeCancelling
from coursebook.domain.terms import Terms, TermStep
from coursebook.errors import Invalid
from coursebook.persistence.schema.tables import Course, CourseChange
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.manage.course_changes import (
    ChangeEffect,
    apply_promised_changes,
    offer_of_course,
)
from tests.support.booking_invariants import check_books
from tests.support.harness import Harness, Started, eur

TERMS = Terms((TermStep(14 * 24, 100), TermStep(2 * 24, 50)))
OLGA = Actor("operator", "olga")
CHANGED = "Changed"


async def edit(
    harness: Harness,
    course: Course,
    *,
    tell: bool = True,
    until: FreeCancelling = USUAL,
    reason: str = "",
    **values: Any,
) -> ChangeEffect:
    """Edit a course as the operator's side does."""
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        before = offer_of_course(row)
        for name, value in values.items():
            setattr(row, name, value)
        return await apply_promised_changes(
            work,
            row,
            before,
            offer_of_course(row),
            OLGA,
            tell=tell,
            free_cancel_until=until,
            reason=reason,
            now=harness.clock(),
        )


async def move(harness: Harness, course: Course, by: timedelta, **more: Any) -> ChangeEffect:
    now = await harness.course_now(course)
    dates = {"starts_at": now.starts_at + by, "ends_at": now.ends_at + by}
    return await edit(harness, course, **dates, **more)


async def changed_mails(harness: Harness, started: Started) -> list[dict[str, Any]]:
    await harness.worker_round()
    mails = await harness.mails(started.student)
    return [mail for mail in mails if mail["subject"].startswith(CHANGED)]


async def booked(harness: Harness, **values: Any) -> tuple[Course, Started]:
    """Return a course in twenty days and a student who has paid for it."""
    course = await harness.course(starts_in=timedelta(days=20), terms=TERMS, **values)
    return course, await harness.confirmed(harness.student("sam"), course)


@pytest.mark.both_databases
async def test_a_later_date_is_told_and_only_adds_to_the_promise(harness: Harness) -> None:
    course, started = await booked(harness)
    before = await harness.booking(started)
    told = await move(harness, course, timedelta(days=7), reason="The kiln is broken.")
    after = await harness.booking(started)
    assert (told.revision, told.people, told.told) == (2, 1, 1)
    assert [s for s in after["promise"] if s in before["promise"]] == before["promise"]
    assert len(after["promise"]) == 4
    until = datetime.fromisoformat(after["free_cancel_until"])
    assert timedelta(days=14) <= until - harness.clock() < timedelta(days=15)
    assert after["terms"]["steps"][0] == {"until": after["free_cancel_until"], "percent": 100}
    (mail,) = await changed_mails(harness, started)
    assert "The school writes: The kiln is broken." in mail["text"]
    assert "cancel free of charge until" in mail["text"]
    assert "Until now: " in mail["text"]
    async with reading(harness.services.context.database) as work:
        (change,) = (await work.session.scalars(_changes(course))).all()
    assert (change.revision, change.told, change.actor) == (2, 1, str(OLGA))
    assert change.before["meetings"][0]["starts_at"] != change.after["meetings"][0]["starts_at"]


def _changes(course: Course) -> sa.Select[Any]:
    return sa.select(CourseChange).where(col(CourseChange.course_id) == course.id)


async def test_the_calendar_follows(harness: Harness) -> None:
    course, started = await booked(harness)
    await harness.worker_round()
    await harness.later(minutes=1)
    await move(harness, course, timedelta(days=1))
    await changed_mails(harness, started)
    path = f"/api/bookings/{started.booking_id}/calendar.ics"
    (event,) = Calendar.from_ical((await harness.get(path, started.student)).text).events
    assert (event["sequence"], event["uid"]) == (1, f"booking-{started.booking_id}@coursebook")
    assert event["dtstamp"].dt > harness.clock() - timedelta(seconds=30)
    assert event.start == course.starts_at.replace(microsecond=0) + timedelta(days=1)


async def test_everybody_with_a_place_is_told_once_for_each_edit(harness: Harness) -> None:
    """A second mail of one kind was once swallowed by the first."""
    course, started = await booked(harness)
    held = await harness.checkout(harness.student("ann"), course)
    gone = await harness.confirmed(harness.student("bob"), course)
    await harness.post(f"/api/bookings/{gone.booking_id}/cancel", gone.student)
    assert (await move(harness, course, timedelta(days=1))).told == 2
    assert (await edit(harness, course, place_name="Old Mill")).told == 2
    mails = await changed_mails(harness, started)
    assert len(mails) == 2
    assert "Old Mill" in mails[1]["text"]
    assert len(await changed_mails(harness, held)) == 2
    assert await changed_mails(harness, gone) == []


async def test_a_place_that_has_ended_meanwhile_gets_no_mail(harness: Harness) -> None:
    course, started = await booked(harness)
    await move(harness, course, timedelta(days=1))
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert await changed_mails(harness, started) == []


async def test_price_and_terms_stay_as_they_were_booked(harness: Harness) -> None:
    course, started = await booked(harness)
    before = await harness.booking(started)
    told = await edit(harness, course, price=9900, terms=[])
    assert (told.revision, told.people, told.told) == (2, 0, 0)
    after = await harness.booking(started)
    for name in ("amount", "promise", "terms", "refund_if_cancelled", "free_cancel_until"):
        assert after[name] == before[name], name
    assert await changed_mails(harness, started) == []


async def test_what_nobody_was_promised_makes_no_revision(harness: Harness) -> None:
    course, _ = await booked(harness)
    assert (await edit(harness, course, title="Another title")).revision == 1
    draft = await harness.course(status="draft", price=eur(10))
    assert (await edit(harness, draft, price=2000)).revision == 1


async def test_an_earlier_start_must_be_told(harness: Harness) -> None:
    course, started = await booked(harness)
    with pytest.raises(Invalid) as error:
        await move(harness, course, timedelta(days=-15), tell=False)
    assert [problem.pointer for problem in error.value.errors] == ["/tell"]
    assert (await harness.course_now(course)).starts_at == course.starts_at
    told = await move(harness, course, timedelta(days=-15), until=None)
    start = course.starts_at - timedelta(days=15)
    assert told.free_cancel_until == start
    booking = await harness.booking(started)
    assert booking["refund_if_cancelled"]["amount"] == 4500
    assert "100 % back until" in booking["terms"]["sentence"]
    moments = {step["until"] for step in booking["terms"]["steps"]}
    assert (course.starts_at - timedelta(days=2)).isoformat().replace("+00:00", "Z") in moments
    await harness.later(days=4, hours=23)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 4500


async def test_an_earlier_start_shortens_every_hold(harness: Harness) -> None:
    course = await harness.course(starts_in=timedelta(days=20), capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await move(harness, course, timedelta(minutes=10) - timedelta(days=20))
    start = (await harness.course_now(course)).starts_at
    booking = await harness.booking(started)
    assert datetime.fromisoformat(booking["hold_expires_at"]) == start
    (mail,) = await changed_mails(harness, started)
    assert "your place is now held until" in mail["text"]
    await harness.later(minutes=11)
    await harness.worker_round()
    booking = await harness.booking(started)
    assert (booking["status"], booking["can_retry"]) == ("failed", False)
    (attempt,) = (await check_books(harness)).attempts
    assert attempt.state == "expired", "the page is closed at Stripe with the start"


async def test_a_later_start_gives_a_hold_the_time_of_its_page(harness: Harness) -> None:
    """A hold ends with its page, or with the start if that is earlier."""
    course = await harness.course(starts_in=timedelta(minutes=20))
    started = await harness.checkout(harness.student("sam"), course)
    assert datetime.fromisoformat((await harness.booking(started))["hold_expires_at"]) == (
        course.starts_at
    )
    await move(harness, course, timedelta(days=1))
    (attempt,) = (await check_books(harness)).attempts
    ends = datetime.fromisoformat((await harness.booking(started))["hold_expires_at"])
    assert ends == attempt.expires_at
    (mail,) = await changed_mails(harness, started)
    assert "your place is now held until" not in mail["text"]


async def test_money_that_was_taken_before_the_new_start_confirms(harness: Harness) -> None:
    course = await harness.course(starts_in=timedelta(days=20))
    started = await harness.checkout(harness.student("sam"), course)
    await move(harness, course, timedelta(minutes=10) - timedelta(days=20))
    await harness.pay(started)
    assert await harness.status_of(started) == "confirmed"


async def test_a_place_that_is_held_again_has_no_free_cancelling(harness: Harness) -> None:
    course = await harness.course(starts_in=timedelta(days=20), terms=TERMS)
    started = await harness.checkout(harness.student("sam"), course)
    await edit(harness, course, place_name="Old Mill")
    assert (await harness.booking(started))["free_cancel_until"] is not None
    await harness.later(minutes=40)
    await harness.worker_round()
    await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    booking = await harness.booking(started)
    assert (booking["status"], booking["free_cancel_until"]) == ("pending", None)


async def test_a_change_stands_in_the_history_of_a_booking(harness: Harness) -> None:
    course, started = await booked(harness)
    await edit(harness, course, place_name="Old Mill")
    who = await harness.principal(started.student)
    story = await harness.services.dashboard.story(who, started.booking_id)
    assert "course_changed" in [step.fact for step in story.timeline]


@pytest.mark.parametrize("is_closed_by", ["switch", "moment"])
async def test_closed_booking_refuses_new_places_only(harness: Harness, is_closed_by: str) -> None:
    course = await harness.course(capacity=3)
    lost = await harness.checkout(harness.student("cem"), course)
    await harness.later(minutes=40)
    await harness.worker_round()
    booked = await harness.confirmed(harness.student("ann"), course)
    held = await harness.checkout(harness.student("bob"), course)
    closed: dict[str, Any] = {"booking_closes_at": harness.clock()}
    await edit(harness, course, **({"is_open": False} if is_closed_by == "switch" else closed))
    body = {"course_id": course.id}
    refused = await harness.post("/api/stripe/checkout", harness.student("dia"), json=body)
    again = await harness.post(f"/api/bookings/{lost.booking_id}/retry", lost.student)
    for answer in (refused, again):
        assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
        assert "takes no more bookings" in answer.json()["detail"]
    shown = (await harness.get(f"/api/courses/{course.id}")).json()
    assert shown["status"] == "closed"
    assert (await harness.post(f"/api/bookings/{held.booking_id}/retry", held.student)).is_success
    await harness.pay(held)
    assert await harness.status_of(held) == "confirmed"
    assert await harness.status_of(booked) == "confirmed"
