"""What the roles of a school allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from coursebook.errors import CourseNotFound, Forbidden


class Permission(StrEnum):
    """One thing that a role may allow."""

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


ALL = frozenset(Permission)
ROLES: Mapping[str, frozenset[Permission]] = {
    "owner": ALL,
    "manager": ALL - {Permission.MANAGE_TEAM, Permission.MANAGE_SETTINGS},
    "teacher": frozenset({Permission.SEE_COURSES, Permission.SEE_PEOPLE, Permission.CHECK_IN}),
    "accountant": frozenset({Permission.SEE_COURSES, Permission.SEE_MONEY, Permission.SEE_REPORTS}),
}
"""The permissions of each role. A teacher has them for her own courses only."""


@dataclass(frozen=True)
class Rights:
    """What one person may do. `courses`: the courses that the permissions are for, None for all."""

    roles: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    courses: frozenset[str] | None = frozenset()

    def allows(self, permission: Permission, course_id: str | None = None) -> bool:
        """Tell whether the person may do this, with this course if one is given."""
        return permission in self.permissions and (course_id is None or self.reaches(course_id))

    def reaches(self, course_id: str) -> bool:
        """Tell whether a course is among those that the person may see."""
        return self.courses is None or course_id in self.courses

    def require(self, permission: Permission, course_id: str | None = None) -> None:
        """Raise Forbidden without the permission, CourseNotFound for a course out of reach."""
        if permission not in self.permissions:
            raise Forbidden
        if course_id is not None and not self.reaches(course_id):
            raise CourseNotFound
