"""Mails to teachers when a process dies or a mail server refuses: with each change one, no more."""

from collections import Counter
from datetime import timedelta

import pytest

from coursebook.domain.rights import Role
from coursebook.mail.letter import Mail
from coursebook.mail.smtp import MailNotSent
from coursebook.persistence.schema.tables import Course, CourseChange, OutboxMessage
from coursebook.services.course_cancellation.views import ExpectedCancellation
from coursebook.services.outbox.runner import OutboxRunner
from tests.contract.test_api_inbox import entries
from tests.contract.test_api_manage_courses import meeting
from tests.integration.test_checkout_kill_points import Deed, Killed, reaping
from tests.support.harness import OPERATOR, Harness
from tests.support.team import give_role


async def taught(harness: Harness) -> Course:
    """Return a course with two teachers."""
    course = await harness.course(starts_in=timedelta(days=20))
    for name in ("thea", "tom"):
        person = harness.student(f"{name}.{course.id}")
        await give_role(harness, person, Role.TEACHER, course.id)
    return course


async def promises(harness: Harness) -> list[OutboxMessage]:
    rows = await harness.rows_of(OutboxMessage)
    return [row for row in rows if row.kind.startswith("mail:teacher_")]


async def move(harness: Harness, course: Course) -> None:
    """Move a course by a day, without telling the people."""
    olga, courses = await harness.principal(OPERATOR), harness.services.managed_courses
    view = await courses.get(olga, course.id)
    later = meeting(course.starts_at + timedelta(days=1))
    await courses.patch(olga, course.id, {"meetings": [later]}, view.version)


async def cancel(harness: Harness, course: Course) -> None:
    olga = await harness.principal(OPERATOR)
    await harness.services.course_cancellations.cancel(
        olga, course.id, reason="The kiln broke.", expected=ExpectedCancellation(people=0)
    )


async def test_wherever_a_process_dies_a_change_and_its_mails_are_stored_together(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = sqlite_harness
    courses = []

    async def to_move(_instruction: int) -> Deed:
        courses.append(course := await taught(harness))
        return lambda: move(harness, course)

    async def to_cancel(_instruction: int) -> Deed:
        courses.append(course := await taught(harness))
        return lambda: cancel(harness, course)

    async with reaping(harness, monkeypatch) as reaper:
        assert await reaper.at_every_instruction(to_move) >= 1
        assert await reaper.at_every_instruction(to_cancel) >= 1
    told = Counter((row.payload["course_id"], row.kind) for row in await promises(harness))
    changed = {change.course_id for change in await harness.rows_of(CourseChange)}
    for course in courses:
        now = await harness.course_now(course)
        assert told[course.id, "mail:teacher_course_changed"] == 2 * (course.id in changed)
        is_cancelled = now.cancelled_at is not None
        assert told[course.id, "mail:teacher_course_cancelled"] == 2 * is_cancelled
    assert set(told.values()) == {2}
    assert len(told) == 2, "one of each kind was not killed"


async def test_a_worker_that_dies_in_the_middle_doubles_no_mail(harness: Harness) -> None:
    course = await taught(harness)
    await move(harness, course)
    await cancel(harness, course)
    sent: Counter[str] = Counter()

    class Sender:
        def __init__(self, dies_at: int = 0) -> None:
            self._left = dies_at

        async def send(self, mail: Mail, *, key: str) -> None:
            assert mail.subject.startswith("Your course")
            self._left -= 1
            if self._left == 0:
                raise Killed
            sent[key] += 1

    def worker(sender: Sender) -> OutboxRunner:
        return OutboxRunner(harness.services.context, sender, bulk_pause=0.0)  # type: ignore[arg-type]

    for _ in range(2):
        with pytest.raises(Killed):
            await worker(Sender(dies_at=2)).run()
        await harness.later(minutes=4)  # what the dead one had claimed is due again
    while await worker(Sender()).run():
        pass
    assert sent == {row.dedupe_key: 1 for row in await promises(harness)}
    assert len(sent) == 4


async def test_a_refused_address_is_given_up_and_stands_in_the_inbox(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = await taught(harness)
    await move(harness, course)

    async def refuse(*_mail: object, **_key: str) -> None:
        raise MailNotSent("no such address", permanent=True)

    monkeypatch.setattr(harness.services.outbox._sender, "send", refuse)
    await harness.worker_round()
    assert [row.is_dead for row in await promises(harness)] == [True, True]
    failed = [e for e in await entries(harness) if "teacher course changed" in e["detail"]]
    assert len(failed) == 2
