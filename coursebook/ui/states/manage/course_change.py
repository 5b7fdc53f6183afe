"""The question before an edit that concerns people who have booked: tell them, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from coursebook.identity.principal import Principal
from coursebook.services.manage.change_previews import ChangePreview
from coursebook.services.manage.views import ManagedCourseView
from coursebook.ui import validation
from coursebook.ui.presenters.manage import course_change, course_form
from coursebook.ui.presenters.manage.course_change import ChangeQuestion
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage import course_save
from coursebook.ui.states.manage.course_save import Telling
from coursebook.ui.states.page_binding import PageBinding


@dataclass(frozen=True)
class PendingEdit:
    """An edit that is not stored yet: the values, and the version of the course they change.

    `course_id` is empty for a new course.
    """

    course_id: str
    version: int
    values: Mapping[str, Any]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class PlannedSave:
    """An edit that is about to be stored: whose, on which page, and the course that it changes."""

    edit: PendingEdit
    who: Principal
    binding: PageBinding
    replaced: ManagedCourseView | None
    is_publishing: bool


class CourseChangeState(rx.State, mixin=True):
    """Mixed into the state of the form. `question` is what is asked while it `is_open`."""

    question: ChangeQuestion = ChangeQuestion()

    _pending: PendingEdit | None = None

    @rx.event
    async def question_closed(self, stamp: int) -> None:
        """Keep the course as it was; the form keeps what was typed."""
        if stamp == self.question.stamp:
            self._drop_question()

    @rx.event(background=True, temporal=True)
    async def answered(self, token: str, texts: dict[str, str]) -> Events:
        """Store the edit, and tell people if that was chosen."""
        async with self:
            answer, pending = validation.texts(texts), self._pending
            if answer is None or pending is None or self.is_busy:
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            binding = self._page_binding()
        telling = _telling_of(answer)
        outcome = await course_save.save(
            who, pending.course_id, pending.version, pending.values, telling=telling
        )
        async with self:
            if not self._is_still_at(binding):
                return
            self.is_busy = False
            about_answer = course_change.problems_of(outcome.errors, self._language())
            if about_answer:
                self.question = course_change.with_problems(self.question, about_answer, answer)
                return
            self._drop_question()
            self._finish(outcome, pending.texts, who, is_publishing=False)

    def _ask(
        self,
        pending: PendingEdit,
        effect: ChangePreview,
        stored: ManagedCourseView,
    ) -> None:
        """Ask about an edit before it is made."""
        self._pending = pending
        self.question = course_change.question_of(
            effect, stored, pending.values, stamp=self.question.stamp + 1, language=self._language()
        )

    def _drop_question(self) -> None:
        self._pending = None
        self.question = ChangeQuestion(stamp=self.question.stamp)


def _telling_of(answer: Mapping[str, str]) -> Telling:
    is_free = "free" in answer
    day = course_form.day_of(answer.get("free_until", "")) if is_free else None
    return Telling(tell="tell" in answer, free_until=day, reason=answer.get("reason", "").strip())
