"""`/manage/courses/{id}/cancel`: what cancelling a course means, the decision, and its progress."""

from collections.abc import Mapping
from urllib.parse import unquote

import reflex as rx

from coursebook.domain.money import WHOLE
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import (
    AlreadyCancelled,
    ChangedMeanwhile,
    CoursebookError,
    Invalid,
    NotActionable,
)
from coursebook.identity.principal import Principal
from coursebook.services.course_cancellation.views import (
    CancellationPreview,
    CancellationProgress,
    ExpectedCancellation,
)
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.manage.course_cancellation import (
    CancelQuestion,
    CancelReport,
    problems_of,
    question_of,
    report_of,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage.base import HIDDEN, ManageState
from coursebook.ui.states.session import SessionState
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services


class CourseCancelState(ManageState, SingleActionState, SessionState):
    """The cancelling of the course in the address.

    `phase` is `ask`, `report`, or `refused` with a sentence why it cannot be cancelled. The focus
    goes to the notice when `notice_stamp` changes. `problems` are sentences by fields.
    """

    phase: str = "ask"
    question: CancelQuestion = CancelQuestion()
    report: CancelReport = CancelReport()
    refusal: str = ""
    course_id: str = ""
    problems: dict[str, str] = {}
    notice_stamp: int = 0

    _expected: ExpectedCancellation | None = None
    _percent: int = WHOLE

    @rx.event(background=True, temporal=True)
    async def share_sent(self, token: str, texts: dict[str, str]) -> Events:
        """Show what another share of the price would mean."""
        async with self:
            percent = _percent_in(validation.texts(texts) or {})
            if self.is_busy or self.phase != "ask":
                return
            if percent is None:
                words = i18n.manage_of(self._language())
                self.problems = {"percent": words.CANCEL_MISTAKE["percent"]}
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            self._percent, self.problems, binding = percent, {}, self._page_binding()
        async with self:
            if self._is_still_at(binding):
                await self._open()
                self.is_busy = False

    @rx.event(background=True, temporal=True)
    async def cancel_sent(self, token: str, texts: dict[str, str]) -> Events:
        """Cancel the course, if the number of people was typed and nothing has changed."""
        async with self:
            answer, expected = validation.texts(texts), self._expected
            if answer is None or expected is None or self.is_busy or self.phase != "ask":
                return
            self.problems = self._problems_in(answer, expected)
            if self.problems:
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            course_id, percent, binding = self._course_id(), self._percent, self._page_binding()
        failure: Exception | None = None
        try:
            await services().course_cancellations.cancel(
                who,
                course_id,
                reason=answer.get("reason", ""),
                message=answer.get("message", ""),
                percent=percent,
                expected=expected,
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            failure = error
        async with self:
            if self._is_still_at(binding):
                await self._finish(failure)

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read it again, because a booking or a payment of the course has changed.

        The server calls it; anybody may. It shows what the person may see now.
        """
        is_shown = self.view_state == "content" and self.shown_path == self.router.url.path
        if not is_shown or self._who() is None or self.is_busy:
            return
        try:
            await self._show(self._require())
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again

    async def _finish(self, failure: Exception | None) -> None:
        """Show the course as it is now, and why it was not cancelled."""
        language = self._language()
        if isinstance(failure, Invalid):
            self.problems = problems_of(failure.errors, language)
        await self._open()
        self.is_busy = False
        if isinstance(failure, ChangedMeanwhile):
            self.notice = Notice(i18n.manage_of(language).CANCEL_CHANGED, "bad")
        elif failure is not None and not self.problems:
            self.notice = notice_of(failure, language)
        self.notice_stamp += 1

    def _problems_in(
        self, answer: Mapping[str, str], expected: ExpectedCancellation
    ) -> dict[str, str]:
        mistakes, problems = i18n.manage_of(self._language()).CANCEL_MISTAKE, {}
        if not answer.get("reason", "").strip():
            problems["reason"] = mistakes["reason"]
        if answer.get("people", "").strip() != str(expected.people):
            problems["people"] = mistakes["people"].format(count=expected.people)
        return problems

    async def _load(self, who: Principal, rights: Rights) -> None:
        course_id = self._course_id()
        rights.require(Permission.CANCEL_COURSES, course_id)
        if self.course_id != course_id:
            self.problems, self._percent = {}, WHOLE
        self.notice, self.is_busy, self.course_id = Notice(), False, course_id
        await self._show(who)
        subscriptions.watch_managed(self._tab(), [course_id], "cancel")

    async def _show(self, who: Principal) -> None:
        """Read what it would mean, or how far it has come."""
        cancellations, course_id = services().course_cancellations, self._course_id()
        try:
            self._ask(await cancellations.preview(who, course_id, self._percent))
        except AlreadyCancelled:
            self._tell(await cancellations.progress(who, course_id))
        except NotActionable:
            self.phase, self._expected = "refused", None
            self.refusal = i18n.manage_of(self._language()).CANCEL_REFUSED

    def _ask(self, preview: CancellationPreview) -> None:
        count = preview.count
        self.phase, self.question = "ask", question_of(preview, self._language())
        self._expected = ExpectedCancellation(
            people=count.people.total,
            give_back={money.currency: money.amount for money in count.give_back},
            by_hand={money.currency: money.amount for money in count.by_hand_sums},
        )

    def _tell(self, progress: CancellationProgress) -> None:
        self.phase, self._expected = "report", None
        self.report = report_of(progress, self._language())

    def _course_id(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"


def _percent_in(answer: Mapping[str, str]) -> int | None:
    text = answer.get("percent", "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(WHOLE))
    return int(text) if is_number and int(text) <= WHOLE else None
