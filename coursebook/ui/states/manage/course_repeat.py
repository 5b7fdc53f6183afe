"""`/manage/courses/{id}/repeat`: a course on other dates, chosen before any is added."""

from urllib.parse import unquote

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import Invalid
from coursebook.identity.principal import Principal
from coursebook.services.manage.repeating.repeat_views import RepeatRequest, Repetition
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.manage.course_repeat import (
    RepeatHead,
    RepeatRow,
    WeekdayRow,
    button_words,
    chosen_request,
    date_rows,
    done_words,
    head_of,
    request_of,
    ticked,
    weekday_rows,
)
from coursebook.ui.presenters.manage.service_sentences import sentence_in
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services


class CourseRepeatState(ManageState, SingleActionState, SessionState):
    """The dates of the course in the address.

    `dates` are those of the last rule that was shown, `start_time` belongs to them; each time the
    ticks of the form begin anew (`shown_stamp`), and only the form knows them afterwards.
    `problems` are sentences by fields. The focus goes to the notice when `notice_stamp` changes.
    """

    head: RepeatHead = RepeatHead()
    weekdays: list[WeekdayRow] = []
    dates: list[RepeatRow] = []
    problems: dict[str, str] = {}
    add_words: str = ""
    publish_words: str = ""
    may_publish: bool = False
    start_time: str = ""
    list_href: str = ""
    notice_stamp: int = 0
    shown_stamp: int = 0

    @rx.event(background=True, temporal=True)
    async def dates_asked(self, token: str, texts: dict[str, str]) -> Events:
        """Show the dates of the rule in the form. Nothing is stored."""
        async with self:
            answer = validation.texts(texts)
            if answer is None or self.is_busy or self.head.why_not:
                return
            request, self.problems = request_of(answer, self._language())
            if request is None:
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            self.list_href, self.start_time = "", answer.get("time", "")
            course_id, binding = self.head.course_id, self._page_binding()
        repetition, failure = await _planned(who, course_id, request)
        async with self:
            if self._is_still_at(binding):
                self.is_busy = False
                self._show(repetition, failure)

    @rx.event
    async def date_ticked(self, day: str, is_chosen: bool) -> None:
        """Choose a date, or leave it out."""
        self.dates = ticked(self.dates, validation.text(day, 10) or "", is_chosen=bool(is_chosen))
        self._count()

    @rx.event(background=True, temporal=True)
    async def repeat_sent(self, token: str, texts: dict[str, str]) -> Events:
        """Add the chosen dates, as drafts or published: all of them, or none."""
        async with self:
            answer = validation.texts(texts)
            if answer is None or self.is_busy or not self.dates:
                return
            request = chosen_request(self.dates, answer, self.start_time)
            if request is None:
                self._tell(Notice(i18n.manage_of(self._language()).REPEAT_NONE_CHOSEN, "bad"))
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            course_id, binding = self.head.course_id, self._page_binding()
        repetition, failure = None, None
        try:
            repetition = await services().course_repeats.repeat(who, course_id, request)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            failure = error
        async with self:
            if not self._is_still_at(binding):
                return
            self.is_busy = False
            if repetition is None:
                self._tell(self._notice_of(failure))
                return
            self.dates = []
            is_published, added = request.is_published, repetition.added
            words = done_words(added, self._language(), is_published=is_published)
            self.list_href = "/manage/courses" + ("" if is_published else "?list=drafts")
            self._tell(Notice(words, "good"))

    def _show(self, repetition: Repetition | None, failure: Exception | None) -> None:
        """Show planned dates, or why there are none."""
        if repetition is None:
            self.dates = []
            self._tell(self._notice_of(failure))
            return
        self.dates = date_rows(repetition, self.head, self._language())
        self.shown_stamp += 1
        self._count()

    def _count(self) -> None:
        self.add_words, self.publish_words = button_words(self.dates, self._language())

    def _tell(self, notice: Notice) -> None:
        self.notice = notice
        self.notice_stamp += 1

    def _notice_of(self, failure: Exception | None) -> Notice:
        language = self._language()
        if isinstance(failure, Invalid):
            sentences = dict.fromkeys(sentence_in(e.detail, language) for e in failure.errors)
            return Notice(" ".join(sentences), "bad")
        assert failure is not None, "there is a result or a failure"
        return notice_of(failure, language)

    async def _load(self, who: Principal, rights: Rights) -> None:
        course_id = self._course_id()
        rights.require(Permission.WRITE_COURSES, course_id)
        course = await services().managed_courses.get(who, course_id)
        language = self._language()
        if self.head.course_id != course.id:
            self.dates, self.problems, self.list_href, self.notice = [], {}, "", Notice()
        self.is_busy = False
        self.head, self.weekdays = head_of(course, language), weekday_rows(course, language)
        self.may_publish = rights.allows(Permission.PUBLISH_COURSES, course_id)

    def _course_id(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"


async def _planned(
    who: Principal, course_id: str, request: RepeatRequest
) -> tuple[Repetition | None, Exception | None]:
    try:
        return await services().course_repeats.preview(who, course_id, request), None
    except Exception as error:  # noqa: BLE001 - every error becomes a sentence
        return None, error
