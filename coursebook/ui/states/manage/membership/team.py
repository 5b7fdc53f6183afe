"""`/manage/team`: the people of the school, and inviting one."""

from collections.abc import Mapping

import reflex as rx

from coursebook.domain.rights import Permission, Rights, Role
from coursebook.errors import Invalid
from coursebook.identity.principal import Principal
from coursebook.persistence.course_search.managed_list import CourseList
from coursebook.services.manage.course_query import ManagedQuery
from coursebook.services.manage.invitations import MAX_COURSES
from coursebook.services.manage.team import TeamView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.manage.team import (
    CourseChoice,
    MemberRow,
    course_choice,
    member_row,
    owner_row,
    role_name,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState, school_zone
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

CHOICES = 20
"""Courses of each kind to choose from; a search finds the others."""
FIELDS = ("email", "role", "courses")


class TeamState(ManageState, SessionState):
    """The team. `choices` are the courses for a new teacher, the chosen ones first.

    `problems` has the sentence of each wrong field of the form, whose summary takes the focus when
    `refused_stamp` changes. The form is empty again when `sent_stamp` changes.
    """

    members: list[MemberRow] = []
    choices: list[CourseChoice] = []
    role: str = Role.TEACHER.value
    notice: Notice = Notice()
    problems: dict[str, str] = dict.fromkeys(FIELDS, "")
    refused_stamp: int = 0
    sent_stamp: int = 0

    @rx.event
    async def role_chosen(self, role: str) -> None:
        """Show the courses to choose from for a teacher only."""
        self.role = role if role in list(Role) else Role.TEACHER.value

    @rx.event(supersedes=True)
    async def courses_searched(self, words: str) -> None:
        """Show courses with these words, below those that are chosen."""
        try:
            await self._find_courses(self._require(), validation.text(words, 200) or "")
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    @rx.event
    async def course_ticked(self, course_id: str, is_chosen: bool) -> None:
        """Remember that a course is chosen, or is no longer. The invitation checks it."""
        self.choices = [
            CourseChoice(row.id, row.title, row.when, bool(is_chosen))
            if row.id == course_id
            else row
            for row in self.choices
        ]

    @rx.event
    async def invitation_sent(self, token: str, texts: dict[str, str]) -> None:
        """Invite the person of the form. What was typed stays when it is refused."""
        values = texts if isinstance(texts, Mapping) else {}
        email = validation.text(values.get("email"), 400) or ""
        chosen = [row.id for row in self.choices if row.is_chosen]
        try:
            who = await self._fresh(token)
            grant = await services().team.invite(
                who,
                email,
                self.role,
                chosen[:MAX_COURSES] if self.role == Role.TEACHER else (),
                language=self._language(),
            )
            await self._load_team(who)
            await self._find_courses(who, "", keeps_chosen=False)
        except Invalid as error:
            self._refuse(error)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._accept_form()
        words = i18n.manage_of(self._language())
        self.notice = Notice(str(words.TEAM_INVITED).format(email=grant.email), "good")

    @rx.event
    async def revoke_clicked(self, grant_id: str, token: str) -> None:
        """Take a role away, or withdraw an invitation."""
        language = self._language()
        try:
            who = await self._fresh(token)
            grant = await services().team.revoke(who, validation.identifier(grant_id) or "-")
            await self._load_team(who)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, language)
            return
        words = i18n.manage_of(language)
        form = words.TEAM_REVOKED if grant.accepted_at else words.TEAM_WITHDRAWN
        text = str(form).format(
            name=grant.name or grant.email, role=role_name(grant.role, language)
        )
        self.notice = Notice(text, "good")

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.MANAGE_TEAM)
        self.notice = Notice()
        self._accept_form()
        await self._load_team(who)
        await self._find_courses(who, "", keeps_chosen=False)

    async def _load_team(self, who: Principal) -> None:
        self.members = self._rows(
            await services().team.list_of(who),
            await school_zone(),
        )

    def _rows(self, team: TeamView, zone: str) -> list[MemberRow]:
        language = self._language()
        return [
            *(owner_row(owner, language) for owner in team.fixed_owners),
            *(member_row(grant, zone, language) for grant in team.items),
        ]

    async def _find_courses(self, who: Principal, words: str, *, keeps_chosen: bool = True) -> None:
        """Put the chosen courses and those that are found into `choices`."""
        chosen = [row for row in self.choices if row.is_chosen] if keeps_chosen else []
        known = {row.id for row in chosen}
        for state in (CourseList.UPCOMING, CourseList.DRAFTS):
            query = ManagedQuery(state=state, q=words, limit=CHOICES)
            page = await services().managed_courses.list_of(who, query)
            chosen += [
                course_choice(course, self._language())
                for course in page.items
                if course.id not in known
            ]
        self.choices = chosen

    def _refuse(self, error: Invalid) -> None:
        self.notice, self.problems = Notice(), dict.fromkeys(FIELDS, "")
        for problem in error.errors:
            name = problem.pointer.split("/")[1].replace("course_ids", "courses")
            if name in self.problems:
                self.problems[name] = i18n.text_of(problem.detail, self._language())
        self.refused_stamp += 1

    def _accept_form(self) -> None:
        self.problems, self.role = dict.fromkeys(FIELDS, ""), Role.TEACHER.value
        self.sent_stamp += 1
