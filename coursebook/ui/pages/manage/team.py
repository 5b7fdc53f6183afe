"""`/manage/team`: who is in the team, inviting somebody, taking a role away."""

import reflex as rx

from coursebook.domain.rights import Role
from coursebook.identity.shell import token_button, token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.team import CourseChoice, MemberRow
from coursebook.ui.states.manage.membership.team import FIELDS, TeamState


def team() -> rx.Component:
    """Return the page."""
    words = i18n.manage
    return layout.manage_page(
        "team",
        TeamState,
        kit.stack(
            kit.page_head(words.TEAM_TITLE),
            linked_notice(TeamState.notice),
            kit.table(
                words.TEAM_CAPTION,
                [
                    kit.table_column(words.TEAM_PERSON),
                    kit.table_column(words.TEAM_ROLE),
                    kit.table_column(words.TEAM_STANDING, is_end=True),
                ],
                rx.foreach(TeamState.members, _member),
                data_testid="team",
            ),
            _invite(),
            gap="lg",
        ),
    )


def _member(member: rx.Var[MemberRow]) -> rx.Component:
    return kit.table_row(
        kit.name_cell(member.name, below=member.email),
        kit.cell(member.role, kit.second_line(member.note), card="start"),
        kit.cell(
            kit.end_line(
                rx.cond(member.is_over, kit.badge(member.standing, tone="warn"), member.standing),
                rx.cond(member.grant_id != "", _act(member)),
            ),
            card="end",
            is_end=True,
        ),
        key=member.grant_id.to(str) + member.email.to(str) + member.name.to(str),
    )


def _act(member: rx.Var[MemberRow]) -> rx.Component:
    return token_button(
        member.act,
        kit.visually_hidden(", ", member.name),
        on_press=TeamState.revoke_clicked(member.grant_id),
        class_name=kit.button_class("quiet"),
    )


def _invite() -> rx.Component:
    words, problems = i18n.manage, TeamState.problems
    labels = dict(zip(FIELDS, (words.TEAM_EMAIL, words.TEAM_ROLE, words.TEAM_COURSES), strict=True))
    has_problem = rx.Var.create(False)
    for name in FIELDS:
        has_problem |= problems[name] != ""
    form = kit.form_part(
        words.TEAM_INVITE_TITLE,
        kit.focus_on(rx.Var.create("error-summary"), TeamState.refused_stamp),
        rx.cond(
            has_problem,
            kit.error_summary(
                words.ERRORS_TITLE,
                *[
                    rx.cond(problems[name] != "", kit.summary_link(label, name))
                    for name, label in labels.items()
                ],
                stamp=TeamState.refused_stamp,
            ),
        ),
        kit.text_field(
            words.TEAM_EMAIL,
            "email",
            name="email",
            type="email",
            auto_complete="off",
            max_length=320,
            hint=words.TEAM_EMAIL_HINT,
            error=problems["email"],
        ),
        kit.choice_field(
            words.TEAM_ROLE,
            "role",
            *[_role(role) for role in Role],
            hint=rx.match(
                TeamState.role,
                *[(role.value, words.ROLE_DOES[role.value]) for role in Role],
                "",
            ),
            error=problems["role"],
        ),
        rx.cond(TeamState.role == Role.TEACHER.value, _courses()),
        kit.inline(kit.button(words.TEAM_INVITE, type="submit")),
    )
    return kit.narrow(token_form(form, on_send=TeamState.invitation_sent, key=TeamState.sent_stamp))


def _role(role: Role) -> rx.Component:
    choice_id = "role" if role is Role.OWNER else f"role-{role}"
    return kit.choice(
        i18n.manage.ROLE[role.value],
        "role",
        role.value,
        choice_id,
        default_checked=role is Role.TEACHER,
        on_change=TeamState.role_chosen(role.value),
    )


def _courses() -> rx.Component:
    words = i18n.manage
    search = kit.search_field(
        words.TEAM_COURSE_SEARCH,
        words.TEAM_COURSE_SEARCH,
        "courses",
        on_change=TeamState.courses_searched,
    )
    return kit.tick_list(
        words.TEAM_COURSES,
        "courses",
        search,
        rx.foreach(TeamState.choices, _course),
        error=TeamState.problems["courses"],
    )


def _course(course: rx.Var[CourseChoice]) -> rx.Component:
    return kit.tick(
        course.title,
        course.when,
        course.id,
        checked=course.is_chosen,
        on_change=lambda is_chosen: TeamState.course_ticked(course.id, is_chosen),
        key=course.id,
    )


PAGE = Page(
    route="/manage/team",
    build=team,
    title=manage_title(TeamState, i18n.manage.TEAM_TITLE),
    state=TeamState,
    is_public=False,
)
