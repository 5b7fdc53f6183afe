"""The question before an edit that concerns people who have booked."""

from datetime import date, timedelta

import pytest

from coursebook.domain.rights import Role
from coursebook.errors import Unavailable
from coursebook.persistence.schema.tables import Course
from coursebook.ui.presenters.manage import course_form
from coursebook.ui.presenters.manage.course_change import ChangeQuestion
from coursebook.ui.states.manage.course_form import EDIT, PREFIX, CourseFormState
from tests.contract.test_api_manage_courses import meeting, published
from tests.support.harness import OPERATOR, Harness
from tests.support.team import give_role
from tests.ui.course_forms import opened, send, stored
from tests.ui.tabs import Tab


async def booked(harness: Harness) -> tuple[str, Tab, dict[str, str]]:
    """Return a course with one booking, the tab of its form, and the texts of its fields."""
    course = await harness.course(title="Kiln")
    await harness.confirmed(harness.student("ana"), course)
    tab = await opened(harness, f"{PREFIX}{course.id}{EDIT}")
    return course.id, tab, course_form.as_sent((await tab.state(CourseFormState)).shown)


def later(texts: dict[str, str], days: int) -> dict[str, str]:
    day = date.fromisoformat(texts["meeting-0-day"]) + timedelta(days=days)
    return {**texts, "meeting-0-day": day.isoformat()}


async def question_of(tab: Tab) -> ChangeQuestion:
    return (await tab.state(CourseFormState)).question


async def answer(harness: Harness, tab: Tab, **texts: str) -> None:
    await tab.fire(CourseFormState.answered, await harness.token(OPERATOR), texts)


async def test_a_new_date_asks_first_and_tells_when_asked_to(harness: Harness):
    course_id, tab, texts = await booked(harness)
    before = await stored(harness, course_id)
    await send(harness, tab, later(texts, 2))
    question = await question_of(tab)
    assert (question.is_open, question.title) == (True, "1 person has booked")
    when, place = question.lines
    assert (when.label, when.is_same, place.is_same) == ("When", False, True)
    assert when.old != when.new
    assert question.save == "Save and tell 1 person"
    assert question.mail_subject
    assert question.teachers == ""
    assert (await stored(harness, course_id)).starts_at == before.starts_at, "nothing is stored yet"
    day = question.free_day
    await answer(harness, tab, tell="on", free="on", free_until=day, reason="The kiln is broken.")
    page = await tab.state(CourseFormState)
    assert (page.question.is_open, page.errors, page.saved_stamp) == (False, [], 1)
    after = await stored(harness, course_id)
    assert after.starts_at is not None
    assert before.starts_at is not None
    assert after.starts_at.date() - before.starts_at.date() == timedelta(days=2)
    assert after.revision == before.revision + 1
    await harness.worker_round()
    mails = await harness.mails(harness.student("ana"))
    assert "The kiln is broken." in str(mails[-1])


async def test_the_question_says_that_teachers_are_told_in_any_case(harness: Harness):
    course_id, tab, texts = await booked(harness)
    await give_role(harness, harness.student("thea"), Role.TEACHER, course_id)
    await send(harness, tab, later(texts, 2))
    assert (await question_of(tab)).teachers == "1 teacher is told in any case."


async def test_of_several_meetings_only_those_that_change_are_named(harness: Harness):
    start = harness.clock().replace(microsecond=0) + timedelta(days=20)
    weekly = [meeting(start + timedelta(weeks=week)) for week in range(4)]
    course = await published(harness, meetings=weekly)
    await harness.confirmed(harness.student("ana"), Course(id=course["id"]))
    tab = await opened(harness, f"{PREFIX}{course['id']}{EDIT}")
    texts = course_form.as_sent((await tab.state(CourseFormState)).shown)
    day = date.fromisoformat(texts["meeting-2-day"]) + timedelta(days=1)
    await send(harness, tab, {**texts, "meeting-2-day": day.isoformat()})
    when = (await question_of(tab)).lines[0]
    assert (when.old.count(";"), when.new.count(";")) == (0, 0)
    assert when.old != when.new
    gone = {name: text for name, text in texts.items() if not name.startswith("meeting-3-")}
    await send(harness, tab, gone)
    when = (await question_of(tab)).lines[0]
    assert (when.old.count(";"), when.new) == (0, "\N{EN DASH}")


async def test_keep_as_it_was_stores_nothing_and_keeps_what_was_typed(harness: Harness):
    course_id, tab, texts = await booked(harness)
    before = await stored(harness, course_id)
    await send(harness, tab, later(texts, 2))
    await tab.fire(CourseFormState.question_closed, (await question_of(tab)).stamp)
    assert not (await question_of(tab)).is_open
    assert (await stored(harness, course_id)).version == before.version
    shown = (await tab.state(CourseFormState)).shown
    assert shown.meetings[0].day == later(texts, 2)["meeting-0-day"]
    await answer(harness, tab, tell="on")  # an answer to nothing
    assert (await stored(harness, course_id)).version == before.version


async def test_an_earlier_start_has_to_be_told(harness: Harness):
    course_id, tab, texts = await booked(harness)
    await send(harness, tab, later(texts, -2))
    assert (await question_of(tab)).needs_tell
    await answer(harness, tab, reason="x")
    question = await question_of(tab)
    assert question.is_open
    assert "told" in question.problems["tell"]
    await answer(harness, tab, tell="on")
    assert not (await question_of(tab)).is_open
    assert (await stored(harness, course_id)).version == 2


async def test_other_texts_are_stored_without_a_question(harness: Harness):
    course_id, tab, texts = await booked(harness)
    await send(harness, tab, {**texts, "summary": "Another line.", "price": "60"})
    assert not (await question_of(tab)).is_open
    assert (await stored(harness, course_id)).summary == "Another line."


async def test_without_an_answer_of_the_preview_nothing_is_stored_untold(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def fails(*_: object, **__: object) -> None:
        raise Unavailable

    course_id, tab, texts = await booked(harness)
    monkeypatch.setattr(harness.services.change_previews, "preview", fails)
    await send(harness, tab, later(texts, 2))
    page = await tab.state(CourseFormState)
    assert (page.question.is_open, page.notice.tone) == (False, "bad")
    assert (await stored(harness, course_id)).version == 1
