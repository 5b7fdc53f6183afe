"""Telling the teachers of a course that it has changed or is cancelled (console.md, 2.2)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from coursebook.domain.actor import Actor
from coursebook.persistence.repositories.outbox import Lane, OutboxDraft
from coursebook.persistence.schema.tables import User
from coursebook.persistence.unit_of_work import UnitOfWork


class TeacherMail(StrEnum):
    """The kinds of these mails in the outbox. Each has a function in `coursebook/mail/teachers.py`.

    Its table of texts has the name after the colon.
    """

    CHANGED = "mail:teacher_course_changed"
    CANCELLED = "mail:teacher_course_cancelled"


@dataclass(frozen=True)
class TeacherMailDraft:
    """What happened: `occasion` is the id of the change, or of the cancelled course.

    `people` have a place, or waited for one of the cancelled course; `told` of them get a mail.
    """

    kind: TeacherMail
    occasion: str
    told: int
    people: int


async def teachers_to_tell(work: UnitOfWork, course_id: str, actor: Actor) -> list[User]:
    """Return the teachers of a course, without the one who acts."""
    teachers = await work.course_teachers.in_office(course_id)
    return [teacher for teacher in teachers if teacher.subject != actor.id]


async def tell_teachers(
    work: UnitOfWork, course_id: str, mail: TeacherMailDraft, actor: Actor, now: datetime
) -> None:
    """Enqueue a mail to each teacher of a course but the one who acted, in its transaction.

    They are told of a silent change too: they hold the course. The key names occasion and person,
    so nobody gets a second one.
    """
    drafts = [
        OutboxDraft(
            mail.kind,
            f"{mail.kind}:{mail.occasion}:{teacher.id}",
            {
                "course_id": course_id,
                "occasion": mail.occasion,
                "user_id": teacher.id,
                "told": mail.told,
                "people": mail.people,
            },
        )
        for teacher in await teachers_to_tell(work, course_id, actor)
    ]
    await work.outbox.enqueue_all(drafts, now, Lane.PERSONAL)
