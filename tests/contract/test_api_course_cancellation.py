"""Cancelling a whole course over HTTP: the figures, the refusals, who may, and once only."""

from typing import Any

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import Course, CourseCancellation
from tests.integration.test_fees_and_payouts import FEE_OF_45
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Student
from tests.support.team import give_role

REASON = "The kiln broke."
EUR_45 = [{"amount": 4500, "currency": "eur"}]


def path_of(course: Course) -> str:
    return f"/api/manage/courses/{course.id}/cancel"


def decision(people: int = 1, **more: Any) -> dict[str, Any]:
    return {"reason": REASON, "expect": {"people": people, "give_back": EUR_45}} | more


async def test_a_course_is_cancelled_as_its_preview_says(harness: Harness):
    await harness.confirmed(harness.student("bob"), await harness.course())  # pays Stripe's fees
    course = await harness.course()
    await harness.confirmed(harness.student("ann"), course)
    seen = (await harness.get(f"{path_of(course)}/preview", OPERATOR)).json()
    assert (seen["count"]["people"]["total"], seen["count"]["people"]["card"]) == (1, 1)
    assert (seen["count"]["give_back"], seen["mails"], seen["short"]) == (EUR_45, 1, [])
    assert seen["balance"][0]["currency"] == "eur"
    before = await harness.get(path_of(course), OPERATOR)
    assert (before.status_code, before.json()["code"]) == (409, "not_actionable")
    once = {"Idempotency-Key": "cancel-once"}
    answers = [
        await harness.post(path_of(course), OPERATOR, json=decision(), headers=once)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["total"], answers[0].json()["left"]) == (1, 1)
    again = await harness.post(path_of(course), OPERATOR, json=decision())
    assert (again.status_code, again.json()["code"]) == (409, "already_cancelled")
    for _ in range(2):
        await harness.worker_round()
    now = (await harness.get(path_of(course), OPERATOR)).json()
    assert (now["done"], now["left"], now["refunds"]["made"]["sums"]) == (1, 0, EUR_45)
    assert now["finished_at"] is not None
    managed = await harness.get(f"/api/manage/courses/{course.id}", OPERATOR)
    assert (managed.json()["state"], managed.json()["cancel_reason"]) == ("cancelled", REASON)
    await check_books(harness)


async def test_the_preview_names_stripes_fees_and_who_waits(harness: Harness):
    course = await harness.course(capacity=2)
    for name in ("ann", "bob"):
        await harness.confirmed(harness.student(name), course)
    zoe = harness.student("zoe")
    assert (await harness.post(f"/api/courses/{course.id}/waiting", zoe)).status_code == 201
    path = f"{path_of(course)}/preview"
    unread = (await harness.get(path, OPERATOR)).json()["count"]
    assert (unread["fees"], unread["are_fees_known"]) == ([], False)
    await harness.worker_round()
    seen = (await harness.get(path, OPERATOR)).json()
    assert seen["count"]["fees"] == [{"amount": 2 * FEE_OF_45, "currency": "eur"}]
    assert seen["count"]["are_fees_known"]
    assert (seen["mails"], seen["waiting"]) == (2, 1)
    ends_at = course.ends_at.isoformat().replace("+00:00", "Z")
    assert seen["ends_at"] == ends_at
    answer = await harness.post(
        path_of(course),
        OPERATOR,
        json=decision(2, expect={"people": 2, "give_back": [{"amount": 9000, "currency": "eur"}]}),
    )
    assert answer.status_code == 200, answer.text
    for _ in range(2):
        await harness.worker_round()
    _joined, told = await harness.mails(zoe)
    assert "has cancelled" in told["text"]


async def test_other_figures_are_refused_and_fewer_people_are_not(harness: Harness):
    course = await harness.course()
    await harness.confirmed(harness.student("ann"), course)
    for expect in (
        {"people": 0, "give_back": EUR_45},
        {"people": 1},
        {"people": 1, "give_back": [{"amount": 4501, "currency": "eur"}]},
        {"people": 1, "give_back": EUR_45, "by_hand": EUR_45},
    ):
        answer = await harness.post(path_of(course), OPERATOR, json=decision(expect=expect))
        assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
        assert "€45.00" in answer.json()["detail"]
    assert await harness.rows_of(CourseCancellation) == []
    answer = await harness.post(path_of(course), OPERATOR, json=decision(people=2))
    assert answer.status_code == 200


async def test_a_wrong_body_is_refused_at_its_field(harness: Harness):
    course = await harness.course()
    for more, pointer in (
        ({"reason": " "}, "/reason"),
        ({"percent": 50}, "/percent"),
        ({"percent": 101}, "/percent"),
        ({"expect": {"people": -1}}, "/expect/people"),
        ({"other": 1}, "/other"),
    ):
        answer = await harness.post(path_of(course), OPERATOR, json=decision(**more))
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_only_owners_and_managers_cancel_a_course(harness: Harness):
    course = await harness.course()
    await harness.confirmed(harness.student("ann"), course)
    teacher, accountant = harness.student("tea"), harness.student("acc")
    await give_role(harness, teacher, Role.TEACHER, course.id)
    await give_role(harness, accountant, Role.ACCOUNTANT)
    stranger = harness.student("str")
    await give_role(harness, stranger, Role.TEACHER, (await harness.course()).id)
    people: dict[Student | None, int] = {teacher: 403, accountant: 403, stranger: 404, None: 401}
    people[harness.student("sam")] = 403
    for who, status in people.items():
        answers = (
            await harness.get(f"{path_of(course)}/preview", who),
            await harness.get(path_of(course), who),
            await harness.post(path_of(course), who, json=decision()),
        )
        assert [answer.status_code for answer in answers] == [status] * 3
    assert await harness.rows_of(CourseCancellation) == []
    manager = harness.student("man")
    await give_role(harness, manager, Role.MANAGER)
    answer = await harness.post(path_of(course), manager, json=decision())
    assert answer.status_code == 200, answer.text
    assert answer.json()["by_name"].startswith("Man ")
