"""What each role allows. `Rights` answers for one person; the services ask it first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from coursebook.domain.actor import Actor
from coursebook.errors import CourseNotFound, Forbidden


class Role(StrEnum):
    """A role that the school gives to a person."""

    OWNER = "owner"
    MANAGER = "manager"
    TEACHER = "teacher"
    ACCOUNTANT = "accountant"


class Permission(StrEnum):
    """Something that a person may do on the operator's side."""

    SEE_COURSES = "see_courses"
    WRITE_COURSES = "write_courses"
    PUBLISH_COURSES = "publish_courses"
    CANCEL_COURSES = "cancel_courses"
    SEE_PEOPLE = "see_people"
    SEE_CONTACTS = "see_contacts"
    CHANGE_BOOKINGS = "change_bookings"
    SEE_MONEY = "see_money"
    MOVE_MONEY = "move_money"
    SEND_MESSAGES = "send_messages"
    CHECK_IN = "check_in"
    SEE_REPORTS = "see_reports"
    MANAGE_TEAM = "manage_team"
    MANAGE_SETTINGS = "manage_settings"
    ERASE_PEOPLE = "erase_people"


OPERATOR = "operator"
"""The name in the audit trail of everybody who manages the school, in any role."""
_OF_OWNERS = {Permission.MANAGE_TEAM, Permission.MANAGE_SETTINGS, Permission.ERASE_PEOPLE}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: frozenset(Permission) - _OF_OWNERS,
    Role.TEACHER: frozenset({Permission.SEE_COURSES, Permission.SEE_PEOPLE, Permission.CHECK_IN}),
    Role.ACCOUNTANT: frozenset(
        {Permission.SEE_COURSES, Permission.SEE_MONEY, Permission.SEE_REPORTS}
    ),
}
"""The table of roles. A teacher's permissions are for the own courses only."""
GRANTABLE = frozenset({Permission.SEND_MESSAGES, Permission.SEE_CONTACTS})
"""What a school may allow its teachers besides, on their own courses (settings of the school)."""


@dataclass(frozen=True)
class Rights:
    """The rights of one person: their roles, and the ids of the courses that they teach.

    `allowed`: what the school allows its teachers besides (`GRANTABLE`).
    """

    roles: frozenset[Role] = frozenset()
    taught: frozenset[str] = frozenset()
    allowed: frozenset[Permission] = frozenset()

    @classmethod
    def of(
        cls,
        *roles: Role,
        taught: Collection[str] = (),
        allowed: Collection[Permission] = (),
    ) -> "Rights":
        """Build it from roles. `taught` and `allowed` count only with the role `teacher`."""
        if Role.TEACHER not in roles:
            return cls(frozenset(roles))
        return cls(frozenset(roles), frozenset(taught), GRANTABLE & frozenset(allowed))

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the person may do, on at least one course."""
        return self.allowed.union(*(PERMISSIONS[role] for role in self.roles))

    @property
    def courses(self) -> frozenset[str] | None:
        """The ids of the courses that the person may see; None for all of them."""
        sees_all = any(self._is_everywhere(role, Permission.SEE_COURSES) for role in self.roles)
        return None if sees_all else self.taught

    def courses_for(self, permission: Permission) -> frozenset[str] | None:
        """The ids of the courses on which the person may do this; None for all of them."""
        if any(self._is_everywhere(role, permission) for role in self.roles):
            return None
        return self.taught if self._is_for_teachers(permission) else frozenset()

    def reaches(self, course_id: str) -> bool:
        """Whether a course is among those that the person may see."""
        courses = self.courses
        return courses is None or course_id in courses

    def allows(self, permission: Permission, course_id: str | None = None) -> bool:
        """Whether the person may do this, on this course when one is named."""
        if any(self._is_everywhere(role, permission) for role in self.roles):
            return True
        is_own = course_id is None or course_id in self.taught
        return is_own and self._is_for_teachers(permission)

    def require(self, permission: Permission, course_id: str | None = None) -> None:
        """Raise Forbidden without this right, CourseNotFound for a course the person may not see.

        Somebody without any role gets Forbidden for every course.
        """
        if self.roles and course_id is not None and not self.reaches(course_id):
            raise CourseNotFound
        if not self.allows(permission, course_id):
            raise Forbidden

    def actor(self, user_id: str) -> Actor:
        """Return the person as the audit trail names them; `user_id` is that of the sign-in."""
        return Actor(OPERATOR, user_id)

    def _is_for_teachers(self, permission: Permission) -> bool:
        own = PERMISSIONS[Role.TEACHER] | self.allowed
        return Role.TEACHER in self.roles and permission in own

    @staticmethod
    def _is_everywhere(role: Role, permission: Permission) -> bool:
        return role is not Role.TEACHER and permission in PERMISSIONS[role]


NO_RIGHTS = Rights()
"""The rights of a student."""


class GrantState(StrEnum):
    """What became of a role: an invitation is accepted or runs out, a role can be revoked."""

    INVITED = "invited"
    OVER = "over"
    ACTIVE = "active"
    REVOKED = "revoked"


def grant_state(
    *,
    accepted_at: datetime | None,
    revoked_at: datetime | None,
    expires_at: datetime | None,
    now: datetime,
) -> GrantState:
    """Return the state of a role that was given to a person, or that they were invited to."""
    if revoked_at is not None:
        return GrantState.REVOKED
    if accepted_at is not None:
        return GrantState.ACTIVE
    is_over = expires_at is not None and expires_at <= now
    return GrantState.OVER if is_over else GrantState.INVITED
