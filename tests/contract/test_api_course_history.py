"""The history of a course: its edits, its bookings and their money, as each role may see it."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import AuditEntry, Course
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.support.team import give_role


async def history(
    harness: Harness, course: Course, who: Student = OPERATOR, **query: Any
) -> dict[str, Any]:
    answer = await harness.get(
        f"/api/manage/courses/{course.id}/history", who, params={"limit": 100} | query
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def facts(page: dict[str, Any]) -> list[str]:
    return [line["fact"] for line in page["items"]]


async def test_a_course_tells_of_its_edits_its_bookings_and_their_money(harness: Harness):
    course, other = await harness.course(), await harness.course(price=eur(35))
    sam = harness.student("sam")
    started = await harness.confirmed(sam, course)
    await harness.post(
        f"/api/manage/bookings/{started.booking_id}/participant",
        OPERATOR,
        json={"name": "Sam Lindqvist"},
    )
    path = f"/api/manage/courses/{course.id}"
    await harness.call(
        "PATCH", path, OPERATOR, json={"version": 1, "summary": "New", "capacity": 30}
    )
    body = {"course_id": other.id, "difference": "keep"}
    body["expect"] = {"amount": 4500, "currency": "eur"}
    await harness.post(f"/api/manage/bookings/{started.booking_id}/move", OPERATOR, json=body)
    page = await history(harness, course)
    assert facts(page)[:2] == ["course_left", "course_edited"]
    assert {"booked", "received", "confirmed"} <= set(facts(page))
    edited = page["items"][1]
    assert (edited["by"], set(edited["fields"])) == ("operator", {"summary", "capacity"})
    (confirmed,) = [line for line in page["items"] if line["fact"] == "confirmed"]
    assert confirmed["booking"]["name"] == "Sam Lindqvist"
    assert facts(await history(harness, other))[0] == "moved"

    first = await history(harness, course, limit=2)
    rest = await history(harness, course, cursor=first["next_cursor"])
    assert first["items"] + rest["items"] == page["items"]
    assert rest["next_cursor"] is None


async def test_a_place_without_a_price_tells_of_no_payment(harness: Harness):
    course = await harness.course(price=eur(0))
    for name in ("sam", "ben"):
        await harness.checkout(harness.student(name), course)
    told, cursor = [], None
    for _ in range(9):  # each place has four rows in the trail, two of which tell nothing
        page = await history(harness, course, limit=1, **({"cursor": cursor} if cursor else {}))
        told += facts(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert told == ["confirmed", "booked"] * 2


async def test_rows_that_name_no_course_are_those_of_the_booking(harness: Harness):
    course = await harness.course()
    await harness.confirmed(harness.student("sam"), course)
    before = await history(harness, course)
    async with writing(harness.services.context.database) as work:
        await work.session.execute(
            sa.update(AuditEntry)
            .where(col(AuditEntry.booking_id).is_not(None))
            .values(course_id=None)
        )
    assert await history(harness, course) == before


async def test_each_role_reads_what_it_may_see(harness: Harness):
    course, foreign = await harness.course(), await harness.course()
    sam = harness.student("sam")
    started = await harness.confirmed(sam, course)
    await harness.post(
        f"/api/manage/bookings/{started.booking_id}/participant",
        OPERATOR,
        json={"name": "Sam Lindqvist"},
    )
    tara, ari = harness.student("tara"), harness.student("ari")
    await give_role(harness, tara, Role.TEACHER, course.id)
    await give_role(harness, ari, Role.ACCOUNTANT)
    for_teacher = await history(harness, course, tara)
    assert {"booked", "confirmed"} <= set(facts(for_teacher))
    assert "received" not in facts(for_teacher)
    assert "4500" not in str(for_teacher)
    for_accountant = await history(harness, course, ari)
    assert "received" in facts(for_accountant)
    assert "Lindqvist" not in str(for_accountant)
    assert sam.email not in str(for_accountant)
    for who, path, status in (
        (tara, foreign.id, 404),
        (sam, course.id, 403),
        (OPERATOR, "crs_unknown", 404),
    ):
        answer = await harness.get(f"/api/manage/courses/{path}/history", who)
        assert answer.status_code == status, (who, answer.text)
    assert started.booking_id in str(for_accountant)
