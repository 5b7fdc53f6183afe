"""The parts of the console, and who may open them."""

from collections.abc import Mapping

from coursebook.domain.rights import Permission, Rights

PATHS: Mapping[str, str] = {
    "today": "/manage",
    "courses": "/manage/courses",
    "bookings": "/manage/bookings",
    "money": "/manage/money",
    "messages": "/manage/messages",
    "reports": "/manage/reports",
    "team": "/manage/team",
    "settings": "/manage/settings",
}
"""The first page of each part, in the order of the navigation."""
NEEDS: Mapping[str, Permission] = {
    "courses": Permission.SEE_COURSES,
    "bookings": Permission.SEE_PEOPLE,
    "money": Permission.SEE_MONEY,
    "messages": Permission.SEND_MESSAGES,
    "reports": Permission.SEE_REPORTS,
    "team": Permission.MANAGE_TEAM,
    "settings": Permission.MANAGE_SETTINGS,
}
"""The permission that a part asks for; "today" is for everybody with any right."""


def areas_of(rights: Rights) -> list[str]:
    """Return the parts that a person with these rights may open; none for a student."""
    if not rights.permissions:
        return []
    return [area for area in PATHS if area not in NEEDS or NEEDS[area] in rights.permissions]
