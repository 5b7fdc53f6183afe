"""Rights are read at most once in five seconds, and at once after a change in any process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from coursebook.domain.rights import Permission, Role
from coursebook.errors import Forbidden, RateLimited, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.persistence.repositories.grants import Grants
from coursebook.services.manage.access import Access
from tests.support.harness import OPERATOR, Harness, Student, a_harness
from tests.support.sandbox import SandboxProcess
from tests.support.team import give_role

NOW = datetime(2026, 12, 1, tzinfo=UTC)


async def with_role(harness: Harness, name: str, role: Role) -> tuple[Principal, str]:
    """Return a person who has a role, and the id of the grant."""
    student = harness.student(name)
    who = await harness.principal(student)
    return who, await give_role(harness, student, role)


def another_process(harness: Harness) -> Access:
    """Return the rights as another process sees them: it hears of changes by topics only."""
    access = Access(harness.services.context, harness.services.access._limits)
    harness.services.live.listen(access.topics_changed)
    return access


async def test_a_revoked_role_ends_in_every_process_at_once(harness: Harness):
    who, grant_id = await with_role(harness, "nora", Role.MANAGER)
    other = another_process(harness)
    for access in (harness.services.access, other):
        (await access.rights_of(who)).require(Permission.WRITE_COURSES)
    await harness.services.team.revoke(await harness.principal(OPERATOR), grant_id)
    for access in (harness.services.access, other):
        assert (await access.rights_of(who)).roles == frozenset()


async def test_rights_are_read_once_until_a_topic_drops_them(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    who, _ = await with_role(harness, "nora", Role.ACCOUNTANT)
    read, reads = Grants.of_subject, []

    async def counted(self: Grants, subject: str) -> tuple[set[str], set[str]]:
        reads.append(subject)
        return await read(self, subject)

    monkeypatch.setattr(Grants, "of_subject", counted)
    access = another_process(harness)
    for topic in ("course:crs_x", topics.TEAM, topics.EVERYTHING):
        harness.services.live.publish_here({topic})
        for _ in range(3):
            await access.rights_of(who)
    assert len(reads) == 3


async def test_a_change_while_rights_are_being_read_is_not_missed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    """Rights that were read before a commit must not be kept after its topic."""
    who, _ = await with_role(harness, "nora", Role.MANAGER)
    read = Grants.of_subject
    access = another_process(harness)

    async def slow(self: Grants, subject: str) -> tuple[set[str], set[str]]:
        before = await read(self, subject)
        if not has_changed:
            has_changed.append(True)
            access.topics_changed({topics.TEAM})  # the commit of another process, meanwhile
            return {"owner"}, set()  # what stood there before it
        return before

    has_changed: list[bool] = []
    monkeypatch.setattr(Grants, "of_subject", slow)
    assert (await access.rights_of(who)).roles == {Role.MANAGER}


@pytest.fixture
async def limited(sandbox_of_the_run: SandboxProcess, sqlite_url: str) -> AsyncIterator[Harness]:
    """A product that takes two calls a minute of one person with a role."""
    async with a_harness(sandbox_of_the_run, sqlite_url, manage_limit="2/minute") as harness:
        yield harness


async def test_only_people_with_a_role_are_counted(limited: Harness):
    access, olga = limited.services.access, await limited.principal(OPERATOR)
    sam = await limited.principal(limited.student("sam"))
    for _ in range(2):
        await access.rights_of(olga)
    with pytest.raises(RateLimited):
        await access.rights_of(olga)
    for _ in range(5):
        assert (await access.rights_of(sam)).roles == frozenset()
    answer = await limited.get("/api/manage/team", OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")


async def test_files_and_messages_have_budgets_of_their_own(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    limits = {"export_limit": "2/hour", "message_limit": "2/hour"}
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:
        course = await harness.course()
        await harness.confirmed(harness.student("sam"), course)
        written: dict[str, object] = {
            "course_id": course.id,
            "subject": "Hello",
            "body": "Until soon, {name}.",
        }
        written["audience"] = {"kind": "coming"}
        saved = await harness.post("/api/manage/messages", OPERATOR, json=written)
        assert saved.status_code == 201, saved.text
        message = f"/api/manage/messages/{saved.json()['id']}/test"
        people = f"/api/manage/courses/{course.id}/people.csv"
        addresses = (people, "/api/manage/reports/ledger.csv", people)
        files = [await harness.get(address, OPERATOR) for address in addresses]
        mails = [await harness.post(message, OPERATOR) for _ in range(3)]
        for answers in (files, mails):
            assert [answer.is_success for answer in answers] == [True, True, False]
            assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "rate_limited")


async def test_nobody_has_no_rights(harness: Harness):
    with pytest.raises(Unauthenticated):
        await harness.services.access.rights_of(None)
    sam = await harness.principal(Student("sam.rights@example.test"))
    with pytest.raises(Forbidden):
        (await harness.services.access.rights_of(sam)).require(Permission.SEE_COURSES)
