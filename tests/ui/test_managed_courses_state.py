"""`/manage/courses`: lists, search, empty faces, the menu of a row, and who sees what."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.domain.course_edits.course_state import CourseList, CourseWord
from coursebook.errors import Unavailable
from coursebook.persistence.schema.tables import Course
from coursebook.services.manage.views import ManagedCourseView, ManagedPage
from coursebook.ui import i18n
from coursebook.ui.pages.manage import course_list as page_module
from coursebook.ui.presenters.manage import course_list as present
from coursebook.ui.reflex_compat.state_tree import VAR_MARKER
from coursebook.ui.states.manage.course_form import CourseFormState
from coursebook.ui.states.manage.course_list import ACTS, ManagedCoursesState
from coursebook.ui.states.manage.today import TodayState
from tests.contract.test_api_manage_courses import meeting, values_of
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.ui.tabs import Tab


async def opened(harness: Harness, query: str = "", language: str = "") -> ManagedCoursesState:
    return await (await tab_of(harness, query, language)).state(ManagedCoursesState)


async def tab_of(
    harness: Harness, query: str = "", language: str = "", who: Student | None = OPERATOR
) -> Tab:
    tab = Tab(f"/manage/courses{query}", language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(ManagedCoursesState.viewer_arrived)
    return tab


async def row_of(
    harness: Harness, course: Course | ManagedCourseView, query: str = "", language: str = ""
) -> Any:
    page = await opened(
        harness, f"{query or '?'}&q={str(course.title).replace(' ', '+')}", language
    )
    (row,) = [row for row in page.rows if row.id == course.id]
    return row


async def test_a_row_says_when_where_and_how_many(harness: Harness):
    course = await harness.course(capacity=8)
    await harness.confirmed(harness.student("sally"), course)
    await harness.checkout(harness.student("sam"), course)
    row = await row_of(harness, course)
    assert (row.taken, row.of_places) == ("2", "of 8")
    assert (row.confirmed_part, row.taken_part) == ("12.5%", "25%")
    assert (row.state, row.badge) == ("Open", "")
    assert row.href == f"/manage/courses/{course.id}/edit"
    assert row.duplicate_href == f"{row.href}?duplicate=yes"
    assert row.public_href == f"/courses/{course.slug}"
    assert row.acts == ["close", "unpublish"]
    assert row.when.count(":") == 1
    german = await row_of(harness, course, language="de")
    assert (german.of_places, german.state) == ("von 8", "Offen")


async def test_a_row_says_what_is_kept_for_a_course_to_whoever_may_see_money(harness: Harness):
    course = await harness.course(price=eur(45))
    assert (await row_of(harness, course)).received == "–"
    await harness.confirmed(harness.student("sally"), course)
    assert (await row_of(harness, course)).received == "€45"
    assert (await row_of(harness, course, language="de")).received == "45\xa0€"
    assert (await row_of(harness, await harness.course(price=eur(0)))).received == "Free"
    thea, _ = await join(harness, "thea", "teacher", course.id)
    page = await (await tab_of(harness, who=thea)).state(ManagedCoursesState)
    assert ([row.received for row in page.rows], page.sees_money) == ([""], False)


async def test_a_row_says_how_many_meetings_and_what_a_draft_lacks(harness: Harness):
    start = harness.clock().replace(microsecond=0) + timedelta(days=5)
    weeks = [meeting(start + timedelta(weeks=n)) for n in range(4)]
    course = await harness.services.managed_courses.create(
        await harness.principal(OPERATOR), values_of(harness, meetings=weeks)
    )
    row = await row_of(harness, course, "?list=drafts")
    assert (row.meetings, row.missing, row.badge) == ("4 meetings", "Ready to publish", "Draft")
    bare = await harness.services.managed_courses.create(
        await harness.principal(OPERATOR), values_of(harness, capacity=None, description=None)
    )
    row = await row_of(harness, bare, "?list=drafts", "de")
    assert (row.meetings, row.missing) == ("", "2 Angaben fehlen")


async def test_each_list_has_its_courses(harness: Harness):
    tag = harness.student("x").email.split(".")[1].split("@")[0]
    titles = {
        "": await harness.course(title=f"Ahead {tag}"),
        "drafts": await harness.course(title=f"Draft {tag}", status="draft"),
        "past": await harness.course(title=f"Over {tag}", starts_in=-timedelta(days=9)),
        "cancelled": await harness.course(title=f"Off {tag}", status="cancelled"),
    }
    olga = await harness.principal(OPERATOR)
    counts = await harness.services.managed_courses.counts(olga)
    for name, course in titles.items():
        page = await opened(harness, f"?list={name}&q={tag}")
        assert page.counts[name or "upcoming"] == str(counts[name or "upcoming"])
        assert [row.title for row in page.rows] == [course.title], name
        assert page.applied.get("list", "") == name
    assert (await row_of(harness, titles["drafts"], "?list=drafts")).public_href == ""


async def test_a_search_without_a_hit_says_so_and_can_be_cleared(harness: Harness):
    await harness.course()
    page = await opened(harness, "?q=qqqqxyz")
    assert (page.face, page.empty_title) == ("no_hit", "Nothing for “qqqqxyz”")
    page = await opened(harness, "?list=zzz&q=%00")
    assert (page.filters.list, page.filters.q) == ("", "")
    assert page.face == "rows"


async def test_a_school_without_courses_sees_how_to_begin(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def nothing(*_: object) -> Any:
        return ManagedPage((), None)

    async def none(*_: object) -> dict[str, int]:
        return dict.fromkeys(CourseList, 0)

    monkeypatch.setattr(harness.services.managed_courses, "list_of", nothing)
    monkeypatch.setattr(harness.services.managed_courses, "counts", none)
    page = await opened(harness)
    assert page.face == "none"
    assert len(page.ready.points) == 8
    page = await opened(harness, "?list=archived")
    assert (page.face, page.empty_title) == ("nothing", "Nothing is archived")


async def test_show_more_adds_the_next_courses_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(present, "PAGE_SIZE", 2)
    tag = harness.student("x").email.split(".")[1].split("@")[0]
    for number in range(3):
        await harness.course(title=f"Row {number} {tag}")
    tab = await tab_of(harness, f"?q={tag}")
    page = await tab.state(ManagedCoursesState)
    assert (len(page.rows), page.has_more) == (2, True)
    assert page.count == "The first 2 courses"
    await tab.fire(ManagedCoursesState.more_clicked)
    assert (len({row.id for row in page.rows}), page.has_more) == (3, False)
    await tab.fire(ManagedCoursesState.more_clicked)
    assert (len(page.rows), page.count) == (3, "3 courses")


async def test_the_menu_closes_booking_and_opens_it_again(harness: Harness):
    course = await harness.course()
    tab = await tab_of(harness, f"?q={course.title.replace(' ', '+')}")
    page, token = await tab.state(ManagedCoursesState), await harness.token(OPERATOR)
    await tab.fire(ManagedCoursesState.act_clicked, course.id, "close", token)
    assert page.notice.text == f"{course.title}: booking is closed. The page stays."
    assert [(row.badge, row.acts) for row in page.rows] == [
        ("Booking closed", ["open", "unpublish"])
    ]
    assert not (await harness.course_now(course)).is_open
    await tab.fire(ManagedCoursesState.act_clicked, course.id, "open", token)
    assert (await harness.course_now(course)).is_open


async def test_an_act_that_is_refused_says_why_and_changes_nothing(harness: Harness):
    course = await harness.course()
    await harness.confirmed(harness.student("sally"), course)
    tab = await tab_of(harness, f"?q={course.title.replace(' ', '+')}", "de")
    page, token = await tab.state(ManagedCoursesState), await harness.token(OPERATOR)
    await tab.fire(ManagedCoursesState.act_clicked, course.id, "unpublish", token)
    assert page.notice.tone == "bad"
    assert (await harness.course_now(course)).status == "published"
    assert [row.id for row in page.rows] == [course.id]


async def test_nobody_acts_without_a_right(harness: Harness):
    course = await harness.course()
    sam = harness.student("sam")
    for who in (sam, None):
        tab = await tab_of(harness, who=who)
        page = await tab.state(ManagedCoursesState)
        assert (page.view_state, page.rows) == ("missing", [])
        for token in ("", "x", await harness.token(sam)):
            await tab.fire(ManagedCoursesState.act_clicked, course.id, "close", token)
        await tab.fire(ManagedCoursesState.more_clicked)
        assert page.rows == []
    tab = await tab_of(harness)
    for strange in ((course.id, "publish"), ("../x", "close"), (None, 7)):
        await tab.fire(ManagedCoursesState.act_clicked, *strange, await harness.token(OPERATOR))
    assert (await harness.course_now(course)).is_open


async def test_an_error_has_its_face(harness: Harness, monkeypatch: pytest.MonkeyPatch):
    async def fails(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(harness.services.managed_courses, "list_of", fails)
    page = await opened(harness)
    assert (page.view_state, page.error) == ("error", Unavailable.sentence)


def test_the_buttons_of_the_lists_write_their_names_and_show_numbers():
    drawn = str(page_module.course_list().render())
    for item in CourseList:
        value = "" if item is CourseList.UPCOMING else item.value
        assert f"'value:\"{value}\"'" in drawn, item
        assert f'counts{VAR_MARKER}?.["{item.value}"]' in drawn
    assert 'value:"upcoming"' not in drawn


def test_a_number_beside_a_list_has_an_end():
    assert [present.count_mark(count) for count in (0, 1, 999, 1000)] == ["", "1", "999", "999+"]


def test_every_list_state_and_act_has_its_words():
    for language in i18n.LANGUAGES:
        words = i18n.manage_of(language)
        lists = {item.value for item in CourseList}
        assert set(words.LIST) == set(words.EMPTY_LIST) == lists
        assert set(words.COURSE_STATE) == {word.value for word in CourseWord}
        assert set(words.ACT_DONE) == set(ACTS)


async def test_a_teacher_sees_her_courses_and_may_change_none(harness: Harness):
    own, other = await harness.course(), await harness.course()
    thea, _ = await join(harness, "thea", "teacher", own.id)
    tab = await tab_of(harness, who=thea)
    page = await tab.state(ManagedCoursesState)
    assert [(row.id, row.may_edit, row.acts) for row in page.rows] == [(own.id, False, [])]
    assert not page.may_write
    for course in (own, other):
        await tab.fire(
            ManagedCoursesState.act_clicked, course.id, "close", await harness.token(thea)
        )
        assert (await harness.course_now(course)).is_open
    tab.go("/manage")
    await tab.fire(TodayState.viewer_arrived)
    today = await tab.state(TodayState)
    assert [row.id for row in today.next_courses] == [own.id]
    assert today.ready.points == []


async def test_the_menu_leads_to_the_question_for_a_copy(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/manage/courses/{course.id}/edit?duplicate=yes")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(CourseFormState.viewer_arrived)
    assert (await tab.state(CourseFormState)).is_duplicating
