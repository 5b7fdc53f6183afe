"""The counts of a course on the operator's side: places, money that is kept, what a draft lacks."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from coursebook.domain.money import Money
from coursebook.persistence.schema.tables import PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import writing
from tests.contract.test_api_manage_courses import COURSES, created, meeting, published
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student, eur


async def both(harness: Harness, course_id: str, who: Student = OPERATOR) -> list[dict[str, Any]]:
    """Return one course as the list has it, and as it is alone."""
    course = (await harness.get(f"{COURSES}/{course_id}", who)).json()
    query = {"q": course["title"], "state": "drafts" if course["state"] == "draft" else "upcoming"}
    listed = (await harness.get(COURSES, who, params=query)).json()["items"]
    return [next(item for item in listed if item["id"] == course_id), course]


async def counts(harness: Harness, course_id: str, who: Student = OPERATOR) -> dict[str, Any]:
    listed, alone = await both(harness, course_id, who)
    assert listed["counts"] == alone["counts"]
    return dict(listed["counts"])


async def test_the_list_and_one_course_say_how_many_places_and_what_is_kept(harness: Harness):
    course = await harness.course(capacity=8, price=eur(45))
    none = {"reserved": 0, "waiting": 0, "revenue": []}
    wanted = {"held": 0, "confirmed": 0, "free": 8} | none
    assert await counts(harness, course.id) == wanted
    await harness.checkout(harness.student("sam"), course)
    for name in ("sally", "ana"):
        await harness.confirmed(harness.student(name), course)
    kept = [{"amount": 9000, "currency": "eur"}]
    wanted |= {"held": 1, "confirmed": 2, "free": 5, "revenue": kept}
    assert await counts(harness, course.id) == wanted


async def test_a_place_that_is_kept_until_a_moment_is_counted_as_reserved(harness: Harness):
    course = await harness.course(capacity=8)
    pay = {"how": "hold", "due_on": (harness.clock() + timedelta(days=7)).date().isoformat()}
    path = f"/api/manage/courses/{course.id}/bookings"
    answer = await harness.post(path, OPERATOR, json={"name": "Sally", "pay": pay})
    assert answer.status_code == 201, answer.text
    await harness.checkout(harness.student("sam"), course)
    shown = await counts(harness, course.id)
    assert (shown["held"], shown["reserved"], shown["free"]) == (2, 1, 6)


async def test_what_was_given_back_or_is_on_its_way_is_not_kept(harness: Harness):
    course = await harness.course(price=eur(45))
    sally = harness.student("sally")
    started = await harness.confirmed(sally, course)
    await harness.confirmed(harness.student("ana"), course)
    cancelled = await harness.post(f"/api/bookings/{started.booking_id}/cancel", sally, json={})
    assert cancelled.status_code == 200, cancelled.text
    kept = [{"amount": 4500, "currency": "eur"}]
    assert (await counts(harness, course.id))["revenue"] == kept
    await harness.quiet()
    assert (await counts(harness, course.id))["revenue"] == kept
    (refund,) = [r for r in await harness.rows_of(Refund) if r.booking_id == started.booking_id]
    await set_refunds(harness, started.booking_id, "failed")
    both = [{"amount": 9000, "currency": "eur"}]
    assert (await counts(harness, course.id))["revenue"] == both
    await set_refunds(harness, started.booking_id, refund.state)


async def set_refunds(harness: Harness, booking_id: str, state: str) -> None:
    async with writing(harness.services.context.database) as work:
        of_booking = sa.column("booking_id") == booking_id
        await work.session.execute(sa.update(Refund).where(of_booking).values(state=state))


async def test_each_currency_is_a_sum_of_its_own(harness: Harness):
    course = await harness.course(price=eur(45))
    started = await harness.confirmed(harness.student("sally"), course)
    await harness.confirmed(harness.student("ana"), course)
    async with writing(harness.services.context.database) as work:
        await work.session.execute(
            sa.update(PaymentAttempt)
            .where(sa.column("booking_id") == started.booking_id)
            .values(received_amount=4900, received_currency="usd")
        )
    assert (await counts(harness, course.id))["revenue"] == [
        {"amount": 4500, "currency": "eur"},
        {"amount": 4900, "currency": "usd"},
    ]


async def test_a_free_course_keeps_nothing(harness: Harness):
    course = await harness.course(price=Money(0, "eur"))
    await harness.checkout(harness.student("sally"), course)
    shown = await counts(harness, course.id)
    assert (shown["confirmed"], shown["revenue"]) == (1, [])


@pytest.mark.parametrize(("role", "sees"), [("teacher", False), ("accountant", True)])
async def test_only_who_may_see_money_learns_what_is_kept(harness: Harness, role: str, sees: bool):
    course = await harness.course(price=eur(45))
    await harness.confirmed(harness.student("sally"), course)
    taught = (course.id,) if role == "teacher" else ()
    person, _ = await join(harness, "thea", role, *taught)
    kept = [{"amount": 4500, "currency": "eur"}] if sees else None
    assert (await counts(harness, course.id, person))["revenue"] == kept


async def test_a_listed_course_says_how_many_meetings_and_what_a_draft_lacks(harness: Harness):
    start = harness.clock().replace(microsecond=0) + timedelta(days=5)
    weeks = [meeting(start + timedelta(weeks=n)) for n in range(4)]
    course = await published(harness, meetings=weeks)
    listed, alone = await both(harness, course["id"])
    assert (listed["meeting_count"], len(alone["meetings"])) == (4, 4)
    assert listed["missing"] == alone["missing"] == []
    draft = await created(harness, meetings=[], capacity=None, description=None)
    listed, alone = await both(harness, draft["id"])
    assert listed["meeting_count"] == 0
    assert listed["missing"] == alone["missing"] != []
    assert {"/capacity", "/description"} <= {item["pointer"] for item in listed["missing"]}
