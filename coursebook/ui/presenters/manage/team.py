"""The team in words."""

from dataclasses import dataclass

from coursebook.domain.rights import GrantState, Role
from coursebook.services.manage.team import FixedOwner, GrantView, InvitationView
from coursebook.services.manage.views import ListedManagedCourse
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say


@dataclass(frozen=True)
class MemberRow:
    """Somebody of the team, or an invitation. `grant_id` is "" for a role that stays.

    `note` says more about the role: its courses, until when an invitation is valid, or where a
    role that stays comes from. `act` is the text of the button that takes the role away. `is_over`:
    an invitation that nobody accepted in time.
    """

    grant_id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    note: str = ""
    standing: str = ""
    is_over: bool = False
    act: str = ""


@dataclass(frozen=True)
class CourseChoice:
    """A course that a teacher may be given."""

    id: str = ""
    title: str = ""
    when: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class InvitationRow:
    """What an invitation offers."""

    heading: str = ""
    role: str = ""
    does: str = ""
    courses: str = ""
    until: str = ""


def role_name(role: Role, language: str) -> str:
    """Return the name of a role: "Teacher"."""
    return str(i18n.manage_of(language).ROLE[role])


def member_row(grant: GrantView, zone: str, language: str) -> MemberRow:
    """Return the row of a role or an invitation; its times are in `zone`, an IANA name."""
    words = i18n.manage_of(language)
    is_active = grant.state is GrantState.ACTIVE
    courses = ", ".join(course.title for course in grant.courses)
    until = ""
    if grant.state is GrantState.INVITED and grant.expires_at:
        until = str(words.TEAM_UNTIL).format(until=say.moment(grant.expires_at, zone, language))
    return MemberRow(
        grant_id=grant.id,
        name=grant.name or grant.email,
        email=grant.email if grant.name else "",
        role=role_name(grant.role, language),
        note=" · ".join(filter(None, (courses, until))),
        standing=str(words.STANDING[grant.state]),
        is_over=grant.state is GrantState.OVER,
        act=str(words.TEAM_REVOKE if is_active else words.TEAM_WITHDRAW),
    )


def owner_row(owner: FixedOwner, language: str) -> MemberRow:
    """Return the row of an owner whose role stays."""
    words = i18n.manage_of(language)
    return MemberRow(
        name=owner.name or owner.email,
        email=owner.email if owner.name else "",
        role=role_name(Role.OWNER, language),
        note=str(words.OWNER_FROM_OUTSIDE),
        standing=str(words.STANDING[GrantState.ACTIVE]),
    )


def course_choice(
    course: ListedManagedCourse, language: str, *, is_chosen: bool = False
) -> CourseChoice:
    """Return a course to choose."""
    begins = course.starts_at
    when = say.day(begins, course.timezone or "UTC", language) if begins else ""
    return CourseChoice(course.id, course.title or "", when, is_chosen)


def invitation_row(invitation: InvitationView, zone: str, language: str) -> InvitationRow:
    """Return the texts of an invitation; its end is in `zone`, an IANA name."""
    words = i18n.manage_of(language)
    return InvitationRow(
        heading=str(words.INVITATION_HEADING).format(school=invitation.school),
        role=role_name(invitation.role, language),
        does=str(words.YOU_DO[invitation.role]),
        courses=", ".join(course.title for course in invitation.courses) or str(words.ALL_COURSES),
        until=say.moment(invitation.expires_at, zone, language),
    )
