"""The form of a course: new, edited, published, refused; what was typed is never lost."""

from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from coursebook.ui.presenters.manage import course_form, course_form_feedback
from coursebook.ui.states.manage.course_form import EDIT, NEW, PREFIX, CourseFormState
from tests.support.course_fields import FIELDS
from tests.support.harness import OPERATOR, Harness, eur
from tests.ui.course_forms import TYPED, course_of, opened, send, stored, typed


async def test_a_new_course_is_saved_as_a_draft_and_opened_for_editing(harness: Harness):
    tab = await opened(harness)
    page = await tab.state(CourseFormState)
    assert (page.view_state, page.head.course_id, page.shown.title) == ("content", "", "")
    assert page.missing_count == "9 of 9"
    went = await send(harness, tab, typed(harness))
    course = await course_of(harness, tab)
    assert went == [f"{PREFIX}{course.id}{EDIT}"]
    assert (course.state, course.title, course.capacity) == ("draft", "Pottery: First Bowl", 10)
    assert course.price is not None
    assert (course.price.amount, course.price.currency) == (4500, "eur")
    assert course.starts_at is not None
    assert course.missing == ()
    page = await tab.state(CourseFormState)
    assert (page.saved_stamp, page.missing, page.head.state) == (1, [], "Draft")


async def test_a_course_may_be_saved_with_nothing_but_a_title(harness: Harness):
    tab = await opened(harness)
    await send(harness, tab, {"title": "Only this", "kind": "place", "currency": "eur"})
    course = await course_of(harness, tab)
    assert (course.title, course.price, course.capacity) == ("Only this", None, None)


async def test_publish_names_what_is_missing_and_keeps_every_text(harness: Harness):
    tab = await opened(harness)
    texts = typed(harness, title="", capacity="", price="45.5O")
    assert await send(harness, tab, texts, "publish") == []
    page = await tab.state(CourseFormState)
    assert [link.field_id for link in page.errors] == ["title", "capacity", "price"]
    assert page.errors[0].text == "Title: This is missing."
    assert page.problems["price"] == "Write the sum in figures, such as 45.50."
    assert page.errors_title == "3 things to mend before it can be published"
    assert page.errors_stamp == 1
    assert page.shown == course_form.texts_from(texts, ())
    assert page.head.course_id == "", "nothing was stored"


async def test_a_complete_course_is_published_and_in_the_catalog_at_once(harness: Harness):
    tab = await opened(harness)
    await send(harness, tab, typed(harness, title="Bowls of September"), "publish")
    course = await course_of(harness, tab)
    assert course.state == "open"
    page = await tab.state(CourseFormState)
    assert (page.notice.tone, page.head.is_public) == ("good", True)
    found = (await harness.get("/api/courses", params={"q": "bowls september"})).json()["items"]
    assert [one["id"] for one in found] == [course.id]


async def test_what_to_bring_the_note_and_the_closing_time_are_saved_and_come_back(
    harness: Harness,
):
    tab = await opened(harness)
    day = (harness.clock() + timedelta(days=20)).date()
    optional = {
        "attendee_info": "- An apron\n- Old shoes",
        "internal_note": "Kiln 2 is slow.",
        "closes_day": day.isoformat(),
        "closes_time": "18:30",
        "reminder_minutes": "2880",
        "waiting_list": "360",
    }
    await send(harness, tab, typed(harness, **optional))
    course = await course_of(harness, tab)
    assert course.attendee_info == optional["attendee_info"]
    assert course.internal_note == optional["internal_note"]
    assert course.reminder_minutes == 2880
    assert (course.has_waiting_list, course.offer_minutes) == (True, 360)
    assert course.booking_closes_at is not None
    lisbon = course.booking_closes_at.astimezone(ZoneInfo("Europe/Lisbon"))
    assert (lisbon.date(), f"{lisbon:%H:%M}") == (day, "18:30")
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    page = await tab.state(CourseFormState)
    texts = course_form.as_sent(page.shown)
    assert {name: texts[name] for name in optional} == optional
    assert [block.kind for block in page.attendee_info] == ["bullets"]
    await send(harness, tab, {**texts, **dict.fromkeys(optional, "")})
    course = await course_of(harness, tab)
    assert (course.attendee_info, course.internal_note, course.booking_closes_at) == ("", "", None)
    assert (course.reminder_minutes, course.offer_minutes) == (None, None), "as the school does"


async def test_a_list_with_people_on_it_is_closed_only_after_a_tick(harness: Harness):
    course = await harness.course(capacity=1, price=eur(0))
    await harness.confirmed(harness.student("booked"), course)
    ann = harness.student("ann")
    await harness.post(f"/api/courses/{course.id}/waiting", ann)
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    page = await tab.state(CourseFormState)
    texts = course_form.as_sent(page.shown) | {"waiting_list": course_form.NO_LIST}
    await send(harness, tab, texts)
    page = await tab.state(CourseFormState)
    assert "1 person waits" in page.problems["waiting_list"]
    assert (await harness.course_now(course)).waiting == 1
    await send(harness, tab, texts | {course_form.CLOSE_LIST: "on"})
    stored = await harness.course_now(course)
    assert (stored.has_waiting_list, stored.waiting) == (False, 0)
    page = await tab.state(CourseFormState)
    assert (page.problems, page.shown.waiting_list) == ({}, course_form.NO_LIST)


@pytest.mark.parametrize(
    ("day", "time", "field", "sentence"),
    [
        (20, "", "closes_time", "The time is missing."),
        (None, "10:00", "closes_day", "The day is missing."),
        (31, "10:00", "closes_day", "Booking must close before the course starts."),
    ],
)
async def test_a_wrong_closing_time_is_refused_at_its_field(
    harness: Harness, day: int | None, time: str, field: str, sentence: str
):
    tab = await opened(harness)
    closes = (harness.clock() + timedelta(days=day)).date().isoformat() if day else ""
    await send(harness, tab, typed(harness, closes_day=closes, closes_time=time))
    page = await tab.state(CourseFormState)
    assert page.problems == {field: sentence}
    assert (page.shown.closes_day, page.shown.closes_time) == (closes, time)


async def test_what_the_service_refuses_stands_at_its_field(harness: Harness):
    tab = await opened(harness)
    yesterday = (harness.clock() - timedelta(days=1)).date().isoformat()
    await send(harness, tab, typed(harness, **{"meeting-0-day": yesterday}), "publish")
    page = await tab.state(CourseFormState)
    assert [link.field_id for link in page.errors] == ["meeting-0-start"]
    assert page.head.course_id, "the draft is stored"
    assert (await course_of(harness, tab)).state == "draft"


async def test_two_editors_see_both_versions_and_choose(harness: Harness):
    first = await opened(harness)
    await send(harness, first, typed(harness))
    course = await course_of(harness, first)
    address = f"{PREFIX}{course.id}{EDIT}"
    second = await opened(harness, address)
    await send(harness, second, typed(harness, title="Theirs", price="50", waiting_list="720"))
    first.go(address)
    await send(
        harness, first, typed(harness, title="Mine", summary="Also mine.", waiting_list="off")
    )
    page = await first.state(CourseFormState)
    assert page.is_conflict
    shown = {one.label: (one.mine, one.theirs) for one in page.differences}
    assert shown["Title"] == ("Mine", "Theirs")
    assert shown["Price"] == ("45,00", "50.00")
    assert shown["Waiting list"] == ("No waiting list", "12 hours")
    assert (await course_of(harness, first)).title == "Theirs"
    assert page.shown.title == "Mine"
    await send(harness, first, typed(harness, title="Mine", summary="Also mine."), "overwrite")
    assert not (await first.state(CourseFormState)).is_conflict
    assert (await course_of(harness, first)).title == "Mine"
    await send(harness, second, typed(harness, title="Late"))
    await second.fire(CourseFormState.page_opened)
    await second.fire(CourseFormState.theirs_taken)
    page = await second.state(CourseFormState)
    assert (page.shown.title, page.is_conflict) == ("Mine", False)


async def test_places_below_the_bookings_are_refused_with_their_number(harness: Harness):
    course = await harness.course(capacity=3)
    for name in ("sam", "sue"):
        await harness.confirmed(harness.student(name), course)
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    texts = course_form.as_sent((await tab.state(CourseFormState)).shown)
    await send(harness, tab, {**texts, "capacity": "1"})
    page = await tab.state(CourseFormState)
    assert page.problems == {"capacity": "2 places are taken, so there cannot be fewer."}
    await send(harness, tab, {**texts, "capacity": "2"})
    assert (await stored(harness, course.id)).capacity == 2


async def test_a_stored_course_comes_back_as_it_was(harness: Harness):
    course = await harness.course(price=eur(45), title="As it was")
    before = await stored(harness, course.id)
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    texts = course_form.as_sent((await tab.state(CourseFormState)).shown)
    assert (texts["price"], texts["terms"]) == ("45.00", "standard")
    await send(harness, tab, texts)
    after = await stored(harness, course.id)
    kept = ("title", "starts_at", "ends_at", "price", "terms", "location", "timezone", "revision")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


async def test_several_meetings_are_added_and_removed(harness: Harness):
    tab = await opened(harness)
    texts = typed(harness)
    await tab.fire(CourseFormState.typed, texts)
    await tab.fire(CourseFormState.meeting_added)
    rows = (await tab.state(CourseFormState)).shown.meetings
    assert [row.number for row in rows] == ["1", "2"]
    week_later = (harness.clock() + timedelta(days=37)).date().isoformat()
    assert (rows[1].day, rows[1].start, rows[1].end) == (week_later, "10:00", "13:00")
    texts |= {f"meeting-1-{part}": getattr(rows[1], part) for part in ("id", "day", "start", "end")}
    await send(harness, tab, texts)
    course = await course_of(harness, tab)
    assert len(course.meetings) == 2
    rows = (await tab.state(CourseFormState)).shown.meetings
    assert [row.id for row in rows] == [one.id for one in course.meetings]
    await tab.fire(CourseFormState.meeting_removed, "0")
    assert [(r.key, r.number) for r in (await tab.state(CourseFormState)).shown.meetings] == [
        ("1", "1")
    ]
    await tab.fire(CourseFormState.meeting_removed, "1")
    assert len((await tab.state(CourseFormState)).shown.meetings) == 1
    for _ in range(30):
        await tab.fire(CourseFormState.meeting_added)
    assert len((await tab.state(CourseFormState)).shown.meetings) == 20


async def test_a_draft_of_the_browser_is_shown_again_with_its_version(harness: Harness):
    course = await harness.course()
    address = f"{PREFIX}{course.id}{EDIT}"
    tab = await opened(harness, address)
    texts = course_form.as_sent((await tab.state(CourseFormState)).shown)
    await send(harness, await opened(harness, address), {**texts, "title": "Newer"})
    tab = await opened(harness, address)
    await tab.fire(CourseFormState.restored, {**texts, "title": "From the draft"}, 1)
    page = await tab.state(CourseFormState)
    assert (page.shown.title, page.restored_stamp) == ("From the draft", 1)
    await send(harness, tab, {**texts, "title": "From the draft"})
    assert (await tab.state(CourseFormState)).is_conflict, "somebody saved since the draft began"


async def test_the_preview_is_shown_as_on_a_phone_and_in_dark_colours(harness: Harness):
    tab = await opened(harness)
    switches = {
        "is_phone_preview": CourseFormState.preview_width_switched,
        "is_dark_preview": CourseFormState.preview_colours_switched,
    }
    for name, switch in switches.items():
        for is_on in (True, False):
            await tab.fire(switch)
            assert getattr(await tab.state(CourseFormState), name) is is_on


async def test_the_preview_follows_what_is_typed(harness: Harness):
    tab = await opened(harness)
    await tab.fire(CourseFormState.typed, typed(harness, price="abc", summary=""))
    page = await tab.state(CourseFormState)
    row = page.preview
    assert (row.title, row.price, row.summary) == ("Pottery: First Bowl", "", "")
    assert row.hours
    assert page.summary_letters == "0 of 400"
    assert [link.text for link in page.missing] == ["Summary"]
    await tab.fire(CourseFormState.typed, typed(harness, price="1.234,50"))
    assert (await tab.state(CourseFormState)).preview.price == "€1,234.50"


async def test_a_copy_gets_its_own_first_day(harness: Harness):
    course = await harness.course()
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    await tab.fire(CourseFormState.duplicate_asked)
    token = await harness.token(OPERATOR)
    assert await tab.fire(CourseFormState.duplicated, token, {"copy_day": ""}) == []
    assert (await tab.state(CourseFormState)).duplicate_error == "The day is missing."
    day = (harness.clock() + timedelta(days=90)).date()
    (went,) = await tab.fire(CourseFormState.duplicated, token, {"copy_day": day.isoformat()})
    copy = await stored(harness, went.removeprefix(PREFIX).removesuffix(EDIT))
    assert copy.starts_at is not None
    assert (copy.state, copy.starts_at.date(), copy.title) == ("draft", day, course.title)


async def test_a_cancelled_course_can_only_be_read_and_copied(harness: Harness):
    course = await harness.course(status="cancelled")
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    page = await tab.state(CourseFormState)
    assert "cancelled" in page.head.locked
    texts = course_form.as_sent(page.shown)
    await send(harness, tab, {**texts, "title": "Other"})
    await tab.fire(CourseFormState.meeting_added)
    assert (await stored(harness, course.id)).title == course.title
    assert len((await tab.state(CourseFormState)).shown.meetings) == 1


@pytest.mark.parametrize("address", [NEW, f"{PREFIX}crs_x{EDIT}", f"{PREFIX}a.b{EDIT}"])
async def test_for_a_student_there_is_no_such_page(harness: Harness, address: str):
    tab = await opened(harness, address, harness.student("sam"))
    page = await tab.state(CourseFormState)
    assert page.view_state == "missing"
    await tab.fire(CourseFormState.typed, TYPED)
    await tab.fire(CourseFormState.restored, TYPED, 1)
    await tab.fire(CourseFormState.meeting_added)
    token = await harness.token(harness.student("sam"))
    await tab.fire(CourseFormState.sent, token, {**TYPED, "act": "publish"})
    await tab.fire(CourseFormState.duplicated, token, {"copy_day": "2030-01-01"})
    page = await tab.state(CourseFormState)
    assert asdict(page.shown)["title"] == ""
    assert page.preview.title == ""


async def test_it_speaks_german_too(harness: Harness):
    tab = await opened(harness, language="de")
    await send(harness, tab, {"title": "", "kind": "place", "currency": "eur"}, "publish")
    page = await tab.state(CourseFormState)
    assert page.errors[0].text == "Titel: Das fehlt noch."
    assert page.missing_count == "9 von 9"


async def test_a_mistake_goes_when_its_field_is_written(harness: Harness):
    tab = await opened(harness)
    await send(harness, tab, typed(harness, title="", capacity="x"), "publish")
    assert len((await tab.state(CourseFormState)).errors) == 2
    await tab.fire(CourseFormState.typed, typed(harness, title="Now", capacity="x"))
    page = await tab.state(CourseFormState)
    assert [link.field_id for link in page.errors] == ["capacity"]
    assert list(page.problems) == ["capacity"]


async def test_a_new_course_is_in_the_time_zone_of_the_school(harness: Harness):
    who = await harness.principal(OPERATOR)
    await harness.services.school_profile.patch(who, {"timezone": "Asia/Tokyo"})
    page = await (await opened(harness)).state(CourseFormState)
    assert page.shown.timezone == "Asia/Tokyo"


def test_the_fields_of_a_school_are_in_the_form():
    texts = {**TYPED, "meeting-0-day": "2030-01-05", "extra-language": "de", "extra-age": ""}
    values, mistakes = course_form.values_of(texts, FIELDS)
    assert mistakes == ()
    given = values["extra"]
    assert set(given) == {declared.name for declared in FIELDS}
    assert [name for name, value in given.items() if value] == ["language"]
    assert course_form.texts_from(texts, FIELDS).extra["language"] == "de"


async def test_what_was_saved_stays_while_its_page_opens_and_no_longer(harness: Harness):
    tab = await opened(harness)
    (went,) = await send(harness, tab, typed(harness), "publish")
    await tab.fire(CourseFormState.viewer_arrived)  # with the address of the page before
    tab.go(went)
    await tab.fire(CourseFormState.page_opened)
    await tab.fire(CourseFormState.viewer_arrived)
    page = await tab.state(CourseFormState)
    assert (page.notice.tone, page.shown.price, page.shown_path) == ("good", "45,00", went)
    tab.go(NEW)
    await tab.fire(CourseFormState.page_opened)
    await tab.fire(CourseFormState.viewer_arrived)
    page = await tab.state(CourseFormState)
    assert (page.head.course_id, page.shown.title, page.notice.text) == ("", "", "")


async def test_a_teacher_reads_her_course_and_changes_nothing(harness: Harness):
    course = await harness.course()
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    page = await tab.state(CourseFormState)
    shown = course_form.as_sent(page.shown)
    view = await stored(harness, course.id)
    head = course_form_feedback.head_of(view, "10:42", "", may_write=False, language="en")
    assert (head.may_write, head.locked) == (
        False,
        "You may read this course, but not change it.",
    )
    token = await harness.token(harness.student("sam"))
    await tab.fire(CourseFormState.sent, token, {**shown, "title": "Mine"})
    assert (await stored(harness, course.id)).title == course.title
