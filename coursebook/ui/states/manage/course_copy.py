"""The copy of a course: the question for its first day, and making it."""

import reflex as rx

from coursebook.ui import validation
from coursebook.ui.presenters.manage import course_form
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.wiring import services

PREFIX, EDIT = "/manage/courses/", "/edit"


class CourseCopyState(rx.State, mixin=True):
    """Mixed into the state of the form. A dialog that opens gets the next `dialog_stamp`."""

    dialog_stamp: int = 0
    is_duplicating: bool = False
    duplicate_error: str = ""

    @rx.event
    async def duplicate_asked(self) -> None:
        """Ask for the first day of a copy."""
        self.is_duplicating, self.duplicate_error = bool(self.head.course_id), ""
        self.dialog_stamp += 1

    @rx.event
    async def duplicate_closed(self, stamp: int) -> None:
        """Close the question."""
        if stamp == self.dialog_stamp:
            self.is_duplicating = False

    @rx.event(background=True, temporal=True)
    async def duplicated(self, token: str, texts: dict[str, str]) -> Events:
        """Make a copy whose first meeting is on the chosen day, and open it."""
        async with self:
            checked = validation.texts(texts) or {}
            first_day = course_form.day_of(checked.get("copy_day", ""))
            if self.is_busy or not self.head.course_id:
                return
            if first_day is None:
                self.duplicate_error = self._console().MISTAKE["DAY_MISSING"]
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            binding, course_id = self._page_binding(), self.head.course_id
        copy, failure = None, None
        try:
            copy = await services().managed_courses.duplicate(who, course_id, first_day)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            failure = error
        async with self:
            if not self._is_still_at(binding):
                return
            self.is_busy = False
            if failure is not None:
                self.duplicate_error = notice_of(failure, self._language()).text
                return
            self.is_duplicating = False
        if copy is not None:
            yield binding.go(f"{PREFIX}{copy.id}{EDIT}")
