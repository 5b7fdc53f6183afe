"""The link of an online course: no public route or page has it, nor one of a held place."""

import re

from coursebook.coursebook import app
from coursebook.persistence.schema.tables import Course, Meeting
from coursebook.persistence.unit_of_work import writing
from coursebook.ui.ssr.loaders import PageRequest, load
from coursebook.ui.states.dashboard import DashboardState
from tests.support.api_document import api_paths
from tests.support.harness import Harness
from tests.ui.tabs import Tab

ROOM = "https://zoom.example/j/4711"


async def online_course(harness: Harness) -> Course:
    """Return a course with a link, and a meeting with its own."""
    course = await harness.course(is_online=True, join_url=ROOM, place_address="")
    async with writing(harness.services.context.database) as work:
        dates = {"starts_at": course.starts_at, "ends_at": course.ends_at}
        own = f"{ROOM}?meeting=1"
        work.meetings.add(
            Meeting(id=f"mtg_{course.id}", course_id=course.id, number=1, join_url=own, **dates)
        )
    return course


async def test_no_route_of_the_api_has_it(harness: Harness):
    """Every GET route is asked, so a new one is asked too."""
    course = await online_course(harness)
    held = await harness.checkout(harness.student("sally"), course)
    ids = {"booking_id": held.booking_id, "meeting_id": f"mtg_{course.id}"}
    calls = api_paths().items()
    answered = 0
    for path in [path for path, methods in calls if "get" in methods]:
        for key in (course.id, course.slug) if "{course" in path else ("",):
            filled = re.sub(r"{(\w+)}", lambda gap, key=key: ids.get(gap[1], key), path)
            for who in (None, held.student):
                answer = await harness.get(filled, who)
                answered += answer.status_code == 200
                assert "zoom" not in answer.text, (filled, who)
    assert answered >= 8


async def test_no_page_of_students_has_it(harness: Harness):
    course = await online_course(harness)
    held = await harness.checkout(harness.student("sally"), course)
    for url in ("/courses", f"/courses/{course.slug}"):
        drawn = await load(app, PageRequest(url))
        assert drawn.status == 200
        assert "zoom" not in f"{drawn.state}{drawn.head}"
    for url in (
        "/bookings",
        f"/bookings/{held.booking_id}",
    ):
        tab = Tab(url)
        await tab.sign_in(harness, held.student)
        await tab.fire(DashboardState.viewer_arrived)
        shown = str((await tab.state(DashboardState)).dict())
        assert course.title in shown, url
        assert "zoom" not in shown, url
