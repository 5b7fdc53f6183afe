"""Edits of courses that people have booked, over HTTP: what is told, promised and previewed."""

import asyncio
import random
from datetime import datetime, time, timedelta
from email import message_from_string
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from coursebook.persistence.schema.tables import AuditEntry, Course, CourseChange
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.contract.test_api_manage_courses import COURSES, meeting, patch, published
from tests.support.harness import OPERATOR, Harness, Started

TERMS = [{"hours_before": 336, "percent": 100}, {"hours_before": 48, "percent": 50}]


async def booked(harness: Harness, **values: Any) -> tuple[dict[str, Any], Started]:
    """Return a published course of the API, and a student who has paid for it."""
    course = await published(harness, terms=TERMS, **values)
    row = Course(id=course["id"])
    return course, await harness.confirmed(harness.student("sam"), row)


def at(course: dict[str, Any], **by: float) -> list[dict[str, str]]:
    """Return the meetings of a course, moved."""
    starts_at = datetime.fromisoformat(course["meetings"][0]["starts_at"])
    return [meeting(starts_at + timedelta(**by))]


async def preview(harness: Harness, course: dict[str, Any], **values: Any) -> dict[str, Any]:
    path = f"{COURSES}/{course['id']}/changes/preview"
    answer = await harness.post(path, OPERATOR, json=values)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.both_databases
async def test_a_preview_says_what_the_edit_then_does(harness: Harness) -> None:
    course, started = await booked(harness)
    values: dict[str, Any] = {
        "meetings": at(course, days=-7),
        "price": {"amount": 5200, "currency": "eur"},
    }
    told = await preview(harness, course, **values, reason="The kiln is broken.")
    assert (told["people"], told["mails"], told["needs_tell"]) == (1, 1, True)
    assert [change["part"] for change in told["material"]] == ["dates"]
    assert [change["part"] for change in told["others"]] == ["price"]
    assert told["free_cancel_until"] == at(course, days=-7)[0]["starts_at"].replace("+00:00", "Z")
    assert "The kiln is broken." in told["example"]["text"]
    silent = await patch(harness, course, **values)
    assert [e["pointer"] for e in silent.json()["errors"]] == ["/tell"]
    done = await patch(harness, course, **values, tell=True, reason="The kiln is broken.")
    assert (done.json()["told"], done.json()["revision"]) == (1, 2)
    await harness.worker_round()
    mail = next(
        m for m in await harness.mails(started.student) if m["subject"].startswith("Changed: ")
    )
    assert told["example"]["subject"] == mail["subject"]
    assert told["example"]["text"].split() == mail["text"].split()
    booking = await harness.booking(started)
    assert booking["amount"]["amount"] == 4500
    assert booking["free_cancel_until"] == told["free_cancel_until"]


async def test_a_preview_writes_nothing(harness: Harness) -> None:
    course, started = await booked(harness)
    before = await harness.booking(started)
    await preview(harness, course, meetings=at(course, days=3), title="Another")
    assert await harness.booking(started) == before
    shown = await harness.get(f"{COURSES}/{course['id']}", OPERATOR)
    unequal = {name for name, value in shown.json().items() if value != course[name]}
    assert unequal == {"counts", "updated_at"}, "the booking itself counts"


async def test_an_edit_that_concerns_nobody_has_no_example(harness: Harness) -> None:
    course, _ = await booked(harness)
    told = await preview(harness, course, title="Another", terms=[])
    assert (told["material"], told["people"], told["example"]) == ([], 0, None)
    assert [change["part"] for change in told["others"]] == ["terms"]
    empty = await published(harness)
    told = await preview(harness, empty, meetings=at(empty, days=-3))
    assert (told["people"], told["needs_tell"], told["example"]) == (0, False, None)


async def test_a_preview_refuses_what_the_edit_would_refuse(harness: Harness) -> None:
    course, started = await booked(harness)
    path = f"{COURSES}/{course['id']}/changes/preview"
    past = await harness.post(path, OPERATOR, json={"meetings": at(course, days=-40)})
    assert [e["pointer"] for e in past.json()["errors"]] == ["/meetings/0/starts_at"]
    over = {"meetings": at(course, days=1), "free_cancel_until": "2020-01-01"}
    refused = await harness.post(path, OPERATOR, json=over)
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/free_cancel_until"]
    assert (await harness.post(path, started.student, json={})).status_code == 403
    assert (await harness.post(path, json={})).status_code == 401
    gone = f"{COURSES}/crs_nothing/changes/preview"
    assert (await harness.post(gone, OPERATOR, json={})).status_code == 404


async def test_a_meeting_in_the_middle_is_told_too(harness: Harness) -> None:
    course, started = await booked(harness)
    three = [at(course, days=days)[0] for days in (0, 7, 14)]
    saved = (await patch(harness, course, meetings=three, tell=True)).json()
    three[1] = at(course, days=8)[0]
    saved = (await patch(harness, saved, meetings=three, tell=True, free_cancel_until=None)).json()
    assert (saved["told"], saved["revision"]) == (1, 3)
    await harness.worker_round()
    mails = [
        m for m in await harness.mails(started.student) if m["subject"].startswith("Changed: ")
    ]
    assert "Also taking place: " in mails[0]["text"]
    assert mails[1]["text"].count("Until now: ") == 1


@pytest.mark.parametrize("wish", ["2026-01-01T00:00:00Z", None])
async def test_free_cancelling_may_be_a_moment_or_nothing(harness: Harness, wish: Any) -> None:
    course, started = await booked(harness)
    until = harness.clock() + timedelta(days=2)
    wish = wish and until.isoformat()
    done = await patch(
        harness, course, meetings=at(course, days=1), tell=True, free_cancel_until=wish
    )
    assert done.status_code == 200, done.text
    shown = (await harness.booking(started))["free_cancel_until"]
    assert shown == (wish and until.isoformat().replace("+00:00", "Z"))


async def shares(harness: Harness, started: Started) -> list[tuple[datetime, int]]:
    """Return what cancelling gives back until when, as the API says."""
    booking = await harness.booking(started)
    steps = [(step["until"], step["percent"]) for step in booking["promise"]]
    if booking["free_cancel_until"]:
        steps.append((booking["free_cancel_until"], 100))
    return [(datetime.fromisoformat(until), percent) for until, percent in steps]


def share(steps: list[tuple[datetime, int]], at: datetime) -> int:
    return max((percent for until, percent in steps if at <= until), default=0)


def an_edit(chance: random.Random, now: datetime) -> dict[str, Any]:
    """Return new dates, another price, other terms, or several of them."""
    values: dict[str, Any] = {}
    if chance.random() < 0.7:
        start = now + timedelta(hours=chance.randint(1, 900))
        days = sorted(chance.sample(range(20), chance.randint(1, 3)))
        values["meetings"] = [meeting(start + timedelta(days=day)) for day in days]
    if chance.random() < 0.4:
        values["price"] = {"amount": chance.choice([0, 3000, 9900]), "currency": "eur"}
    if chance.random() < 0.4:
        values["terms"] = [
            {"hours_before": chance.randint(0, 700), "percent": chance.randint(0, 100)}
        ]
    return values


@pytest.mark.both_databases
async def test_no_sequence_of_edits_lowers_a_refund(harness: Harness) -> None:
    course, started = await booked(harness)
    chance, seen = random.Random(16), await shares(harness, started)
    for _ in range(10):
        wish = chance.choice([{}, {"free_cancel_until": None}])
        values = an_edit(chance, harness.clock()) | wish
        answer = await patch(harness, course, **values, tell=True)
        assert answer.status_code == 200, answer.text
        course, now = answer.json(), harness.clock()
        before, seen = seen, await shares(harness, started)
        start = datetime.fromisoformat(course["meetings"][0]["starts_at"])
        for at_part in range(30):
            at = now + (start - now) * at_part / 30
            assert share(seen, at) >= share(before, at)
    paid = await harness.booking(started)
    assert (paid["amount"]["amount"], paid["payment_status"]) == (4500, "paid")


async def test_our_books_and_stripes_agree_after_edits_and_a_refund(books: Harness) -> None:
    course, started = await booked(books)
    await books.checkout(books.student("ann"), Course(id=course["id"]))
    await patch(books, course, meetings=at(course, days=-10), tell=True)
    done = await books.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert [refund["amount"]["amount"] for refund in done.json()["refunds"]] == [4500]
    await books.worker_round()
    reconciler = Reconciler(books.services.context, every=timedelta(), pause=0)
    run = [step.run async for step in reconciler.run_to_end()][-1]
    assert run.differences == ()


async def test_the_reason_stands_in_the_row_of_the_change_only(harness: Harness) -> None:
    """The audit trail is never changed, so no words that a person typed may stand in it."""
    course, _ = await booked(harness)
    reason = "Zelda fell ill."
    done = await patch(harness, course, meetings=at(course, days=7), tell=True, reason=reason)
    assert done.status_code == 200, done.text
    assert [row.reason for row in await harness.rows_of(CourseChange)] == [reason]
    trail = [(row.event, row.cause, row.data) for row in await harness.rows_of(AuditEntry)]
    assert {"course_changed", "changed"} <= {event for event, _, _ in trail}
    assert "Zelda" not in str(trail)


PEOPLE = 12


async def changed_mails(harness: Harness, started: Started) -> list[dict[str, Any]]:
    mails = await harness.mails(started.student)
    return [mail for mail in mails if mail["subject"].startswith("Changed: ")]


def entry_of(mail: dict[str, Any]) -> tuple[str, int, str, bool]:
    """Return UID, SEQUENCE and METHOD of a calendar file, and whether it has an organizer."""
    parts = message_from_string(mail["raw"], policy=default).walk()
    (text,) = {
        str(part.get_content()) for part in parts if part.get_content_type() == "text/calendar"
    }
    calendar = Calendar.from_ical(text)
    (event,) = calendar.events
    return event["uid"], event["sequence"], calendar["method"], "organizer" in event


async def test_everybody_is_told_of_each_change_and_a_silent_one_is_in_the_download(
    harness: Harness,
) -> None:
    course = await published(harness, terms=[], timezone="Europe/Lisbon", capacity=20)
    row = Course(id=course["id"])
    names = [f"person{number}" for number in range(PEOPLE)]
    everybody = await asyncio.gather(
        *(harness.confirmed(harness.student(name), row) for name in names)
    )
    held = await harness.checkout(harness.student("held"), row)
    await harness.worker_round()
    day = (datetime.fromisoformat(course["starts_at"]) - timedelta(days=5)).date()
    edits: list[dict[str, Any]] = [
        {"tell": True, "free_cancel_until": day.isoformat()},
        {"tell": True},
        {"tell": False},
    ]
    for number, telling in enumerate(edits, start=1):
        meetings = at(course, days=1)
        done = await patch(harness, course, meetings=meetings, **telling)
        course = done.json()
        assert course["told"] == (PEOPLE + 1 if telling["tell"] else 0)
        for _ in range(2):
            await harness.worker_round()
        told = min(number, 2)
        for started in everybody:
            mails = await changed_mails(harness, started)
            assert len(mails) == told
            uid = f"booking-{started.booking_id}@coursebook"
            assert entry_of(mails[-1]) == (uid, told, "REQUEST", True)
            assert mails[-1]["text"].count("Lisbon time") >= 2, "of the old start and of the new"
        assert len(await changed_mails(harness, held)) == told
        path = f"/api/bookings/{everybody[0].booking_id}/calendar.ics"
        file = await harness.get(path, everybody[0].student)
        (event,) = Calendar.from_ical(file.content).events
        start = datetime.fromisoformat(meetings[0]["starts_at"])
        assert (event["sequence"], event.start) == (number, start)
    booking = await harness.booking(everybody[0])
    until = datetime.fromisoformat(booking["free_cancel_until"])
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo("Europe/Lisbon"))
    assert timedelta() <= midnight - until <= timedelta(seconds=1), "the end of the chosen day"
    assert booking["terms"]["steps"][0]["percent"] == 100, "the terms of the course say 0"
    cancelled = await harness.post(
        f"/api/bookings/{everybody[0].booking_id}/cancel", everybody[0].student
    )
    assert sum(r["amount"]["amount"] for r in cancelled.json()["refunds"]) == 4500
