"""The pages of one course that somebody may see. Pure."""

from coursebook.cldr import number_text
from coursebook.domain.rights import Permission, Rights
from coursebook.services.manage.views import TabCounts

TABS = {
    "people": Permission.SEE_PEOPLE,
    "waiting": Permission.SEE_PEOPLE,
    "messages": Permission.SEND_MESSAGES,
    "history": Permission.SEE_COURSES,
}
"""Each page of a course, by the end of its address, with the right that it asks for."""


def course_tabs_of(
    rights: Rights, course_id: str, counts: TabCounts, language: str
) -> dict[str, str]:
    """Return the names of the pages in their order, each with its count, "" for none."""
    numbers = {"people": counts.people, "waiting": counts.waiting, "messages": counts.messages}
    return {
        name: number_text(numbers[name], language) if numbers.get(name) else ""
        for name, right in TABS.items()
        if rights.allows(right, course_id)
    }
