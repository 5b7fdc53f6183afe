"""The preview of a saved course: the student's page, for those with a right only."""

from coursebook.persistence.unit_of_work import writing
from coursebook.ui.page import Site
from coursebook.ui.pages.manage import course_preview
from coursebook.ui.states.manage.course_preview import CoursePreviewState
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.ui.tabs import Tab


async def previewed(harness: Harness, course_id: str, who: Student | None) -> CoursePreviewState:
    tab = Tab(f"/manage/courses/{course_id}/preview")
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(CoursePreviewState.viewer_arrived)
    return await tab.state(CoursePreviewState)


async def test_a_draft_reads_as_it_will_for_students(harness: Harness):
    course = await harness.course(title="Clay", price=eur(45), capacity=9, status="draft")
    state = await previewed(harness, course.id, OPERATOR)
    row = state.course
    assert (state.view_state, state.title) == ("content", "Clay")
    assert (row.title, row.price, row.places, row.booking) == (
        "Clay",
        "€45",
        "9 places left",
        "open",
    )
    assert row.terms.startswith("If you cancel")
    assert state.edit_href == f"/manage/courses/{course.id}/edit"


async def test_what_people_with_a_place_read_is_shown_as_well(harness: Harness):
    course = await harness.course(title="Clay", attendee_info="- An apron\n- Old shoes")
    state = await previewed(harness, course.id, OPERATOR)
    assert [block.kind for block in state.attendee_info] == ["bullets"]
    plain = await harness.course(title="Plain")
    assert (await previewed(harness, plain.id, OPERATOR)).attendee_info == []
    drawn = str(course_preview.course_preview().render())
    assert "attendee-info-preview" in drawn


async def test_what_a_draft_lacks_has_no_text(harness: Harness):
    course = await harness.course(title="Clay", status="draft")
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.unset = ["title", "price", "capacity", "starts_at", "ends_at", "place_name"]
    row = (await previewed(harness, course.id, OPERATOR)).course
    assert (row.title, row.price, row.places, row.when, row.where, row.terms) == ("",) * 6
    assert row.summary == course.summary


async def test_the_room_of_an_online_course_is_in_no_preview(harness: Harness):
    room = "https://meet.example.test/secret"
    course = await harness.course(is_online=True, place_name="Online", join_url=room)
    state = await previewed(harness, course.id, OPERATOR)
    assert "secret" not in str(state.dict())


async def test_who_has_no_right_finds_nothing(harness: Harness):
    course = await harness.course(title="Clay", status="draft")
    for who in (harness.student("sam"), Student("tara@example.test"), None):
        state = await previewed(harness, course.id, who)
        assert (state.view_state, state.course.title) == ("missing", "")
    for course_id in ("crs_unknown", "-", "%00", "../bookings"):
        assert (await previewed(harness, course_id, OPERATOR)).view_state == "missing"


def test_it_is_neither_drawn_on_the_server_nor_found_by_search_engines():
    assert not course_preview.PAGE.is_public
    assert Site((course_preview.PAGE,)).private_paths == ("/manage/courses/",)
