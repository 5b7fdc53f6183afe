"""The pages Team, Settings and the invitation: what each person sees and may do there."""

import re

import pytest

from coursebook.domain.rights import Role
from coursebook.ui.pages import SITE
from coursebook.ui.states.manage.membership.invitation import InvitationState
from coursebook.ui.states.manage.membership.team import TeamState
from coursebook.ui.states.manage.school_settings import SchoolSettingsState
from coursebook.ui.states.session import SessionState
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.tabs import Tab

STATES = {"/manage/team": TeamState, "/manage/settings": SchoolSettingsState}


async def opened(harness: Harness, who: Student | None, path: str, language: str = "") -> Tab:
    tab = Tab(path, language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(STATES[path].viewer_arrived)
    return tab


async def link_to(harness: Harness, person: Student) -> str:
    await harness.worker_round()
    mail = (await harness.mails(person))[-1]
    (link,) = set(re.findall(r"http\S+(/invitation\?code=\S+)", mail["text"]))
    return str(link)


async def fill(harness: Harness, tab: Tab, who: Student, email: str, role: Role) -> TeamState:
    await tab.fire(TeamState.role_chosen, role.value)
    texts = {"email": email, "role": role.value}
    await tab.fire(TeamState.invitation_sent, await harness.token(who), texts)
    return await tab.state(TeamState)


@pytest.mark.parametrize("path", STATES)
async def test_only_an_owner_sees_the_page(harness: Harness, path: str):
    for who in (harness.student("sam"), None):
        tab = await opened(harness, who, path)
        assert (await tab.state(STATES[path])).view_state == "missing"
    tab = await opened(harness, OPERATOR, path)
    assert (await tab.state(STATES[path])).view_state == "content"


async def test_a_teacher_is_invited_accepts_and_is_revoked(harness: Harness):
    own, other = await harness.course(title="Tabla"), await harness.course(title="Indigo")
    thea = harness.student("thea")
    tab = await opened(harness, OPERATOR, "/manage/team")
    page = await tab.state(TeamState)
    assert {own.id, other.id} <= {choice.id for choice in page.choices}
    await tab.fire(TeamState.course_ticked, own.id, True)
    await tab.fire(TeamState.courses_searched, "Indigo")
    assert [choice.id for choice in page.choices if choice.is_chosen] == [own.id]
    assert other.id in [choice.id for choice in page.choices]
    before = page.sent_stamp
    await fill(harness, tab, OPERATOR, thea.email, Role.TEACHER)
    assert (page.notice.tone, page.sent_stamp) == ("good", before + 1)
    assert not [choice for choice in page.choices if choice.is_chosen]
    (row,) = [row for row in page.members if row.name == thea.email]
    assert (row.role, row.standing, row.act) == ("Teacher", "Invited", "Withdraw")
    assert row.note.startswith("Tabla · valid until ")

    invited = Tab(await link_to(harness, thea))
    await invited.fire(InvitationState.viewer_arrived)
    offer = await invited.state(InvitationState)
    assert offer.view_state == "dead", "nobody is signed in"
    await invited.sign_in(harness, thea)
    await invited.fire(InvitationState.viewer_arrived)
    assert (offer.view_state, offer.invitation.courses) == ("content", "Tabla")
    assert offer.invitation.role == "Teacher"
    await invited.fire(InvitationState.accept_clicked, await harness.token(thea))
    assert offer.view_state == "accepted"
    assert "courses" in (await invited.state(SessionState)).areas
    await invited.fire(InvitationState.accept_clicked, await harness.token(thea))
    assert (offer.view_state, offer.invitation.role) == ("dead", "")

    await tab.fire(TeamState.viewer_arrived)
    (row,) = [row for row in page.members if thea.email in (row.email, row.name)]
    assert (row.act, row.standing) == ("Revoke", "Active")
    await tab.fire(TeamState.revoke_clicked, row.grant_id, await harness.token(OPERATOR))
    assert page.notice.tone == "good"
    assert row not in page.members
    assert (await harness.get("/api/manage/me", thea)).status_code == 403


async def test_a_wrong_invitation_names_its_fields_and_keeps_what_was_chosen(harness: Harness):
    course = await harness.course()
    tab = await opened(harness, OPERATOR, "/manage/team", "de")
    page = await fill(harness, tab, OPERATOR, "nobody", Role.TEACHER)
    assert page.problems["email"].startswith("Das ist keine Mailadresse")
    assert page.problems["courses"] == "Bitte wählen Sie mindestens einen Kurs."
    stamp = page.refused_stamp
    await tab.fire(TeamState.course_ticked, course.id, True)
    await fill(harness, tab, OPERATOR, "nobody", Role.TEACHER)
    assert (page.problems["courses"], page.refused_stamp) == ("", stamp + 1)
    assert [choice.id for choice in page.choices if choice.is_chosen] == [course.id]


async def test_no_handler_lets_a_student_into_the_team(harness: Harness):
    sam = harness.student("sam")
    olga = await opened(harness, OPERATOR, "/manage/team")
    await fill(harness, olga, OPERATOR, harness.student("nora").email, Role.MANAGER)
    grant_id = (await olga.state(TeamState)).members[-1].grant_id
    tab = await opened(harness, sam, "/manage/team")
    for token in ("", "x", await harness.token(sam)):
        await fill(harness, tab, sam, sam.email, Role.OWNER)
        await tab.fire(TeamState.revoke_clicked, grant_id, token)
        await tab.fire(SchoolSettingsState.saved, token, {"name": "Mine"})
    await tab.fire(TeamState.courses_searched, "")
    page = await tab.state(TeamState)
    assert (page.members, page.choices) == ([], [])
    team = (await harness.get("/api/manage/team", OPERATOR)).json()["items"]
    assert sam.email not in [item["email"] for item in team]
    assert {item["id"]: item["state"] for item in team}[grant_id] == "invited"
    assert (await harness.get("/api/manage/settings", OPERATOR)).json()["name"] == ""


@pytest.mark.parametrize(
    "texts", [None, 7, [], {"email": 7}, {"name": "\x00"}, {"name": "x" * 500}]
)
async def test_senseless_texts_change_nothing(harness: Harness, texts: object):
    tab = await opened(harness, OPERATOR, "/manage/team")
    await tab.fire(TeamState.invitation_sent, await harness.token(OPERATOR), texts)
    assert (await tab.state(TeamState)).problems["email"]
    tab = await opened(harness, OPERATOR, "/manage/settings")
    before = (await harness.get("/api/manage/settings", OPERATOR)).json()
    await tab.fire(SchoolSettingsState.saved, await harness.token(OPERATOR), texts)
    assert (await harness.get("/api/manage/settings", OPERATOR)).json() == before


async def test_settings_are_saved_and_refused_with_the_field(harness: Harness):
    tab = await opened(harness, OPERATOR, "/manage/settings")
    page = await tab.state(SchoolSettingsState)
    values = {"name": "Barro", "email": "hello@barro.example", "timezone": "Europe/Lisbon"}
    await tab.fire(SchoolSettingsState.saved, await harness.token(OPERATOR), values)
    assert (page.notice.tone, page.texts) == (
        "good",
        values
        | {"address": "", "payment_details": "", "reminder_minutes": "1440", "offer_minutes": "720"}
        | {"teacher_messages": "no", "teacher_contacts": "no"},
    )
    wrong = {"email": "nobody", "name": "Other"}
    await tab.fire(SchoolSettingsState.saved, await harness.token(OPERATOR), wrong)
    assert page.problems["email"]
    assert (page.notice.text, page.texts["name"], page.refused_stamp) == ("", "Barro", 1)


def test_the_pages_are_private():
    for path in (*STATES, "/invitation"):
        assert SITE.find(path, is_public=False)
