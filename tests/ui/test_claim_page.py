"""`/claim/{code}`: what the link that a school mails to a guest shows, and to whom."""

from coursebook.ui.presenters import format as say
from coursebook.ui.states.claim import ClaimState
from tests.contract.test_api_manual_bookings import add, day, link_in_mail
from tests.support.harness import Harness, Student
from tests.ui.tabs import Tab


async def opened(harness: Harness, code: str, who: Student, language: str = "") -> ClaimState:
    tab = Tab(f"/claim/{code}", language)
    await tab.sign_in(harness, who)
    await tab.fire(ClaimState.viewer_arrived)
    return await tab.state(ClaimState)


async def test_it_names_the_course_and_when_it_is(harness: Harness):
    guest, sam = harness.student("guest"), harness.student("sam")
    course = await harness.course()
    pay = {"how": "hold", "due_on": day(harness, 7)}
    assert (await add(harness, course, email=guest.email, pay=pay)).status_code == 201
    code = await link_in_mail(harness, guest.email)
    for language in ("en", "de"):
        page = await opened(harness, code, sam, language)
        assert page.view_state == "content", page.error
        assert "Gerda Gast" in page.text
        when = say.when(course.starts_at, course.ends_at, course.timezone, language)
        assert [(row.title, row.when) for row in page.courses] == [(course.title, when)]


async def test_a_forged_link_shows_nothing(harness: Harness):
    page = await opened(harness, "x" * 40, harness.student("sam"))
    assert (page.view_state, page.text, page.courses) == ("dead", "", [])
