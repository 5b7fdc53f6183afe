"""The mail that invites somebody to the team of the school."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.mail import i18n
from coursebook.mail.facts import School, moment_words
from coursebook.mail.letter import Letter, Mail, Row, links_of, mail_of
from coursebook.mail.look import PLAIN, Look


@dataclass(frozen=True)
class InvitationFacts:
    """The facts of the mail. `role` is the stored word, `courses` are titles, for a teacher.

    `link` is the address with the code. `until` has a zone; the mail shows it in `timezone`, an
    IANA name. `inviter` is the name of the person who invites, "" when unknown. `language` is that
    of the invited person, "" when unknown.
    """

    role: str
    courses: tuple[str, ...]
    link: str
    until: datetime
    timezone: str
    inviter: str
    school: School
    language: str = ""
    look: Look = PLAIN


def team_invitation(to: str, facts: InvitationFacts) -> Mail:
    """Return the mail: who invites, to what, and the link that accepts."""
    texts = i18n.of(facts.language)
    school = facts.school
    role = texts.text("team_role", facts.role)
    first = texts.text(
        "team_invitation",
        "first" if facts.inviter else "first_nobody",
        inviter=facts.inviter,
        school=school.name,
    )
    until = moment_words(facts.until, facts.timezone, texts)
    names = texts.names("team_invitation")
    rows = (
        Row(names["role"], role),
        Row(names["courses"], ", ".join(facts.courses)),
        Row(names["until"], until),
    )
    letter = Letter(
        language=texts.language,
        subject=texts.text("team_invitation", "subject", school=school.name),
        heading=names["heading"],
        hello=(texts.text("frame", "hello_nobody"), "", ""),
        paragraphs=(first, texts.text("team_role_does", facts.role), names["second"]),
        rows=tuple(row for row in rows if row.value),
        button=(names["accept"], facts.link),
        signature=tuple(school.lines),
        links=links_of(facts.look, texts),
        picture=("", ""),
        look=facts.look,
    )
    return mail_of(letter, to, school)
