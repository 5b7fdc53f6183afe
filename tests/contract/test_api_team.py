"""The team over HTTP: invitations by mail, their links, roles, and their end."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from coursebook.domain.rights import PERMISSIONS, Permission, Role
from coursebook.persistence.schema.tables import AuditEntry, OutboxMessage, RoleGrant
from coursebook.services.manage.invitations import hash_of
from tests.support.harness import OPERATOR, Harness, Student

TEAM, ACCEPT, ME = "/api/manage/team", "/api/team/accept", "/api/manage/me"


async def invite(harness: Harness, email: str, role: str, *courses: str, by: Student = OPERATOR):
    body = {"email": email, "role": role, "course_ids": list(courses)}
    return await harness.post(TEAM, by, json=body)


async def link_to(harness: Harness, person: Student) -> str:
    """Send what is due, and return the newest invitation's link to a person."""
    await harness.worker_round()
    mail = (await harness.mails(person))[-1]
    (link,) = set(re.findall(r"http\S+/invitation\?code=\S+", mail["text"]))
    return str(link)


async def code_to(harness: Harness, person: Student) -> str:
    return parse_qs(urlsplit(await link_to(harness, person)).query)["code"][0]


async def accept(harness: Harness, person: Student, code: str):
    return await harness.post(ACCEPT, person, json={"code": code})


async def join(harness: Harness, name: str, role: str, *courses: str) -> tuple[Student, str]:
    """Invite somebody who accepts; return them and the id of the grant."""
    person = harness.student(name)
    invited = await invite(harness, person.email, role, *courses)
    assert invited.status_code == 201, invited.text
    accepted = await accept(harness, person, await code_to(harness, person))
    assert accepted.status_code == 200, accepted.text
    return person, accepted.json()["id"]


async def test_a_teacher_is_invited_by_mail_and_reaches_only_her_course(harness: Harness):
    own, other = await harness.course(), await harness.course()
    thea, grant_id = await join(harness, "thea", "teacher", own.id)
    me = (await harness.get(ME, thea)).json()
    assert (me["roles"], me["courses"]) == (["teacher"], [own.id])
    assert me["permissions"] == sorted(PERMISSIONS[Role.TEACHER])
    rights = await harness.services.access.rights_of(await harness.principal(thea))
    assert rights.reaches(own.id)
    assert not rights.reaches(other.id)
    team = (await harness.get(TEAM, OPERATOR)).json()
    (item,) = [item for item in team["items"] if item["id"] == grant_id]
    assert (item["state"], item["email"]) == ("active", thea.email)
    assert item["courses"] == [{"id": own.id, "title": own.title}]
    assert OPERATOR.email in [owner["email"] for owner in team["fixed_owners"]]


async def test_a_revoked_role_ends_at_the_next_call(harness: Harness):
    thea, grant_id = await join(harness, "thea", "teacher", (await harness.course()).id)
    assert (await harness.get(ME, thea)).status_code == 200
    revoked = await harness.call("DELETE", f"{TEAM}/{grant_id}", OPERATOR)
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert (await harness.get(ME, thea)).status_code == 403
    again = await harness.call("DELETE", f"{TEAM}/{grant_id}", OPERATOR)
    assert again.json() == revoked.json()
    other = await harness.course()
    thea, _ = await join(harness, "thea", "teacher", other.id)
    assert (await harness.get(ME, thea)).json()["courses"] == [other.id]


async def test_a_second_invitation_of_a_teacher_adds_courses(harness: Harness):
    first, second = await harness.course(), await harness.course()
    thea, _ = await join(harness, "thea", "teacher", first.id)
    await join(harness, "thea", "teacher", second.id)
    assert (await harness.get(ME, thea)).json()["courses"] == sorted([first.id, second.id])
    items = (await harness.get(TEAM, OPERATOR)).json()["items"]
    assert len([item for item in items if item["email"] == thea.email]) == 1


async def test_only_the_hash_of_a_code_is_stored(harness: Harness):
    nora = harness.student("nora")
    await invite(harness, nora.email, "manager")
    code = await code_to(harness, nora)
    (grant,) = [row for row in await harness.rows_of(RoleGrant) if row.email == nora.email]
    assert grant.code_hash == hash_of(code)
    stored = [*await harness.rows_of(OutboxMessage), *await harness.rows_of(AuditEntry)]
    assert not [row for row in stored if code in str(vars(row))]


async def test_a_forged_used_replaced_or_old_link_is_refused(harness: Harness):
    nora, sam = harness.student("nora"), harness.student("sam")

    async def is_refused(code: str) -> bool:
        answer = await accept(harness, sam, code)
        return (answer.status_code, answer.json()["code"]) == (404, "grant_not_found")

    for forged in ("", "x", "\u0000", "\udc80".encode("utf-8", "replace").decode(), "a" * 43):
        assert await is_refused(forged)
    await invite(harness, nora.email, "manager")
    replaced = await code_to(harness, nora)
    await invite(harness, nora.email, "manager")
    code = await code_to(harness, nora)
    assert await is_refused(replaced)
    assert (await harness.post(ACCEPT, json={"code": code})).status_code == 401
    assert (await accept(harness, nora, code)).status_code == 200
    assert await is_refused(code)
    assert (await harness.get(ME, sam)).status_code == 403

    await invite(harness, sam.email, "accountant")
    code = await code_to(harness, sam)
    harness.clock.advance(timedelta(days=7))
    assert await is_refused(code)
    states = {i["email"]: i["state"] for i in (await harness.get(TEAM, OPERATOR)).json()["items"]}
    assert states[sam.email] == "over"


async def test_an_invitation_that_was_withdrawn_is_refused_and_not_sent(harness: Harness):
    nora = harness.student("nora")
    invited = (await invite(harness, nora.email, "manager")).json()
    await harness.call("DELETE", f"{TEAM}/{invited['id']}", OPERATOR)
    await harness.worker_round()
    assert await harness.mails(nora) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"email": "no address", "role": "manager"}, "/email"),
    ({"email": "a@b.test", "role": "king"}, "/role"),
    ({"email": "a@b.test", "role": "teacher"}, "/course_ids"),
    ({"email": "a@b.test", "role": "manager", "course_ids": ["crs_x"]}, "/course_ids"),
    ({"email": "a@b.test", "role": "teacher", "course_ids": ["crs_x"]}, "/course_ids/0"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG)
async def test_a_wrong_invitation_names_the_field(
    sqlite_harness: Harness, body: dict[str, Any], pointer: str
):
    answer = await sqlite_harness.post(TEAM, OPERATOR, json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


ACT = "/api/manage/inbox/inb_x/act"
NEEDS = (
    ("GET", TEAM, Permission.MANAGE_TEAM, 200),
    ("POST", TEAM, Permission.MANAGE_TEAM, 422),
    ("DELETE", f"{TEAM}/grt_x", Permission.MANAGE_TEAM, 404),
    ("GET", "/api/manage/settings", Permission.MANAGE_SETTINGS, 200),
    ("PATCH", "/api/manage/settings", Permission.MANAGE_SETTINGS, 200),
    ("GET", "/api/manage/readiness", Permission.WRITE_COURSES, 200),
    ("POST", "/api/manage/readiness/terms", Permission.WRITE_COURSES, 200),
    ("GET", "/api/manage/inbox", Permission.SEE_MONEY, 200),
    ("GET", "/api/manage/inbox/inb_x", Permission.SEE_MONEY, 404),
    ("POST", ACT, Permission.MOVE_MONEY, 404),
)
"""Calls with the permission that they need, and their answer to somebody who has it."""


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_call_what_its_permissions_say(sqlite_harness: Harness, role: Role):
    harness = sqlite_harness
    courses = [(await harness.course()).id] if role is Role.TEACHER else []
    person, _ = await join(harness, "nora", role, *courses)
    assert set((await harness.get(ME, person)).json()["permissions"]) == PERMISSIONS[role]
    for method, path, permission, allowed_status in NEEDS:
        body = {"/api/manage/team": WRONG[3][0], ACT: {"action": "accept"}}.get(path, {})
        more = {} if method in ("GET", "DELETE") else {"json": body}
        status = (await harness.call(method, path, person, **more)).status_code
        may = permission in PERMISSIONS[role]
        assert status == (allowed_status if may else 403), (method, path)


async def test_students_and_nobody_are_refused(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    for path in (ME, TEAM, "/api/manage/settings", "/api/manage/readiness"):
        assert (await sqlite_harness.get(path)).status_code == 401
        assert (await sqlite_harness.get(path, sam)).status_code == 403


async def test_the_last_owner_cannot_lock_everybody_out(harness: Harness):
    nora, of_nora = await join(harness, "nora", "owner")
    alone = await harness.call("DELETE", f"{TEAM}/{of_nora}", nora)
    assert (alone.status_code, alone.json()["code"]) == (409, "last_owner")
    invited = await invite(harness, harness.student("otto").email, "owner", by=nora)
    assert invited.status_code == 201
    still = await harness.call("DELETE", f"{TEAM}/{of_nora}", nora)
    assert still.status_code == 409, "an invitation is no owner"
    _, of_olaf = await join(harness, "olaf", "owner")
    assert (await harness.call("DELETE", f"{TEAM}/{of_nora}", nora)).status_code == 200
    by_olga = await harness.call("DELETE", f"{TEAM}/{of_olaf}", OPERATOR)
    assert by_olga.status_code == 200, "an owner by her token stays"


async def test_the_trail_says_who_invited_accepted_and_revoked(harness: Harness):
    nora, grant_id = await join(harness, "nora", "accountant")
    await harness.call("DELETE", f"{TEAM}/{grant_id}", OPERATOR)
    olga, person = await harness.principal(OPERATOR), await harness.principal(nora)
    trail = [row for row in await harness.rows_of(AuditEntry) if row.subject == grant_id]
    assert [(r.about, r.event, r.from_state, r.to_state, r.actor) for r in trail] == [
        ("team", "invited", None, "invited", f"operator {olga.user_id}"),
        ("team", "accepted", "invited", "active", f"student {person.user_id}"),
        ("team", "revoked", "active", "revoked", f"operator {olga.user_id}"),
    ]
    assert {row.booking_id for row in trail} == {None}


async def test_the_mail_is_in_the_language_of_the_call(harness: Harness):
    nora = harness.student("nora")
    body = {"email": nora.email, "role": "manager"}
    await harness.post(TEAM, OPERATOR, json=body, headers={"Accept-Language": "de"})
    await harness.worker_round()
    (mail,) = await harness.mails(nora)
    assert mail["subject"].startswith("Einladung ins Team")
    assert "Kursverwaltung" in mail["text"]
    assert "Olga Operator lädt Sie" in mail["text"]


async def test_the_same_key_invites_once(harness: Harness):
    nora = harness.student("nora")
    key, body = {"Idempotency-Key": "one-invitation"}, {"email": nora.email, "role": "manager"}
    first, second = [await harness.post(TEAM, OPERATOR, json=body, headers=key) for _ in range(2)]
    assert (first.status_code, second.headers["idempotent-replayed"]) == (201, "true")
    await harness.worker_round()
    assert len(await harness.mails(nora)) == 1
