"""Teachers are told by mail when their course changes or is cancelled, each of them once."""

from datetime import UTC, datetime
from email import message_from_string
from email.policy import default
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import OutboxMessage, RoleGrant
from coursebook.persistence.unit_of_work import writing
from tests.contract.test_api_course_changes import at, booked, preview
from tests.contract.test_api_manage_courses import created, patch, published
from tests.support.harness import OPERATOR, Harness, Student
from tests.support.team import give_role

NEW_PLACE = {"kind": "place", "name": "Old Mill", "address": "Mill Lane 3"}


async def teacher(harness: Harness, course: dict[str, Any], name: str = "thea") -> Student:
    """Return a teacher of a course."""
    person = harness.student(name)
    await give_role(harness, person, Role.TEACHER, course["id"])
    return person


async def told(harness: Harness, *people: Student) -> list[list[dict[str, Any]]]:
    """Let the worker send what is due, twice; return the mails of each person."""
    for _ in range(2):
        await harness.worker_round()
    return [await harness.mails(person) for person in people]


async def cancel(harness: Harness, course: dict[str, Any], who: Student, people: int) -> None:
    back = [{"amount": 4500 * people, "currency": "eur"}] if people else []
    body = {"reason": "The kiln broke.", "expect": {"people": people, "give_back": back}}
    answer = await harness.post(f"/api/manage/courses/{course['id']}/cancel", who, json=body)
    assert answer.status_code == 200, answer.text


def message_id(mail: dict[str, Any]) -> str:
    """Return what makes a mail program see a second copy as one mail."""
    return str(message_from_string(mail["raw"], policy=default)["Message-ID"])


async def rewind(harness: Harness) -> None:
    """Make every mail to a teacher due again, as after a process died before noting it."""
    async with writing(harness.services.context.database) as work:
        is_ours = col(OutboxMessage.kind).startswith("mail:teacher_")
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        again = sa.update(OutboxMessage).where(is_ours)
        await work.session.execute(again.values(done_at=None, next_try_at=long_ago))


@pytest.mark.both_databases
async def test_every_teacher_is_told_of_a_change_with_old_and_new(harness: Harness) -> None:
    course, _ = await booked(harness, timezone="Europe/Lisbon")
    thea, tom = await teacher(harness, course), await teacher(harness, course, "tom")
    other = await teacher(harness, await published(harness), "other")
    done = await patch(
        harness,
        course,
        meetings=at(course, days=1),
        location=NEW_PLACE,
        tell=True,
        reason="The kiln is broken.",
    )
    assert done.status_code == 200, done.text
    (mail,), (toms,), others = await told(harness, thea, tom, other)
    assert mail["subject"] == toms["subject"] == f"Your course has changed: {course['title']}"
    assert others == []
    page = f"/manage/courses/{course['id']}/people"
    html = unescape(mail["html"])
    for text in ("The kiln is broken.", "Old Mill, Mill Lane 3", "Atelier", page):
        assert text in mail["text"]
        assert text in html
    assert mail["text"].count("Lisbon time") >= 2, "of the old start and of the new"
    assert "Until now: " in mail["text"]
    assert "New: " in mail["text"]
    assert "People told by mail: 1" in mail["text"]
    assert "€" not in mail["text"]


async def test_a_silent_change_tells_teachers_and_what_is_not_material_does_not(
    harness: Harness,
) -> None:
    course, _ = await booked(harness)
    thea = await teacher(harness, course)
    assert (await preview(harness, course, title="Another"))["teachers"] == 0
    assert (await preview(harness, course, meetings=at(course, days=1)))["teachers"] == 1
    price = {"amount": 5200, "currency": "eur"}
    course = (await patch(harness, course, price=price, title=f"{course['title']} now")).json()
    assert await told(harness, thea) == [[]]
    saved = (await patch(harness, course, meetings=at(course, days=1), tell=False)).json()
    assert saved["told"] == 0
    ((mail,),) = await told(harness, thea)
    assert "Those who have a place do not get a mail about it." in mail["text"]
    assert (await patch(harness, saved, meetings=at(saved, days=1), tell=False)).status_code == 200
    assert [len(mails) for mails in await told(harness, thea)] == [2]


async def test_an_edit_of_a_draft_tells_nobody(harness: Harness) -> None:
    course = await created(harness)
    thea = await teacher(harness, course)
    assert (await patch(harness, course, meetings=at(course, days=1))).status_code == 200
    assert await told(harness, thea) == [[]]


@pytest.mark.both_databases
async def test_every_teacher_is_told_of_the_end_of_a_course(harness: Harness) -> None:
    course, _ = await booked(harness, timezone="Europe/Lisbon")
    thea = await teacher(harness, course)
    await give_role(harness, OPERATOR, Role.TEACHER, course["id"])
    path = f"/api/manage/courses/{course['id']}/cancel/preview"
    assert (await harness.get(path, OPERATOR)).json()["teachers"] == 1, "without herself"
    await cancel(harness, course, OPERATOR, 1)
    ((mail,),) = await told(harness, thea)
    assert mail["subject"] == f"Your course is cancelled: {course['title']}"
    html = unescape(mail["html"])
    page = f"/manage/courses/{course['id']}/people"
    for text in ("The kiln broke.", "Lisbon time", "Atelier", page):
        assert text in mail["text"]
        assert text in html
    assert "People told by mail: 1" in mail["text"]
    assert "€" not in mail["text"]


async def test_who_did_it_herself_gets_no_mail(harness: Harness) -> None:
    course, _ = await booked(harness)
    thea = await teacher(harness, course)
    await give_role(harness, OPERATOR, Role.TEACHER, course["id"])
    course = (await patch(harness, course, meetings=at(course, days=1), tell=True)).json()
    await cancel(harness, course, OPERATOR, 1)
    hers, theas = await told(harness, OPERATOR, thea)
    about = [m for m in hers if m["subject"].startswith("Your course ")]
    assert (about, len(theas)) == ([], 2)


async def test_whose_role_has_ended_or_who_has_no_address_gets_none(harness: Harness) -> None:
    course, _ = await booked(harness)
    thea, tom = await teacher(harness, course), await teacher(harness, course, "tom")
    assert (await patch(harness, course, meetings=at(course, days=1), tell=True)).is_success
    async with writing(harness.services.context.database) as work:
        rows = sa.update(RoleGrant).where(col(RoleGrant.email) == thea.email)
        await work.session.execute(rows.values(revoked_at=harness.clock()))
        (user,) = await work.users.by_email(tom.email)
        user.email = ""
    assert await told(harness, thea, tom) == [[], []]
    promises = [
        row for row in await harness.rows_of(OutboxMessage) if row.kind.startswith("mail:teacher")
    ]
    assert [(row.done_at is None, row.is_dead) for row in promises] == [(False, False)] * 2


async def test_a_mail_that_is_sent_again_has_the_key_of_the_first(harness: Harness) -> None:
    course, _ = await booked(harness)
    thea = await teacher(harness, course)
    course = (await patch(harness, course, meetings=at(course, days=1), tell=True)).json()
    await cancel(harness, course, OPERATOR, 1)
    ((changed, cancelled),) = await told(harness, thea)
    await rewind(harness)
    (again,) = await told(harness, thea)
    once = {(message_id(mail), mail["text"]) for mail in (changed, cancelled)}
    assert len(once) == 2, "a mail of each kind"
    assert {(message_id(mail), mail["text"]) for mail in again} == once
    kinds = sorted(
        row.kind
        for row in await harness.rows_of(OutboxMessage)
        if row.kind.startswith("mail:teacher")
    )
    assert kinds == ["mail:teacher_course_cancelled", "mail:teacher_course_changed"]


async def test_she_reads_it_in_her_own_language(harness: Harness) -> None:
    course, _ = await booked(harness, timezone="Europe/Lisbon")
    thea = await teacher(harness, course)
    async with writing(harness.services.context.database) as work:
        (user,) = await work.users.by_email(thea.email)
        user.language = "de"
    course = (await patch(harness, course, meetings=at(course, days=1), tell=True)).json()
    await cancel(harness, course, OPERATOR, 1)
    ((changed, cancelled),) = await told(harness, thea)
    assert changed["subject"].startswith("Ihr Kurs hat sich geändert: ")
    assert "Bisher: " in changed["text"]
    assert cancelled["subject"].startswith("Ihr Kurs fällt aus: ")
    assert "Per Mail benachrichtigt: 1" in cancelled["text"]
