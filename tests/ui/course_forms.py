"""The form of a course in a tab: what is typed into it, and what is stored."""

from datetime import timedelta
from typing import Any

from coursebook.services.manage.views import ManagedCourseView
from coursebook.ui.states.manage.course_form import NEW, CourseFormState
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.tabs import Tab

TYPED = {
    "title": "Pottery: First Bowl",
    "summary": "Throw, trim and glaze a bowl.",
    "description": "You make **two bowls**.",
    "category": "Crafts",
    "level": "Beginner",
    "instructor": "Ines Duarte",
    "kind": "place",
    "place_name": "Atelier Alfama",
    "place_address": "Rua da Regueira 40, Lisbon",
    "join_url": "",
    "timezone": "Europe/Lisbon",
    "price": "45,00",
    "currency": "eur",
    "capacity": "10",
    "terms": "standard",
    "image": "",
    "meeting-0-id": "",
    "meeting-0-day": "",
    "meeting-0-start": "10:00",
    "meeting-0-end": "13:00",
}


def typed(harness: Harness, **changes: str) -> dict[str, str]:
    day = (harness.clock() + timedelta(days=30)).date().isoformat()
    return {**TYPED, "meeting-0-day": day, **changes}


async def opened(
    harness: Harness, address: str = NEW, who: Student = OPERATOR, language: str = ""
) -> Tab:
    tab = Tab(address, language)
    await tab.sign_in(harness, who)
    await tab.fire(CourseFormState.viewer_arrived)
    return tab


async def send(harness: Harness, tab: Tab, texts: dict[str, Any], act: str = "save") -> list[str]:
    token = await harness.token(OPERATOR)
    return await tab.fire(CourseFormState.sent, token, {**texts, "act": act})


async def stored(harness: Harness, course_id: str) -> ManagedCourseView:
    who = await harness.principal(OPERATOR)
    return await harness.services.managed_courses.get(who, course_id)


async def course_of(harness: Harness, tab: Tab) -> ManagedCourseView:
    return await stored(harness, (await tab.state(CourseFormState)).head.course_id)
