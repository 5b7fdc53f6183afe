"""Messages to the people of a course: written, previewed, tried, planned, sent and stopped."""

from datetime import timedelta
from typing import Any

import httpx

from coursebook.domain.rights import Role
from coursebook.mail.letter import Mail
from coursebook.mail.smtp import MailNotSent
from coursebook.persistence.schema.tables import AuditEntry, Course, MoneyInboxEntry
from coursebook.persistence.unit_of_work import writing
from coursebook.services.outbox import runner
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.support.team import give_role

BODY = "Hello {name},\n\nwe begin on **{when}** in {where}: {link}."
ALL = "/api/manage/messages"


def fields(course: Course, **more: Any) -> dict[str, Any]:
    written = {"subject": "What to bring for {course}", "body": BODY, "course_id": course.id}
    return written | {"audience": {"kind": "coming"}} | more


async def saved(harness: Harness, course: Course, **more: Any) -> dict[str, Any]:
    answer = await harness.post(ALL, OPERATOR, json=fields(course, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(harness: Harness, message: dict[str, Any], name: str, **body: Any) -> httpx.Response:
    """Send, plan, stop or test a message at the revision that it has now."""
    path = f"{ALL}/{message['id']}"
    if name in ("send", "plan"):
        body = {"revision": (await harness.get(path, OPERATOR)).json()["revision"]} | body
    return await harness.post(f"{path}/{name}", OPERATOR, json=body or None)


async def now(harness: Harness, message: dict[str, Any]) -> dict[str, Any]:
    return dict((await harness.get(f"{ALL}/{message['id']}", OPERATOR)).json())


async def log_of(harness: Harness, message: dict[str, Any]) -> list[tuple[str, str]]:
    answer = await harness.get(f"{ALL}/{message['id']}/recipients", OPERATOR)
    return [(line["email"], line["state"]) for line in answer.json()["items"]]


async def free_course(harness: Harness, *names: str, **more: Any) -> tuple[Course, list[Student]]:
    """Return a course with these people on it, whose confirmations are sent."""
    course = await harness.course(price=eur(0), **more)
    people = [harness.student(name) for name in names]
    for person in people:
        await harness.confirmed(person, course)
    harness.services.outbox._bulk_pause = 0.0
    await harness.services.outbox.run()
    return course, people


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_message_is_previewed_tried_and_sent_once_to_everybody(harness: Harness):
    course, (ann, ben) = await free_course(harness, "ann", "ben")
    paying = harness.student("pia")
    await harness.checkout(paying, other := await harness.course())
    asked = fields(course, number=1)
    preview = (await harness.post(f"{ALL}/preview", OPERATOR, json=asked)).json()
    assert (preview["people"], preview["counts"]["coming"], preview["number"]) == (2, 2, 1)
    assert preview["reader"]["email"] == ann.email
    assert preview["subject"] == f"What to bring for {course.title}"
    assert "time</strong>" in preview["html"]
    assert "{" not in preview["text"]
    assert "/bookings/bkg_" in preview["text"]

    message = await saved(harness, course)
    assert (message["state"], message["recipients"]["total"]) == ("draft", 0)
    before = len(await harness.mails(OPERATOR))
    assert (await act(harness, message, "test")).json() == {"email": OPERATOR.email}
    await harness.services.outbox.run()
    tests = (await harness.mails(OPERATOR))[before:]
    assert [m["subject"] for m in tests] == [f"Test: What to bring for {course.title}"]
    assert len(await harness.mails(ann)) == 1

    sent = await act(harness, message, "send")
    assert (sent.json()["state"], sent.json()["recipients"]["queued"]) == ("sending", 2)
    again = await act(harness, message, "send")
    assert (again.status_code, again.json()["code"]) == (409, "not_actionable")
    await harness.worker_round()
    await harness.worker_round()
    assert (await now(harness, message))["state"] == "sent"
    assert await log_of(harness, message) == [(ann.email, "sent"), (ben.email, "sent")]
    for person in (ann, ben):
        (mail,) = [m for m in await harness.mails(person) if "What to bring" in m["subject"]]
        assert "unsubscribe" not in mail["raw"].lower()
        assert course.title in mail["text"]
    assert [m for m in await harness.mails(paying) if "What to bring" in m["subject"]] == []
    assert other.id != course.id
    rows = [r for r in await harness.rows_of(AuditEntry) if r.subject == f"message {message['id']}"]
    assert [(r.event, r.to_state, r.about) for r in rows] == [
        ("created", "draft", "message"),
        ("begun", "sending", "message"),
        ("finished", "sent", "message"),
    ]


async def test_what_is_wrong_is_named_at_its_field(harness: Harness):
    course, _ = await free_course(harness)
    for wrong, pointer in (
        ({"body": "Hello {nmae}"}, "/body"),
        ({"subject": "For { name}"}, "/subject"),
        ({"audience": {"kind": "chosen"}}, "/audience/booking_ids"),
        ({"audience": {"kind": "cancelled"}, "keeps_open": True}, "/keeps_open"),
    ):
        for path in (ALL, f"{ALL}/preview"):
            assert pointers(await harness.post(path, OPERATOR, json=fields(course, **wrong))) == [
                pointer
            ]
    message = await saved(harness, course, subject="", body="")
    assert pointers(await act(harness, message, "send")) == ["/subject", "/body", "/audience/kind"]
    edit = {"revision": 1, "body": "Hello {nmae}"}
    path = f"{ALL}/{message['id']}"
    assert pointers(await harness.call("PATCH", path, OPERATOR, json=edit)) == ["/body"]
    edited = await harness.call("PATCH", path, OPERATOR, json={"revision": 1, "subject": "Hi"})
    assert (edited.json()["revision"], edited.json()["subject"]) == (2, "Hi")
    other = await harness.call("PATCH", path, OPERATOR, json={"revision": 1, "subject": "Ho"})
    assert (other.status_code, other.json()["code"]) == (409, "changed_meanwhile")
    unknown = await harness.get(f"{ALL}/msg_nobody", OPERATOR)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "message_not_found")


async def test_a_stop_skips_the_rest_and_what_is_sent_stays_sent(harness: Harness, monkeypatch):
    course, people = await free_course(harness, "ann", "ben", "cem", "dia", "eve")
    monkeypatch.setattr(runner, "BATCH_SIZE", 3)
    message = await saved(harness, course)
    await act(harness, message, "send")
    assert await harness.services.outbox.run() == 3
    stopped = (await act(harness, message, "stop")).json()
    assert stopped["state"] == "stopped"
    assert (stopped["recipients"]["sent"], stopped["recipients"]["skipped"]) == (3, 2)
    assert await harness.services.outbox.run() == 0
    states = [state for _, state in await log_of(harness, message)]
    assert sorted(states) == ["sent"] * 3 + ["skipped"] * 2
    got = [len(await harness.mails(person)) for person in people]
    assert sorted(got) == [1] * 2 + [2] * 3
    assert (await act(harness, message, "stop")).status_code == 409


async def test_a_confirmation_passes_a_message_and_a_refused_address_fails(
    harness: Harness, monkeypatch
):
    course, (bad, zoe) = await free_course(harness, "bad", "zoe")
    sent: list[str] = []

    async def send(mail: Mail, *, key: str) -> None:
        sent.append(f"{mail.to} {mail.subject.split(' ')[0]}")
        if mail.to == bad.email:
            raise MailNotSent("550 no such person", permanent=True)

    message = await saved(harness, course)
    await act(harness, message, "send")
    late = harness.student("late")
    await harness.confirmed(late, course)
    monkeypatch.setattr(harness.services.outbox._sender, "send", send)
    await harness.worker_round()
    assert sent == [f"{late.email} Booked:", f"{bad.email} What", f"{zoe.email} What"]
    assert await log_of(harness, message) == [(bad.email, "failed"), (zoe.email, "sent")]
    lines = (await harness.get(f"{ALL}/{message['id']}/recipients?state=failed", OPERATOR)).json()
    assert "550 no such person" in lines["items"][0]["reason"]
    assert await harness.rows_of(MoneyInboxEntry) == []


async def test_who_books_later_gets_it_once_until_the_start(harness: Harness):
    course, (ann,) = await free_course(harness, "ann", starts_in=timedelta(days=2))
    message = await saved(harness, course, keeps_open=True)
    await act(harness, message, "send")
    await harness.worker_round()
    assert (await now(harness, message))["state"] == "sending"
    await harness.later(hours=1)
    bea = harness.student("bea")
    await harness.confirmed(bea, course)
    for _ in range(3):
        await harness.worker_round()
    assert await log_of(harness, message) == [(ann.email, "sent"), (bea.email, "sent")]
    subjects = [m["subject"] for m in await harness.mails(bea)]
    assert subjects == [f"Booked: {course.title}", f"What to bring for {course.title}"]
    await harness.later(days=2)
    await harness.worker_round()
    assert (await now(harness, message))["state"] == "sent"


async def test_a_planned_message_follows_the_start_and_can_be_edited(harness: Harness):
    course, (ann,) = await free_course(harness, "ann", starts_in=timedelta(days=10))
    message = await saved(harness, course)
    planned = (await act(harness, message, "plan", minutes_before=2 * 24 * 60)).json()
    assert (planned["state"], planned["revision"]) == ("planned", 2)
    edit = {"revision": 2, "subject": "Changed"}
    path = f"{ALL}/{message['id']}"
    edited = (await harness.call("PATCH", path, OPERATOR, json=edit)).json()
    assert (edited["state"], edited["revision"]) == ("planned", 3)
    async with writing(harness.services.context.database) as work:
        stored = await work.session.get(Course, course.id)
        stored.starts_at += timedelta(days=1)
        stored.ends_at += timedelta(days=1)
    await harness.later(days=8, minutes=5)
    await harness.worker_round()
    assert (await now(harness, message))["state"] == "planned"
    await harness.later(days=1)
    await harness.worker_round()
    await harness.worker_round()
    assert (await now(harness, message))["state"] == "sent"
    assert "Changed" in [m["subject"] for m in await harness.mails(ann)]
    over = {"send_at": harness.clock().isoformat()}
    late = await saved(harness, course)
    assert pointers(await act(harness, late, "plan", **over)) == ["/send_at"]


async def test_more_than_three_a_day_need_a_tick(harness: Harness):
    course, _ = await free_course(harness, "ann")
    for _ in range(3):
        message = await saved(harness, course)
        assert (await act(harness, message, "send")).status_code == 200
    message = await saved(harness, course)
    assert pointers(await act(harness, message, "send")) == ["/one_more"]
    assert (await act(harness, message, "send", one_more=True)).status_code == 200


async def _allowed_teacher(
    harness: Harness, teacher: Student, course: Course, message: dict[str, Any]
) -> None:
    """Let teachers write, look at what they see, and forbid it again."""
    settings = "/api/manage/settings"
    await harness.call("PATCH", settings, OPERATOR, json={"teacher_messages": True})
    seen = await harness.get(f"{ALL}/{message['id']}", teacher)
    assert seen.status_code == 200
    preview = await harness.post(f"{ALL}/preview", teacher, json=fields(course))
    assert preview.json()["reader"]["email"] is None
    assert "owes" not in preview.json()["counts"]
    owes = fields(course, audience={"kind": "owes"})
    assert (await harness.post(ALL, teacher, json=owes)).status_code == 403
    other = await harness.course()
    assert (await harness.post(ALL, teacher, json=fields(other))).status_code == 404
    await harness.call("PATCH", settings, OPERATOR, json={"teacher_messages": False})
    assert (await harness.get(ALL, teacher)).status_code == 403


async def test_only_owners_and_managers_write(harness: Harness):
    course, (ann,) = await free_course(harness, "ann")
    message = await saved(harness, course)
    for role in (Role.TEACHER, Role.ACCOUNTANT):
        member = harness.student(role.value)
        await give_role(harness, member, role, course.id)
        for path in (ALL, f"{ALL}/{message['id']}"):
            assert (await harness.get(path, member)).status_code == 403, role
        answer = await harness.post(ALL, member, json=fields(course))
        assert answer.status_code == 403
        if role is Role.TEACHER:
            await _allowed_teacher(harness, member, course, message)
    assert (await harness.get(ALL, ann)).status_code == 403
    assert (await harness.get(ALL)).status_code == 401
