"""The mail that invites somebody to the team."""

from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from coursebook.domain.rights import Role
from coursebook.mail.facts import School
from coursebook.mail.team import InvitationFacts, team_invitation

FACTS = InvitationFacts(
    role=Role.TEACHER,
    courses=("Indigo in Two Days",),
    link="http://localhost:3000/invitation?code=abc",
    until=datetime(2027, 1, 8, 9, 0, tzinfo=UTC),
    timezone="Europe/Berlin",
    inviter="Olga Operator",
    school=School("Mill School", "hello@mill.test", "Mill Lane 3", "no-reply@mill.test"),
)
TO = "thea@example.test"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("role", Role)
def test_both_parts_say_who_invites_to_what_until_when(role: Role, language: str) -> None:
    courses = FACTS.courses if role is Role.TEACHER else ()
    mail = team_invitation(TO, replace(FACTS, role=role, courses=courses, language=language))
    assert (mail.to, mail.reply_to) == (TO, "hello@mill.test")
    html = unescape(mail.html)
    for part in ("Olga Operator", "Mill School", FACTS.link, "2027", "10:00", *courses):
        assert part in mail.text
        assert part in html


def test_an_unknown_inviter_is_not_named() -> None:
    mail = team_invitation(TO, replace(FACTS, inviter=""))
    assert "You are invited to the team of Mill School." in mail.text


def test_names_from_outside_are_escaped() -> None:
    evil = '<img src=x onerror="alert(1)">'
    assert "<img" not in team_invitation(TO, replace(FACTS, inviter=evil, courses=(evil,))).html
