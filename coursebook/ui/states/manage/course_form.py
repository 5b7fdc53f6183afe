"""The form of a course: a new one, or one that is stored. Nothing that was typed is lost.

The fields belong to the browser, which sends their texts with each act. The state keeps what came
last, so that it can show the same after a refusal, on another page and in a new connection.
"""

import time
from collections.abc import Mapping
from dataclasses import replace

import reflex as rx

from coursebook.domain.course import MAX_LENGTHS
from coursebook.domain.rights import Permission, Rights
from coursebook.domain.texts.markdown import Block, blocks_of
from coursebook.errors import FieldError
from coursebook.extensions.loader import course_fields
from coursebook.identity.principal import Principal
from coursebook.services.manage.views import ManagedCourseView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage import course_form, course_form_feedback
from coursebook.ui.presenters.manage.course_form_preview import form_preview
from coursebook.ui.presenters.manage.course_form_rows import (
    CourseTexts,
    Difference,
    FieldLink,
    FormHead,
)
from coursebook.ui.presenters.rows import CourseDetailRow, Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage import course_save
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.manage.course_change import CourseChangeState, PendingEdit, PlannedSave
from coursebook.ui.states.manage.course_copy import EDIT, PREFIX, CourseCopyState
from coursebook.ui.states.manage.course_save import Outcome
from coursebook.ui.states.session import SessionState
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services

NEW = "/manage/courses/new"
SAVE, PUBLISH, OVERWRITE = ACTS = ("save", "publish", "overwrite")
MAX_MEETINGS = 20
KEPT_SECONDS = 3
NEW_KEY = ""
"""Stands for the course that has no id yet."""


class CourseFormState(
    CourseChangeState, CourseCopyState, ManageState, SingleActionState, SessionState
):
    """The form. `shown` are the texts that its fields begin with, each time that a stamp changes.

    `saved_stamp` counts saves, `shown_stamp` texts from the database, `restored_stamp` drafts that
    the browser had kept. `errors` are the links of the error summary, which takes the focus when
    `errors_stamp` changes; `problems` has the sentence of each field. `differences` are those to
    the course as somebody else saved it, while `is_conflict`. `doing` is the act under way.
    """

    shown: CourseTexts = CourseTexts()
    shown_stamp: int = 0
    saved_stamp: int = 0
    restored_stamp: int = 0
    head: FormHead = FormHead()
    preview: CourseDetailRow = CourseDetailRow()
    missing: list[FieldLink] = []
    missing_count: str = ""
    errors: list[FieldLink] = []
    errors_title: str = ""
    errors_stamp: int = 0
    problems: dict[str, str] = {}
    is_conflict: bool = False
    differences: list[Difference] = []
    doing: str = ""
    tab: str = "form"
    is_previewing: bool = False
    is_phone_preview: bool = False
    is_dark_preview: bool = False
    categories: list[str] = []
    summary_letters: str = ""
    attendee_info: list[Block] = []

    _loaded: str | None = None
    _kept_until: float = 0
    _kept_keys: tuple[str, ...] = ()
    _taken: int = 0
    _zone: str = ""
    _typed: Mapping[str, str] = {}
    _sent: Mapping[str, str] = {}
    _next: tuple[str, Mapping[str, str]] | None = None
    _stored: ManagedCourseView | None = None
    _theirs: ManagedCourseView | None = None

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Load the course of the address, unless the tab only has a new connection."""
        is_shown = self._key() == self._loaded and self.shown_path == self.router.url.path
        if self._key() != self._loaded:
            self._kept_until = 0
        if self._who() and not is_shown:
            await self._open()
            self._keep()  # `viewer_arrived` follows

    @rx.event
    async def typed(self, texts: dict[str, str]) -> None:
        """Show how the course would look, and what is missing."""
        checked = validation.texts(texts)
        if checked is not None and self._loaded is not None and self._who():
            self._forget_mended(checked)
            self._look(checked)

    @rx.event
    async def restored(self, texts: dict[str, str], version: int) -> None:
        """Show texts that the browser has kept. They began with this version of the course."""
        checked = validation.texts(texts)
        if checked is None or self._loaded is None or self._who() is None:
            return
        self.shown = course_form.texts_from(checked, course_fields())
        self.restored_stamp += 1
        if self.head.course_id and 0 < version < self.head.version:
            self.head = replace(self.head, version=version)
        self._look(checked)

    @rx.event
    async def meeting_added(self) -> None:
        """Add the fields of one more meeting, a week after the last one."""
        rows = self.shown.meetings
        if self._loaded is None or self.head.locked or len(rows) >= MAX_MEETINGS:
            return
        row = course_form.next_meeting(rows, self._typed)
        self.shown = replace(self.shown, meetings=[*rows, row])

    @rx.event
    async def meeting_removed(self, key: str) -> None:
        """Remove the fields of one meeting; one stays."""
        rows = [row for row in self.shown.meetings if row.key != key]
        if self._loaded is not None and not self.head.locked and rows:
            self.shown = replace(self.shown, meetings=course_form.numbered(rows))

    @rx.event(background=True, temporal=True)
    async def sent(self, token: str, texts: dict[str, str]) -> Events:
        """Store what was typed; publish the course if that button was pressed.

        Other texts that come meanwhile are stored after it; the same again are a double click.
        """
        created: PlannedSave | None = None
        async with self:
            checked = validation.texts(texts)
            if checked is None or self._loaded is None or self.head.locked:
                return
            if self.is_busy:
                self._next = None if checked == self._sent else (token, checked)
                return
            plan, sign_in = await self._plan_save(token, checked)
        while plan is not None:
            outcome = await course_save.save_or_ask(
                plan.who,
                plan.edit.course_id,
                plan.edit.version,
                plan.edit.values,
                is_publishing=plan.is_publishing,
            )
            async with self:
                if not self._is_still_at(plan.binding):
                    return
                self._end_save(plan, outcome)
                if not plan.edit.course_id and self.head.course_id:
                    created = plan
                    self._keep(NEW_KEY)
                plan, sign_in = await self._plan_next()
        if created is not None:
            yield created.binding.go(f"{PREFIX}{self.head.course_id}{EDIT}", instead=True)
        if sign_in is not None:
            yield sign_in

    @rx.event
    async def theirs_taken(self) -> None:
        """Show the course as somebody else saved it."""
        await self._open_anew()

    @rx.event
    async def discarded(self) -> None:
        """Show the course as it is stored."""
        await self._open_anew()

    @rx.event
    async def tab_chosen(self, tab: str) -> None:
        """Show the form or the preview on a narrow screen."""
        self.tab = "preview" if tab == "preview" else "form"

    @rx.event
    async def preview_opened(self) -> None:
        """Show the whole page of the course over the form."""
        self.is_previewing = True
        self.dialog_stamp += 1

    @rx.event
    async def preview_closed(self, stamp: int) -> None:
        """Show the form again."""
        if stamp == self.dialog_stamp:
            self.is_previewing = False

    @rx.event
    async def preview_width_switched(self) -> None:
        """Show the preview as on a phone, or as on a wide screen again."""
        self.is_phone_preview = not self.is_phone_preview

    @rx.event
    async def preview_colours_switched(self) -> None:
        """Show the preview in dark colours, or in those of this device again."""
        self.is_dark_preview = not self.is_dark_preview

    async def _open_anew(self) -> None:
        """Load the course in place of what is shown."""
        self._kept_until = 0
        await self._open()

    async def _load(self, who: Principal, rights: Rights) -> None:
        key = self._key()
        is_kept = time.monotonic() < self._kept_until and self.shown_for == self.viewer
        if is_kept and key in self._kept_keys:
            return
        rights.require(Permission.SEE_COURSES)
        if not key:
            rights.require(Permission.WRITE_COURSES)
        courses = services().managed_courses
        stored = await courses.get(who, key) if key else None
        self.categories = list((await services().catalog.facets()).categories)
        may_write = rights.allows(Permission.WRITE_COURSES, key or None)
        if stored is None:
            self._zone = (await services().school_profile.current()).timezone
        self._share(self._page())
        self._show(stored, who, may_write=may_write)
        self._loaded = key
        if may_write and stored and "duplicate" in self.router.url.query_parameters:
            self.is_duplicating = True  # the list of courses leads here to make a copy
            self.dialog_stamp += 1

    def _keep(self, *before: str) -> None:
        """Keep what is shown while the page of the course opens.

        `before` are keys of the page that is left: the first event may still have its address.
        """
        self._kept_until = time.monotonic() + KEPT_SECONDS
        self._kept_keys = (self._loaded or "", *before)

    def _show(self, stored: ManagedCourseView | None, who: Principal, *, may_write: bool) -> None:
        """Put the texts of a stored course into the fields, or those of a new one."""
        self.shown = course_form.texts_of(stored, course_fields()) if stored else self._empty()
        self.head = self._head(stored, who, may_write=may_write) if stored else FormHead()
        self._stored, self._taken = stored, _taken_of(stored)
        self.shown_stamp += 1
        self.notice, self.is_busy, self.doing, self.tab = Notice(), False, "", "form"
        self.is_duplicating = self.is_previewing = False
        self._next = None
        self._drop_question()
        self._clear()
        self._look(course_form.as_sent(self.shown))

    def _empty(self) -> CourseTexts:
        """Return the texts of a new course, in the time zone of the school if it has one."""
        return CourseTexts(timezone=self._zone)

    def _clear(self) -> None:
        """Forget the mistakes and the conflict of the act before."""
        self.errors, self.problems, self.errors_title = [], {}, ""
        self.is_conflict, self.differences, self._theirs = False, [], None

    def _forget_mended(self, texts: Mapping[str, str]) -> None:
        """Drop the mistakes of fields that hold another text by now."""
        sent = course_form.as_sent(self.shown)
        mended = {name for name in self.problems if texts.get(name) != sent.get(name)}
        if mended:
            self.problems = {n: text for n, text in self.problems.items() if n not in mended}
            self.errors = [link for link in self.errors if link.field_id not in mended]

    def _look(self, texts: Mapping[str, str]) -> None:
        """Draw the preview and list what is missing."""
        self._typed, language = texts, self._language()
        values, _mistakes = course_form.values_of(texts, course_fields())
        now = services().clock()
        self.preview = form_preview(
            values, course_fields(), taken=self._taken, now=now, language=language
        )
        self.summary_letters = self._console().COUNT_OF.format(
            count=len(texts.get("summary", "")), all=MAX_LENGTHS["summary"]
        )
        self.attendee_info = blocks_of(texts.get("attendee_info", ""))
        self.missing, self.missing_count = course_form_feedback.missing_of(
            texts, course_fields(), language
        )

    async def _plan_save(
        self, token: str, texts: Mapping[str, str]
    ) -> tuple[PlannedSave | None, rx.event.EventSpec | None]:
        """Return what to store and mark the form busy; None after saying why not.

        For somebody who is signed out return the way to the sign-in page too.
        """
        self._next, self._sent = None, texts
        who, sign_in = await self._start_action(token)
        if who is None:
            return None, sign_in
        act = texts.get("act", SAVE)
        replaced, is_publishing = self._replaced(act), act == PUBLISH and not self.head.is_public
        values = self._accepted(texts, replaced, is_publishing=is_publishing)
        if values is None:
            self.is_busy = False
            return None, None
        self.doing = act if act in ACTS else SAVE
        version = replaced.version if act == OVERWRITE and replaced else self.head.version
        edit = PendingEdit(self.head.course_id, version, values, texts)
        return PlannedSave(edit, who, self._page_binding(), replaced, is_publishing), None

    async def _plan_next(self) -> tuple[PlannedSave | None, rx.event.EventSpec | None]:
        """The same for what was sent meanwhile, with the ids of meetings that are stored by now."""
        if self._next is None:
            return None, None
        token, texts = self._next
        if self._stored is not None:
            texts = course_form.with_stored_ids(texts, self._stored)
        return await self._plan_save(token, texts)

    def _end_save(self, plan: PlannedSave, outcome: Outcome) -> None:
        """Show what came of a save, or ask about it first."""
        self.is_busy, self.doing = False, ""
        if outcome.effect is not None and plan.replaced is not None:
            self._ask(plan.edit, outcome.effect, plan.replaced)
            return
        self._finish(outcome, plan.edit.texts, plan.who, is_publishing=plan.is_publishing)

    def _accepted(
        self,
        texts: Mapping[str, str],
        replaced: ManagedCourseView | None,
        *,
        is_publishing: bool,
    ) -> dict[str, object] | None:
        """Keep what was sent, and return what it changes; None after showing what is wrong."""
        self.shown = course_form.texts_from(texts, course_fields())
        self._clear()
        self._look(texts)
        values, mistakes = course_form.values_of(texts, course_fields())
        errors = list(mistakes)
        if is_publishing or self.head.is_public:
            wrong = {course_form_feedback.field_of(one.pointer, texts) for one in errors}
            links = [link for link in self.missing if link.field_id not in wrong]
            errors = [*course_form_feedback.missing_errors(links), *errors]
        if not errors:
            changes = course_form.changes_of(values, replaced, course_fields())
            question = course_form.closing_question(changes, replaced, texts, self._language())
            if not question:
                return changes
            errors = [FieldError("/has_waiting_list", question)]
        self._refuse(errors, texts, is_publishing=is_publishing)
        return None

    def _refuse(
        self, errors: list[FieldError], texts: Mapping[str, str], *, is_publishing: bool
    ) -> None:
        """Show mistakes at their fields, and in the summary, which takes the focus."""
        language = self._language()
        self.problems, self.errors = course_form_feedback.problems_of(errors, texts, language)
        self.errors_title = course_form_feedback.summary_title(
            len(self.errors), is_publishing=is_publishing, language=language
        )
        self.errors_stamp += 1

    def _replaced(self, act: str) -> ManagedCourseView | None:
        """Return the stored course that an act replaces."""
        return self._theirs if act == OVERWRITE and self._theirs else self._stored

    def _finish(
        self, outcome: Outcome, texts: Mapping[str, str], who: Principal, *, is_publishing: bool
    ) -> None:
        """Show what came of a save."""
        language = self._language()
        if outcome.course is not None:
            self._take_over(outcome.course, texts, who)
        if outcome.theirs is not None:
            self.is_conflict, self._theirs = True, outcome.theirs
            self.differences = course_form_feedback.differences(
                self.shown, outcome.theirs, course_fields(), language
            )
            self.errors_stamp += 1
        elif outcome.taken is not None:
            forms = self._console().MISTAKE_TAKEN
            sentence = say.counted(outcome.taken, forms, language)
            self._refuse([FieldError("/capacity", sentence)], texts, is_publishing=is_publishing)
        elif outcome.errors:
            self._refuse(list(outcome.errors), texts, is_publishing=is_publishing)
        elif outcome.failure is not None:
            self.notice = notice_of(outcome.failure, language)
        elif outcome.is_published:
            self.notice = Notice(self._console().PUBLISHED_NOW, "good")

    def _take_over(
        self, course: ManagedCourseView, texts: Mapping[str, str], who: Principal
    ) -> None:
        """Take over what is stored now. The fields keep their texts."""
        self.head = self._head(course, who, may_write=True)
        self._loaded, self._stored, self._taken = course.id, course, _taken_of(course)
        rows = course_form.with_ids(self.shown.meetings, course)
        self.shown = replace(self.shown, meetings=rows)
        if self._next is None:  # else what the fields hold is still to be stored
            self.saved_stamp += 1
        self._look(texts)

    def _head(self, course: ManagedCourseView, who: Principal, *, may_write: bool) -> FormHead:
        language = self._language()
        time = say.clock(course.updated_at, course.timezone or "UTC", language)
        name = who.name.partition(" ")[0] if course.updated_by == str(who.actor) else ""
        return course_form_feedback.head_of(
            course, time, name, may_write=may_write, language=language
        )

    def _console(self) -> i18n.Words:
        return i18n.manage_of(self._language())

    def _key(self) -> str:
        """Return the course in the address, "" on the page of a new one; "-" is none."""
        path = self._page()
        if path == NEW:
            return ""
        key = path.removeprefix(PREFIX).removesuffix(EDIT)
        return validation.identifier(key) or "-"


def _taken_of(course: ManagedCourseView | None) -> int:
    return course.counts.held + course.counts.confirmed if course else 0
