"""The mails to the teachers of a course: it has changed, or the school has cancelled it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from coursebook.mail import i18n
from coursebook.mail.booking_letters import CHANGED, old_and_new
from coursebook.mail.facts import CourseChangeFacts, School, when_words
from coursebook.mail.letter import Letter, Mail, Row, links_of, mail_of
from coursebook.mail.look import PLAIN, Look


@dataclass(frozen=True)
class TeacherFacts:
    """The facts of a mail to somebody who teaches the course; no amount is among them.

    `meetings`: start and end of each; datetimes have a zone, and the mail shows them in `timezone`,
    an IANA name. `url` leads to the people of the course, in the console. `reason` is the school's
    own words, "" without any. `change` is the edit, None on cancelling. `people` have a place, or
    waited for one of a cancelled course; `told` of them get a mail. `language` is that of the
    teacher, "" when unknown.
    """

    name: str
    title: str
    meetings: tuple[tuple[datetime, datetime], ...]
    timezone: str
    place: str
    url: str
    school: School
    reason: str = ""
    change: CourseChangeFacts | None = None
    told: int = 0
    people: int = 0
    language: str = ""
    look: Look = PLAIN

    @property
    def texts(self) -> i18n.Texts:
        """The texts in the teacher's language, or in English."""
        return i18n.of(self.language)


def teacher_course_changed(to: str, facts: TeacherFacts) -> Mail:
    """Tell old and new dates and place, why, and whether people with a place are told."""
    table, texts, change = "teacher_course_changed", facts.texts, facts.change
    return _mail(
        to,
        facts,
        table,
        texts.text(table, "first", title=facts.title),
        *(old_and_new(change, texts) if change else ()),
        texts.text(CHANGED, "room") if change and change.is_room_new else "",
        texts.text(CHANGED, "reason", reason=facts.reason) if facts.reason else "",
        texts.text(table, "silent") if facts.people and not facts.told else "",
    )


def teacher_course_cancelled(to: str, facts: TeacherFacts) -> Mail:
    """Tell that the course does not take place, why, and how many people are told."""
    table, texts = "teacher_course_cancelled", facts.texts
    return _mail(
        to,
        facts,
        table,
        texts.text(table, "first", title=facts.title),
        texts.text("course_cancelled", "reason", reason=facts.reason) if facts.reason else "",
        "" if facts.people else texts.text(table, "nobody"),
    )


def _mail(to: str, facts: TeacherFacts, table: str, *paragraphs: str) -> Mail:
    texts, school = facts.texts, facts.school
    subject = texts.text(table, "subject")
    hello = "hello" if facts.name else "hello_nobody"
    before, _, after = texts.pattern("frame", hello).partition("{name}")
    letter = Letter(
        language=texts.language,
        subject=f"{subject}: {facts.title}",
        heading=subject,
        hello=(before, facts.name, after),
        paragraphs=tuple(filter(None, paragraphs)),
        rows=tuple(row for row in _rows(facts) if row.value),
        button=(texts.text("teacher_course_changed", "open"), facts.url),
        signature=tuple(school.lines),
        links=links_of(facts.look, texts),
        picture=("", ""),
        look=facts.look,
    )
    return mail_of(letter, to, school)


def _rows(facts: TeacherFacts) -> Iterator[Row]:
    """Yield the dates and the place, and how many people are told."""
    texts, frame = facts.texts, facts.texts.names("frame")
    for number, (begin, end) in enumerate(facts.meetings, 1):
        numbered = texts.text("frame", "meeting", number=str(number))
        when = when_words(begin, end, facts.timezone, texts)
        yield Row(numbered if len(facts.meetings) > 1 else frame["when"], when)
    yield Row(frame["where"], facts.place)
    yield Row(texts.text("teacher_course_changed", "told"), str(facts.told or ""))
