"""The pages of one course that somebody may see. Pure."""

from coursebook.domain.rights import Permission, Rights

TABS = {
    "people": Permission.SEE_PEOPLE,
    "waiting": Permission.SEE_PEOPLE,
    "messages": Permission.SEND_MESSAGES,
    "history": Permission.SEE_COURSES,
}
"""Each page of a course, by the end of its address, with the right that it asks for."""


def course_tabs_of(rights: Rights, course_id: str) -> list[str]:
    """Return the names of the pages, in their order."""
    return [name for name, right in TABS.items() if rights.allows(right, course_id)]
