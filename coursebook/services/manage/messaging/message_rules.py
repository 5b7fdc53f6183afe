"""What sending and planning a message needs, and what is refused."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.external_text import clean_id
from coursebook.domain.messaging.audience import Audience, AudienceKind
from coursebook.domain.messaging.message_limits import MAX_A_DAY, MAX_AHEAD, MAX_UNTYPED
from coursebook.domain.messaging.message_state import MessageAct, MessageState, after
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import (
    CourseNotFound,
    FieldError,
    Invalid,
    MessageEditedMeanwhile,
    NotActionable,
)
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Course, Message
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.messaging.message_values import MessageValues, missing_texts
from coursebook.services.manage.messaging.message_views import planned_moment

NOT_POSSIBLE = {
    MessageState.SENDING: "This message is already being sent. Nothing has changed.",
    MessageState.SENT: "This message was already sent. Nothing has changed.",
    MessageState.STOPPED: "This message was stopped. Nothing has changed.",
    MessageState.DRAFT: "This message is a draft. Nothing has changed.",
}


@dataclass(frozen=True)
class Confirmation:
    """What a person confirms by sending or planning.

    `revision`: that of the message that they saw. `people`: the number that they typed. `one_more`:
    the tick for more than three messages a day.
    """

    revision: int
    people: int | None = None
    one_more: bool = False


@dataclass(frozen=True)
class Moment:
    """When a planned message begins: at a moment, or some minutes before the course starts."""

    send_at: datetime | None = None
    minutes_before: int | None = None


async def check_sending(
    work: UnitOfWork,
    message: Message,
    confirmed: Confirmation,
    at: datetime,
    *,
    now: datetime,
    rights: Rights,
) -> None:
    """Raise Invalid unless everything is there that sending at this moment needs."""
    values = values_of(message)
    require_audience(rights, values.audience, message.course_id)
    errors = missing_texts(values)
    people = await work.audiences.people(message.course_id, values.audience, now)
    if not people and not values.keeps_open and at <= now:
        errors.append(FieldError("/audience/kind", "Nobody would get this message now."))
    if len(people) > MAX_UNTYPED and confirmed.people != len(people):
        detail = f"This message goes to {len(people)} people. Please type this number."
        errors.append(FieldError("/people", detail))
    if not confirmed.one_more:
        number = await _number_on_the_day(work, message, at)
        if number >= MAX_A_DAY:
            detail = f"{number} messages go to this course on that day. Tick to send one more."
            errors.append(FieldError("/one_more", detail))
    if errors:
        raise Invalid(errors)


def moved(message: Message, act: MessageAct) -> MessageState:
    """Return the state after an act. Raises NotActionable."""
    state = MessageState(message.state)
    then = after(state, act)
    if then is None:
        raise NotActionable(NOT_POSSIBLE.get(state))
    return then


def refuse_other(message: Message, revision: int) -> None:
    """Raise MessageEditedMeanwhile for another revision than the one that was seen."""
    if message.revision != revision:
        raise MessageEditedMeanwhile


def refuse_missing(values: MessageValues) -> None:
    """Raise Invalid for a message without a subject or a text."""
    errors = missing_texts(values)
    if errors:
        raise Invalid(errors)


def require_audience(rights: Rights, audience: Audience, course_id: str) -> None:
    """Raise Forbidden for a rule about money that the person may not see."""
    if audience.kind is AudienceKind.OWES:
        rights.require(Permission.SEE_MONEY, course_id)


def planned_at(moment: Moment, course: Course, now: datetime) -> datetime:
    """Return the moment that a plan means. Raises Invalid for one that is not ahead."""
    pointer = "/send_at" if moment.minutes_before is None else "/minutes_before"
    at = planned_moment(moment.send_at, moment.minutes_before, course.starts_at)
    if at is None:
        raise Invalid([FieldError("/send_at", "Say when to send it.")])
    if at <= now:
        raise Invalid([FieldError(pointer, "This moment is over. Choose one that is ahead.")])
    if at > now + MAX_AHEAD:
        raise Invalid([FieldError(pointer, "Choose a moment within a year.")])
    return at


async def _number_on_the_day(work: UnitOfWork, message: Message, at: datetime) -> int:
    """Return how many other messages go to the course on that day, in its zone."""
    course = await course_of(work, message.course_id)
    zone = ZoneInfo(course.timezone)
    day = at.astimezone(zone).date()
    since = datetime.combine(day, time(), zone)
    until = datetime.combine(day + timedelta(days=1), time(), zone)
    number = await work.messages.begun_between(course.id, since, until)
    for planned in await work.messages.planned_of(course.id):
        begins = planned_moment(planned.send_at, planned.relative_minutes, course.starts_at)
        is_other = planned.id != message.id
        number += is_other and begins is not None and since <= begins < until
    return number


async def course_of(work: UnitOfWork, course_id: str) -> Course:
    """Return a course. Raises CourseNotFound."""
    known = clean_id(course_id, ID_LENGTH)
    course = await work.session.get(Course, known) if known else None
    if course is None:
        raise CourseNotFound
    return course


def values_of(message: Message) -> MessageValues:
    """Return what is written in a message."""
    audience = Audience.of(message.audience)
    return MessageValues(audience, message.subject, message.body, message.keeps_open)
