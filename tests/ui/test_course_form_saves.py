"""Saves of the form of a course that come one upon the other."""

import asyncio
from typing import Any

import pytest

from coursebook.ui.states.manage import course_save
from coursebook.ui.states.manage.course_form import EDIT, PREFIX, CourseFormState
from coursebook.ui.states.manage.course_save import Outcome
from tests.support.harness import Harness
from tests.ui.course_forms import course_of, opened, send, typed


def slow_saves(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], asyncio.Event, asyncio.Event]:
    """Let saves wait. Return their values, whether one began, and what releases them."""
    values, begun, released = list[Any](), asyncio.Event(), asyncio.Event()
    save = course_save.save_or_ask

    async def slow(*arguments: Any, **options: Any) -> Outcome:
        values.append(arguments[3])
        begun.set()
        await released.wait()
        return await save(*arguments, **options)

    monkeypatch.setattr(course_save, "save_or_ask", slow)
    return values, begun, released


@pytest.mark.parametrize(("titles", "saves"), [(["Second", "Third"], 2), (["First"], 1)])
async def test_what_is_sent_while_a_save_is_under_way_is_stored_after_it(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, titles: list[str], saves: int
):
    tab = await opened(harness)
    values, begun, released = slow_saves(monkeypatch)
    first = asyncio.create_task(send(harness, tab, typed(harness, title="First")))
    await begun.wait()
    for title in titles:
        assert await send(harness, tab, typed(harness, title=title)) == []
    released.set()
    went = await first
    course = await course_of(harness, tab)
    assert went == [f"{PREFIX}{course.id}{EDIT}"], "one course"
    page = await tab.state(CourseFormState)
    assert (course.title, page.shown.title) == (titles[-1], titles[-1])
    assert (len(values), page.is_busy, page.doing) == (saves, False, "")
    assert page.saved_stamp == 1, "the first save says nothing about what was typed since"
    assert [{*changed} for changed in values[1:]] == [{"title"}] * (saves - 1)


async def test_a_save_sent_while_the_course_is_published_is_stored_too(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    tab = await opened(harness)
    values, begun, released = slow_saves(monkeypatch)
    first = asyncio.create_task(send(harness, tab, typed(harness), "publish"))
    await begun.wait()
    await send(harness, tab, typed(harness, summary="Longer."), "publish")
    released.set()
    await first
    course = await course_of(harness, tab)
    assert (course.state, course.summary) == ("open", "Longer.")
    page = await tab.state(CourseFormState)
    assert (len(values), page.errors, page.notice.tone) == (2, [], "info")
