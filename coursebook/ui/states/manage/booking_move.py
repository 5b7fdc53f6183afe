"""The panel that moves a booking: choosing the other course, and what the move would do."""

from dataclasses import replace

import reflex as rx

from coursebook.errors import CoursebookError, CourseFull
from coursebook.identity.principal import Principal
from coursebook.services.manage.course_query import ManagedQuery
from coursebook.services.manage.moving.move_rules import MoveRequest
from coursebook.services.manage.moving.move_views import MovePreview
from coursebook.ui import validation
from coursebook.ui.presenters.manage.booking_move import MovePlan, plan_of, target_option
from coursebook.ui.presenters.manage.booking_panel import Option
from coursebook.ui.states.error_messages import notice_of
from coursebook.wiring import services

TARGETS = 8
"""Courses to choose from; a search finds the others."""


class BookingMoveState(rx.State, mixin=True):
    """Mixed into the state of a booking's page. `targets` are courses to choose from."""

    targets: list[Option] = []
    plan: MovePlan = MovePlan()

    @rx.event(supersedes=True)
    async def target_searched(self, words: str) -> None:
        """Show courses with these words to choose from."""
        try:
            await self._find_targets(self._require(), validation.text(words, 200) or "")
        except CoursebookError as error:
            self.plan = MovePlan(problem=notice_of(error, self._language()).text)

    @rx.event
    async def target_chosen(self, course_id: str) -> None:
        """Show what the move to a course would do. Nothing is written."""
        target = validation.identifier(course_id)
        if target is None:
            return
        try:
            preview = await self._preview(target)
        except CoursebookError as error:
            text = notice_of(error, self._language()).text
            self.plan = MovePlan(target=target, problem=text)
            return
        self.plan = plan_of(preview, self._language())

    @rx.event
    async def difference_chosen(self, difference: str) -> None:
        """Ask for what a decision about the difference of the prices needs."""
        if difference in list(self.plan.prices):
            self.plan = replace(self.plan, difference=difference)

    async def _preview(self, target: str) -> MovePreview:
        """Return what a move would do; to a full course with one place more."""
        moves, booking_id = services().booking_moves, self._booking_id()
        try:
            return await moves.preview_move(self._require(), booking_id, MoveRequest(target))
        except CourseFull:
            request = MoveRequest(target, one_more=True)
            return await moves.preview_move(self._require(), booking_id, request)

    async def _find_targets(self, who: Principal, words: str) -> None:
        """Show other dates of the same series first, then other courses, the soonest first."""
        courses, own, language = services().managed_courses, self._course_id(), self._language()
        query = ManagedQuery(q=words, limit=TARGETS + 1)
        sisters = await courses.list_of(who, replace(query, sisters_of=own))
        others = await courses.list_of(who, query)
        rows = {course.id: course for course in (*sisters.items, *others.items)}
        rows.pop(own, None)
        self.targets = [target_option(course, language) for course in [*rows.values()][:TARGETS]]
