"""`/manage/messages/new`: write a message to the people of a course, or go on with a stored one.

The fields belong to the browser, which sends their texts with each act and after each pause in
typing. So nothing that was typed is lost, and the preview follows.
"""

from collections.abc import Mapping
from datetime import timedelta

import reflex as rx

from coursebook.domain.course_edits.course_state import CourseList
from coursebook.domain.messaging.audience import MAX_CHOSEN, AudienceKind
from coursebook.domain.messaging.message_state import MessageState as Stage
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import FieldError, Invalid, MessageEditedMeanwhile, NotActionable
from coursebook.identity.principal import Principal
from coursebook.services.manage.course_query import ManagedQuery
from coursebook.services.manage.messaging.message_rules import Confirmation
from coursebook.services.manage.messaging.message_views import MessageView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.course_form_rows import Difference
from coursebook.ui.presenters.manage.messages import (
    DAYS,
    MINUTES_A_DAY,
    READY,
    CourseChoice,
    MessageLook,
    MessageTexts,
    edit_href,
    look_of,
    message_problems,
    moment_of,
    texts_from_form,
    texts_of_message,
    written_values,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

SAVE, TEST, SEND, OVERWRITE = ACTS = ("save", "test", "send", "overwrite")
MAX_COURSES = 100


class MessageFormState(ManageState, SessionState):
    """The form. `shown` are the texts that its fields begin with, each time that a stamp changes.

    `message_id` and `revision` are those of the stored message, "" and 0 for a new one. `problems`
    has the sentence of each wrong field; the summary of them, or the box with the version of
    somebody else (`differences`), takes the focus when `errors_stamp` changes.
    """

    shown: MessageTexts = MessageTexts()
    shown_stamp: int = 0
    saved_stamp: int = 0
    restored_stamp: int = 0
    message_id: str = ""
    revision: int = 0
    is_planned: bool = False
    courses: list[CourseChoice] = []
    course_name: str = ""
    chosen_words: str = ""
    sees_money: bool = False
    look: MessageLook = MessageLook()
    problems: dict[str, str] = {}
    differences: list[Difference] = []
    errors_stamp: int = 0
    notice: Notice = Notice()

    _chosen: tuple[str, ...] = ()
    _typed: MessageTexts = MessageTexts()
    _theirs: int = 0
    _said: Notice = Notice()

    @rx.event
    async def typed(self, texts: dict[str, str]) -> None:
        """Show how the message would look, and who would get it."""
        checked = validation.texts(texts)
        if checked is not None and self._who() is not None:
            self._typed = texts_from_form(checked)
            await self._preview(1)

    @rx.event
    async def restored(self, texts: dict[str, str], version: int) -> None:
        """Show texts that the browser has kept. They began with this revision of the message."""
        checked = validation.texts(texts)
        if checked is None or self._who() is None:
            return
        self._typed = self.shown = texts_from_form(checked)
        self.restored_stamp += 1
        if self.message_id and isinstance(version, int) and 0 < version < self.revision:
            self.revision = version
        await self._preview(1)

    @rx.event
    async def paged(self, step: int) -> None:
        """Show the mail of the next person, or of the one before."""
        if self._who() is not None and step in (1, -1):
            await self._preview(max(1, self.look.number + step))

    @rx.event
    async def sent(self, token: str, texts: dict[str, str]) -> Events:
        """Store what was typed; then try it, send it or plan it, as the pressed button says."""
        checked = validation.texts(texts)
        if checked is None:
            return
        binding, act = self._page_binding(), checked.get("act", SAVE)
        self._typed = self.shown = texts_from_form(checked)
        self.problems, self.differences, self.notice = {}, [], Notice()
        try:
            who = await self._fresh(token)
            was_new = not self.message_id
            stored = await self._store(who, is_forced=act == OVERWRITE)
            self._take_over(stored)
            if act == SEND:
                await self._send(who, stored, checked)
                yield binding.go(f"/manage/messages/{stored.id}")
                return
            self._said = await self._after_save(who, act)
            self.notice = self._said
            if was_new:
                yield binding.go(edit_href(stored.id), instead=True)
        except Invalid as error:
            self._refuse(error.errors)
        except MessageEditedMeanwhile:
            await self._compare()
        except NotActionable:
            yield binding.go(f"/manage/messages/{self.message_id}")
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    @rx.event
    async def theirs_taken(self) -> None:
        """Show the message as somebody else saved it."""
        await self._open()

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEND_MESSAGES)
        asked = self.router.url.query_parameters
        said, self._said = self._said, Notice()
        self.notice, self.problems, self.differences = said, {}, []
        self.message_id, self.revision, self.is_planned = "", 0, False
        self.sees_money = rights.allows(Permission.SEE_MONEY)
        await self._list_courses(who)
        message_id = validation.identifier(asked.get("message", "")) or ""
        if message_id:
            message = await services().course_messages.get(who, message_id)
            self._chosen = message.audience.booking_ids
            self.shown = texts_of_message(message)
            self._take_over(message)
        else:
            self.shown = self._first_texts(asked)
        await self._name_course(who)
        self._typed = self.shown
        self.shown_stamp += 1
        await self._preview(1)

    def _first_texts(self, asked: Mapping[str, str]) -> MessageTexts:
        """Return the texts of a new message: of the course, people and ready text asked for."""
        ids = (validation.identifier(one) for one in asked.get("ids", "").split(","))
        self._chosen = tuple(one for one in ids if one)[:MAX_CHOSEN]
        course_id = validation.identifier(asked.get("course", "")) or ""
        first = self.courses[0].id if self.courses else ""
        ready = asked.get("text", "")
        words = i18n.manage_of(self._language())
        waits = asked.get("who") == AudienceKind.WAITING.value
        kind = AudienceKind.WAITING if waits else AudienceKind.COMING
        kind = AudienceKind.CHOSEN if self._chosen else kind
        return MessageTexts(
            course_id=course_id or first,
            audience=kind.value,
            subject=words.MESSAGE_READY_SUBJECT[ready] if ready in READY else "",
            body=words.MESSAGE_READY_BODY[ready] if ready in READY else "",
        )

    async def _list_courses(self, who: Principal) -> None:
        query = ManagedQuery(state=CourseList.UPCOMING, limit=MAX_COURSES)
        language, page = self._language(), await services().managed_courses.list_of(who, query)
        self.courses = [
            CourseChoice(one.id, f"{one.title}, {say.day(one.starts_at, zone, language)}")
            for one in page.items
            if one.starts_at is not None
            for zone in (one.timezone or "UTC",)
        ]

    async def _name_course(self, who: Principal) -> None:
        """Add the course of the message to the choices if it is none of them."""
        course_id, language = self.shown.course_id, self._language()
        forms = i18n.manage_of(language).PEOPLE_CHOSEN
        self.chosen_words = say.counted(len(self._chosen), forms, language) if self._chosen else ""
        self.course_name = next((one.name for one in self.courses if one.id == course_id), "")
        if course_id and not self.course_name:
            course = await services().managed_courses.get(who, course_id)
            self.course_name = course.title or course_id
            self.courses = [CourseChoice(course_id, self.course_name), *self.courses]

    async def _store(self, who: Principal, *, is_forced: bool) -> MessageView:
        """Store what was typed. Raises what the service raises."""
        messages, values = services().course_messages, written_values(self._typed, self._chosen)
        if not self.message_id:
            course_id = validation.identifier(self._typed.course_id)
            if course_id is None:
                words = i18n.manage_of(self._language())
                raise Invalid([FieldError("/course_id", words.MESSAGE_NO_COURSE)])
            return await messages.create(who, course_id, values)
        revision = self._theirs if is_forced and self._theirs else self.revision
        return await messages.patch(who, self.message_id, values, revision)

    async def _send(self, who: Principal, stored: MessageView, texts: Mapping[str, str]) -> None:
        messages, people = services().course_messages, texts.get("people", "").strip()
        number = int(people) if people.isascii() and people.isdigit() and len(people) < 8 else None  # noqa: PLR2004 - more people than there are
        confirmed = Confirmation(stored.revision, number, "one_more" in texts)
        moment = moment_of(self._typed, stored.timezone)
        if moment is None:
            await messages.send(who, stored.id, confirmed)
        else:
            await messages.plan(who, stored.id, moment, confirmed)

    async def _after_save(self, who: Principal, act: str) -> Notice:
        words = i18n.manage_of(self._language())
        if act == TEST:
            email = await services().course_messages.test(who, self.message_id)
            return Notice(words.MESSAGE_TESTED.format(email=email), "good")
        return Notice(words.MESSAGE_SAVED, "good")

    def _take_over(self, stored: MessageView) -> None:
        """Take over what is stored now. The fields keep their texts."""
        self.message_id, self.revision = stored.id, stored.revision
        self.is_planned = stored.state is Stage.PLANNED
        self.saved_stamp += 1

    async def _preview(self, number: int) -> None:
        """Draw the mail of one person; while a field is wrong the last one stays."""
        texts, language = self._typed, self._language()
        course_id = validation.identifier(texts.course_id)
        if course_id is None:
            return
        values = written_values(texts, self._chosen)
        try:
            who = self._require()
            course = await services().managed_courses.get(who, course_id)
            preview = await services().course_messages.preview(who, course_id, values, number)
        except Invalid as error:
            self.problems = message_problems(error.errors, language)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, language)
            return
        zone, before = course.timezone or "UTC", ""
        if texts.days in DAYS and course.starts_at is not None:
            minutes = int(texts.days) * MINUTES_A_DAY
            before = say.moment(course.starts_at - timedelta(minutes=minutes), zone, language)
        self.look = look_of(preview, texts, say.zone_words(zone, language), before, language)
        asked = ("one_more", "people")  # they are not about what is written
        self.problems = {name: text for name, text in self.problems.items() if name in asked}

    def _refuse(self, errors: tuple[FieldError, ...]) -> None:
        self.problems = message_problems(errors, self._language())
        self.errors_stamp += 1

    async def _compare(self) -> None:
        """Show what somebody else has stored meanwhile, beside what was typed."""
        words = i18n.manage_of(self._language())
        try:
            theirs = await services().course_messages.get(self._require(), self.message_id)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._theirs = theirs.revision
        pairs = (("subject", theirs.subject), ("body", theirs.body))
        self.differences = [
            Difference(words.MESSAGE_LABEL[name], getattr(self._typed, name), text)
            for name, text in pairs
        ]
        self.errors_stamp += 1
