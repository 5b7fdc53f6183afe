"""The messages of the school to the people of a course: write, preview, try, send, plan, stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from coursebook.domain.external_text import clean_id, mail_address
from coursebook.domain.messaging.audience import AudienceKind
from coursebook.domain.messaging.message_state import MessageAct, MessageState, RecipientState
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import FieldError, Forbidden, Invalid, MessageNotFound
from coursebook.identity.principal import Principal
from coursebook.mail.facts import MessageText
from coursebook.persistence.messaging.message_rows import MessageFilter
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.columns import ID_LENGTH, new_id
from coursebook.persistence.schema.tables import Message
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.messaging.message_passes import begin, note
from coursebook.services.manage.messaging.message_rules import (
    Confirmation,
    Moment,
    check_sending,
    course_of,
    moved,
    planned_at,
    refuse_missing,
    refuse_other,
    require_audience,
    values_of,
)
from coursebook.services.manage.messaging.message_values import (
    NOTHING_WRITTEN,
    MessageValues,
    read_message,
)
from coursebook.services.manage.messaging.message_views import (
    MessagePage,
    MessagePreview,
    MessageView,
    Reader,
    RecipientPage,
    message_view,
    recipient_views,
)
from coursebook.services.outbox.message_mails import MESSAGE_TEST, example_mail
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.rate_limits import Limits

log = structlog.get_logger("coursebook.messages")


@dataclass(frozen=True)
class MessageQuery:
    """The filters and the page of the list of messages."""

    course_id: str | None = None
    states: tuple[MessageState, ...] = ()
    limit: int = 20
    cursor: str | None = None


class CourseMessages:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable."""

    def __init__(self, context: Context, access: Access, limits: Limits) -> None:
        self._context = context
        self._access = access
        self._limits = limits

    async def list_of(self, who: Principal | None, query: MessageQuery) -> MessagePage:
        """Return one page of messages, changed last first. Raises CourseNotFound, Invalid."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEND_MESSAGES, query.course_id)
        kind = f"messages:{query.course_id or ''}:changed_at"
        key = read_cursor(query.cursor, kind)
        courses = rights.courses_for(Permission.SEND_MESSAGES)
        chosen = MessageFilter(query.course_id, query.states, courses)
        async with reading(self._context.database) as work:
            rows = await work.messages.page(chosen, key, query.limit + 1)
            shown, next_cursor = rows[: query.limit], None
            counts = await work.messages.counts([message.id for message, _ in shown])
        if len(rows) > len(shown):
            last = shown[-1][0]
            next_cursor = write_cursor(kind, last.changed_at, last.id)
        views = tuple(message_view(row, course, counts[row.id]) for row, course in shown)
        return MessagePage(views, next_cursor)

    async def get(self, who: Principal | None, message_id: str) -> MessageView:
        """Return one message. Raises MessageNotFound."""
        rights = await self._access.rights_of(who)
        async with reading(self._context.database) as work:
            message = await self._readable(work, message_id, rights)
            return await _view(work, message)

    async def recipients(
        self,
        who: Principal | None,
        message_id: str,
        *,
        states: tuple[RecipientState, ...] = (),
        limit: int = 50,
        cursor: str | None = None,
    ) -> RecipientPage:
        """Return one page of the people that a message goes to, by name. Raises MessageNotFound."""
        rights = await self._access.rights_of(who)
        async with reading(self._context.database) as work:
            message = await self._readable(work, message_id, rights)
            kind = f"recipients:{message.id}:{'-'.join(states)}:name"
            rows = await work.messages.recipients(
                message.id, states, read_cursor(cursor, kind), limit + 1
            )
        shown, next_cursor = rows[:limit], None
        if len(rows) > len(shown):
            last = shown[-1][0]
            next_cursor = write_cursor(kind, last.name.lower(), last.user_id)
        sees = rights.allows(Permission.SEE_CONTACTS, message.course_id)
        return RecipientPage(recipient_views(shown, sees_contacts=sees), next_cursor)

    async def create(
        self, who: Principal | None, course_id: str, values: Mapping[str, Any]
    ) -> MessageView:
        """Save a draft to the people of a course. Raises CourseNotFound, Invalid with pointers."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEND_MESSAGES, course_id)
        assert who is not None, "has rights"
        parsed = read_message(values, NOTHING_WRITTEN)
        require_audience(rights, parsed.audience, course_id)
        now, actor = self._context.clock(), rights.actor(who.user_id)
        async with writing(self._context.database) as work:
            await course_of(work, course_id)
            message = Message(
                id=new_id("msg"),
                course_id=course_id,
                **_columns(parsed),
                state=MessageState.DRAFT.value,
                revision=1,
                created_by=str(actor),
                created_at=now,
                changed_at=now,
            )
            work.messages.add(message)
            note(work, message, "created", None, actor=actor, now=now)
            await work.flush()
            return await _view(work, message)

    async def patch(
        self, who: Principal | None, message_id: str, values: Mapping[str, Any], revision: int
    ) -> MessageView:
        """Edit a draft or a planned message of which the person has seen this `revision`.

        Raises MessageNotFound, MessageEditedMeanwhile, NotActionable, Invalid with pointers.
        """
        rights = await self._access.rights_of(who)
        assert who is not None, "has rights"
        now, actor = self._context.clock(), rights.actor(who.user_id)
        async with writing(self._context.database) as work:
            message = await _locked(work, message_id, rights)
            moved(message, MessageAct.EDIT)
            refuse_other(message, revision)
            parsed = read_message(values, values_of(message))
            require_audience(rights, parsed.audience, message.course_id)
            if message.state == MessageState.PLANNED.value:
                refuse_missing(parsed)
            if parsed != values_of(message):
                for name, value in _columns(parsed).items():
                    setattr(message, name, value)
                message.revision, message.changed_at = message.revision + 1, now
                note(work, message, "changed", message.state, actor=actor, now=now)
            await work.flush()
            return await _view(work, message)

    async def preview(
        self,
        who: Principal | None,
        course_id: str,
        values: Mapping[str, Any],
        number: int = 1,
    ) -> MessagePreview:
        """Return the mail that one of the people would get now. Writes nothing.

        Raises CourseNotFound, and Invalid as `create` does.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEND_MESSAGES, course_id)
        assert who is not None, "has rights"
        parsed = read_message(values, NOTHING_WRITTEN)
        require_audience(rights, parsed.audience, course_id)
        now = self._context.clock()
        async with reading(self._context.database) as work:
            course = await course_of(work, course_id)
            counts = await work.audiences.counts(course_id, _kinds(rights, course_id), now)
            people = await work.audiences.people(course_id, parsed.audience, now)
            place = min(max(number, 1), max(len(people), 1))
            person = people[place - 1] if people else None
            user = await work.users.by_subject(who.user_id)
            writer = (who.name, user.language if user else "")
            words = MessageText(parsed.subject, parsed.body)
            mail = await example_mail(self._context, work, course, words, person, writer=writer)
        reader = None
        if person is not None:
            sees = rights.allows(Permission.SEE_CONTACTS, course_id)
            name = person.participant_name or person.name
            reader = Reader(name, person.email if sees else None)
        return MessagePreview(
            people=len(people),
            counts=counts,
            number=place,
            reader=reader,
            reply_to=mail.reply_to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            blocks=mail.blocks,
        )

    async def test(self, who: Principal | None, message_id: str) -> str:
        """Send an example of a message to whoever asks, and to nobody else; return the address.

        Raises MessageNotFound, Invalid, RateLimited.
        """
        rights = await self._access.rights_of(who)
        assert who is not None, "has rights"
        async with reading(self._context.database) as work:
            message = await self._readable(work, message_id, rights)
            refuse_missing(values_of(message))
            user = await work.users.by_subject(who.user_id)
            email = mail_address(who.email) or mail_address(user.email if user else "")
        if not email:
            raise Invalid([FieldError("", "Your account has no email address.")])
        await self._limits.count("message", who.user_id)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            payload = {"message_id": message.id, "writer": who.user_id, "email": email}
            key = f"{MESSAGE_TEST}:{new_id('try')}"
            await work.outbox.enqueue(MESSAGE_TEST, key, payload, now, lane=Lane.PERSONAL)
        log.info("message.tested", message=message.id)
        return email

    async def send(
        self, who: Principal | None, message_id: str, confirmed: Confirmation
    ) -> MessageView:
        """Send a message now. Its recipients are written down in this transaction.

        Raises MessageNotFound, MessageEditedMeanwhile, NotActionable, and Invalid: without a text,
        without anybody to send it to, above 200 people without their number (`/people`), and for
        more than three a day without the tick (`/one_more`).
        """
        rights = await self._access.rights_of(who)
        assert who is not None, "has rights"
        now, actor = self._context.clock(), rights.actor(who.user_id)
        async with writing(self._context.database) as work:
            message = await _locked(work, message_id, rights)
            moved(message, MessageAct.SEND)
            refuse_other(message, confirmed.revision)
            await check_sending(work, message, confirmed, now, now=now, rights=rights)
            await self._limits.count("message", who.user_id)
            message.send_at, message.relative_minutes = None, None
            await begin(work, message, actor, now)
            await work.flush()
            return await _view(work, message)

    async def plan(
        self, who: Principal | None, message_id: str, moment: Moment, confirmed: Confirmation
    ) -> MessageView:
        """Plan a message, or change when a planned one begins.

        Raises what `send` raises, and Invalid for a moment that is not ahead.
        """
        rights = await self._access.rights_of(who)
        assert who is not None, "has rights"
        now, actor = self._context.clock(), rights.actor(who.user_id)
        async with writing(self._context.database) as work:
            message = await _locked(work, message_id, rights)
            state = moved(message, MessageAct.PLAN)
            refuse_other(message, confirmed.revision)
            course = await course_of(work, message.course_id)
            at = planned_at(moment, course, now)
            await check_sending(work, message, confirmed, at, now=now, rights=rights)
            await self._limits.count("message", who.user_id)
            before, message.state = message.state, state.value
            message.send_at = moment.send_at if moment.minutes_before is None else None
            message.relative_minutes = moment.minutes_before
            message.revision, message.changed_at = message.revision + 1, now
            note(work, message, "planned", before, actor=actor, now=now, at=at.isoformat())
            log.info("message.planned", message=message.id)
            await work.flush()
            return await _view(work, message)

    async def stop(self, who: Principal | None, message_id: str) -> MessageView:
        """Stop a planned message, or one that is being sent: the rest is skipped.

        Raises MessageNotFound, NotActionable.
        """
        rights = await self._access.rights_of(who)
        assert who is not None, "has rights"
        now, actor = self._context.clock(), rights.actor(who.user_id)
        async with writing(self._context.database) as work:
            message = await _locked(work, message_id, rights)
            state = moved(message, MessageAct.STOP)
            before, message.state = message.state, state.value
            message.changed_at, message.revision = now, message.revision + 1
            await work.flush()
            skipped = await work.messages.skip_queued(message.id, now)
            note(work, message, "stopped", before, actor=actor, now=now, skipped=skipped)
            log.info("message.stopped", message=message.id, skipped=skipped)
            return await _view(work, message)

    async def _readable(self, work: UnitOfWork, message_id: str, rights: Rights) -> Message:
        known = clean_id(message_id, ID_LENGTH)
        return _allowed(await work.messages.find(known) if known else None, rights)


async def _locked(work: UnitOfWork, message_id: str, rights: Rights) -> Message:
    known = clean_id(message_id, ID_LENGTH)
    return _allowed(await work.messages.lock(known) if known else None, rights)


def _allowed(message: Message | None, rights: Rights) -> Message:
    """Return the message. Raises Forbidden without the right, MessageNotFound otherwise."""
    if not rights.allows(Permission.SEND_MESSAGES):
        raise Forbidden
    if message is None or not rights.allows(Permission.SEND_MESSAGES, message.course_id):
        raise MessageNotFound
    return message


def _kinds(rights: Rights, course_id: str) -> tuple[AudienceKind, ...]:
    """Return the rules that the person may use, without the one of chosen bookings."""
    hidden = {AudienceKind.CHOSEN}
    if not rights.allows(Permission.SEE_MONEY, course_id):
        hidden.add(AudienceKind.OWES)
    return tuple(kind for kind in AudienceKind if kind not in hidden)


async def _view(work: UnitOfWork, message: Message) -> MessageView:
    course = await course_of(work, message.course_id)
    counts = await work.messages.counts([message.id])
    return message_view(message, course, counts[message.id])


def _columns(values: MessageValues) -> dict[str, Any]:
    return {
        "audience": values.audience.json,
        "subject": values.subject,
        "body": values.body,
        "keeps_open": values.keeps_open,
    }
