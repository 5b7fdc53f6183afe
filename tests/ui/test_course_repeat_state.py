"""`/manage/courses/{id}/repeat`: the rule, the dates with ticks, adding them, and who may."""

from datetime import timedelta

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import Course
from coursebook.ui.states.manage.course_repeat import CourseRepeatState
from tests.support.harness import OPERATOR, Harness, Student
from tests.support.team import give_role
from tests.ui.tabs import Tab


async def opened(
    harness: Harness, course: Course, who: Student = OPERATOR, language: str = ""
) -> tuple[Tab, CourseRepeatState]:
    tab = Tab(f"/manage/courses/{course.id}/repeat", language)
    await tab.sign_in(harness, who)
    await tab.fire(CourseRepeatState.viewer_arrived)
    return tab, await tab.state(CourseRepeatState)


def ticks(page: CourseRepeatState) -> dict[str, str]:
    """Return what the form sends of the dates."""
    return {row.name: "on" for row in page.dates if row.is_chosen}


async def test_dates_are_shown_ticked_and_added_in_one_go(harness: Harness):
    course = await harness.course(timezone="Europe/Berlin", instructor="Tara")
    taken = course.starts_at + timedelta(days=14, hours=1)
    await harness.course(instructor="Tara", title="Glazing", starts_at=taken)
    tab, page = await opened(harness, course)
    own = next(row for row in page.weekdays if row.is_chosen)
    token, head = await harness.token(OPERATOR), page.head
    asked = {"first": head.first, "last": head.last, "time": head.time, own.name: "on"}
    for wrong, field in (
        ({own.name: ""}, "weekdays"),
        ({"first": ""}, "first"),
        ({"last": "2000-01-01"}, "last"),
        ({"time": "soon"}, "time"),
    ):
        await tab.fire(CourseRepeatState.dates_asked, token, asked | wrong)
        page = await tab.state(CourseRepeatState)
        assert (list(page.problems), page.dates) == ([field], [])
    await tab.fire(CourseRepeatState.dates_asked, token, asked)
    page = await tab.state(CourseRepeatState)
    assert [row.is_chosen for row in page.dates] == [n != 1 for n in range(12)]
    assert page.dates[1].note.startswith("Tara gives “Glazing” then (")
    assert page.publish_words == "Publish 11 dates"
    await tab.fire(CourseRepeatState.date_ticked, page.dates[5].day, False)
    page = await tab.state(CourseRepeatState)
    assert page.add_words == "Add 10 drafts"
    await tab.fire(CourseRepeatState.repeat_sent, token, ticks(page) | {"act": "drafts"})
    page = await tab.state(CourseRepeatState)
    assert (page.notice.text, page.notice.tone) == (
        "10 drafts were added. Nobody else sees them yet.",
        "good",
    )
    assert (page.dates, page.list_href) == ([], "/manage/courses?list=drafts")
    await tab.fire(CourseRepeatState.dates_asked, token, asked)
    page = await tab.state(CourseRepeatState)
    assert [row.is_blocked for row in page.dates] == [n not in (1, 5) for n in range(12)]
    for row in page.dates:
        await tab.fire(CourseRepeatState.date_ticked, row.day, False)
    await tab.fire(CourseRepeatState.repeat_sent, token, {"act": "publish"})
    assert (await tab.state(CourseRepeatState)).notice.text == "Tick at least one date."
    assert len(await harness.rows_of(Course)) == 12
    _, german = await opened(harness, course, language="de")
    assert german.weekdays[1].text == "Dienstag"


async def test_only_people_who_may_write_courses_see_the_page(harness: Harness):
    course = await harness.course()
    tara, sam = harness.student("tara"), harness.student("sam")
    await give_role(harness, tara, Role.TEACHER, course.id)
    for who in (tara, sam):
        tab, page = await opened(harness, course, who)
        assert (page.view_state, page.head.title) == ("missing", "")
        token = await harness.token(who)
        await tab.fire(CourseRepeatState.repeat_sent, token, {"act": "publish"})
    assert len(await harness.rows_of(Course)) == 1
