"""Messages to the people of courses in words: their list, one with its log, and the form. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coursebook.cldr import number_text
from coursebook.domain.messaging.audience import AudienceKind
from coursebook.domain.messaging.message_limits import MAX_UNTYPED
from coursebook.domain.messaging.message_state import MessageState, RecipientState
from coursebook.domain.texts.markdown import Block, blocks_of
from coursebook.errors import FieldError
from coursebook.services.manage.messaging.message_rules import Moment
from coursebook.services.manage.messaging.message_views import (
    MessagePreview,
    MessageView,
    RecipientView,
)
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.service_sentences import sentence_in

NOW, BEFORE, MOMENT = WHENS = ("now", "before", "moment")
DAYS = ("1", "2", "3", "7", "14")
"""Days before the start that a message can be planned for."""
MINUTES_A_DAY = 24 * 60
READY = ("bring", "thanks")
"""The ready texts of an empty list."""
EDITABLE = (MessageState.DRAFT, MessageState.PLANNED)
TONES = {"planned": "warn", "sending": "live", "failed": "bad"}
FIELDS = {
    "/course_id": "course",
    "/audience/kind": "audience",
    "/audience/booking_ids": "audience",
    "/subject": "subject",
    "/body": "body",
    "/send_at": "day",
    "/minutes_before": "days",
    "/keeps_open": "keeps_open",
    "/people": "people",
    "/one_more": "one_more",
}
"""The fields of the form by their pointers."""


@dataclass(frozen=True)
class MessageRow:
    """One message in the list. `counts` says what became of it, `moment` when it begins."""

    id: str = ""
    subject: str = ""
    href: str = ""
    course: str = ""
    audience: str = ""
    moment: str = ""
    state: str = ""
    tone: str = "plain"
    counts: str = ""


@dataclass(frozen=True)
class MessageDetail:
    """One message. `blocks` are its text as it was written, with placeholders.

    `done_part` and `failed_part` are where the sent and the failed ones end in the bar; what was
    skipped stays empty. `edit_href` is "" when nothing can be edited any more.
    """

    row: MessageRow = field(default_factory=MessageRow)
    course_href: str = ""
    when: str = ""
    later: str = ""
    blocks: list[Block] = field(default_factory=list)
    edit_href: str = ""
    may_stop: bool = False
    has_begun: bool = False
    count: str = ""
    count_words: str = ""
    done_part: str = "0%"
    failed_part: str = "0%"
    rest: str = ""
    failed: str = ""


@dataclass(frozen=True)
class RecipientRow:
    """One person of the log."""

    id: str = ""
    name: str = ""
    email: str = ""
    state: str = ""
    tone: str = "plain"
    reason: str = ""
    href: str = ""


@dataclass(frozen=True)
class MessageTexts:
    """What the fields of the form hold, as they were typed. `when` is one of `WHENS`."""

    course_id: str = ""
    audience: str = AudienceKind.COMING.value
    subject: str = ""
    body: str = ""
    when: str = NOW
    days: str = DAYS[1]
    day: str = ""
    clock: str = ""
    keeps_open: str = ""


@dataclass(frozen=True)
class MessageLook:
    """What stands beside the form: counts of the audiences, and the mail of one person.

    `people_href` is the list of the people, `submit` names what the button does. `needs_number`: so
    many people that it has to be typed.
    """

    counts: dict[str, str] = field(default_factory=dict)
    people: str = ""
    title: str = ""
    addressed: str = ""
    subject: str = ""
    blocks: list[Block] = field(default_factory=list)
    number: int = 1
    paging: str = ""
    is_last: bool = True
    submit: str = ""
    before: str = ""
    zone: str = ""
    needs_number: bool = False
    people_href: str = ""


@dataclass(frozen=True)
class CourseChoice:
    """A course that a message can go to."""

    id: str = ""
    name: str = ""


def message_row(message: MessageView, language: str) -> MessageRow:
    """Return one line of the list."""
    words, counts = i18n.manage_of(language), message.recipients
    has_failed = counts.failed > 0
    moment = message.sent_at or message.planned_for
    return MessageRow(
        id=message.id,
        subject=message.subject or words.MESSAGE_NO_SUBJECT,
        href=_href(message),
        course=message.course_title,
        audience=words.MESSAGE_AUDIENCE[message.audience.kind.value],
        moment=say.moment(moment, message.timezone, language) if moment else "",
        state=words.MESSAGE_STATE[message.state.value],
        tone="bad" if has_failed else TONES.get(message.state.value, "plain"),
        counts=_counts(message, language),
    )


def _part(count: int, total: int) -> str:
    return f"{100 * count / total:.4g}%" if total else "100%"


def message_detail(message: MessageView, language: str) -> MessageDetail:
    """Return one message with how far it has come."""
    words, counts = i18n.manage_of(language), message.recipients
    ended = counts.sent + counts.failed
    is_open = message.state in (MessageState.PLANNED, MessageState.SENDING)
    return MessageDetail(
        row=message_row(message, language),
        course_href=f"/manage/messages?course={message.course_id}",
        when=_when(message, language),
        later=words.MESSAGE_LATER if message.keeps_open else "",
        blocks=blocks_of(message.body),
        edit_href=edit_href(message.id) if message.state in EDITABLE else "",
        may_stop=is_open,
        has_begun=message.sent_at is not None,
        count=number_text(counts.sent, language),
        count_words=words.MESSAGE_SENT_OF.format(total=number_text(counts.total, language)),
        done_part=_part(counts.sent, counts.total),
        failed_part=_part(ended, counts.total),
        rest=" ".join(
            say.counted(number, getattr(words, f"MESSAGE_COUNT_{name.upper()}"), language)
            for name, number in (
                ("queued", counts.queued),
                ("failed", counts.failed),
                ("skipped", counts.skipped),
            )
            if number
        ),
        failed=number_text(counts.failed, language) if counts.failed else "",
    )


def recipient_row(person: RecipientView, number: int, language: str) -> RecipientRow:
    """Return one line of the log."""
    words = i18n.manage_of(language)
    tones = {RecipientState.SENT: "good", RecipientState.FAILED: "bad"}
    return RecipientRow(
        id=f"{number}",
        name=person.name or person.email or "\N{EN DASH}",
        email=person.email or "",
        state=words.MESSAGE_RECIPIENT[person.state.value],
        tone=tones.get(person.state, "plain"),
        reason=person.reason,
        href=f"/manage/bookings/{person.booking_id}" if person.booking_id else "",
    )


def edit_href(message_id: str) -> str:
    """Return the address of the form of a stored message."""
    return f"/manage/messages/new?message={message_id}"


def texts_of_message(message: MessageView) -> MessageTexts:
    """Return what the fields hold for a stored message."""
    local = message.planned_for and message.planned_for.astimezone(ZoneInfo(message.timezone))
    when, days = NOW, DAYS[1]
    if message.minutes_before is not None:
        when, days = BEFORE, str(message.minutes_before // MINUTES_A_DAY)
    elif local is not None:
        when = MOMENT
    return MessageTexts(
        course_id=message.course_id,
        audience=message.audience.kind.value,
        subject=message.subject,
        body=message.body,
        when=when,
        days=days,
        day=local.date().isoformat() if local and when == MOMENT else "",
        clock=local.strftime("%H:%M") if local and when == MOMENT else "",
        keeps_open="on" if message.keeps_open else "",
    )


def texts_from_form(texts: Mapping[str, str]) -> MessageTexts:
    """Return what was sent, as it was typed."""
    names = MessageTexts.__dataclass_fields__
    return MessageTexts(**{name: texts[name] for name in names if name in texts})


def written_values(texts: MessageTexts, chosen: Sequence[str]) -> dict[str, Any]:
    """Return what is written, as the services take it. `chosen` are ids of bookings."""
    audience: dict[str, Any] = {"kind": texts.audience}
    if texts.audience == AudienceKind.CHOSEN.value:
        audience["booking_ids"] = list(chosen)
    return {
        "audience": audience,
        "subject": texts.subject,
        "body": texts.body,
        "keeps_open": bool(texts.keeps_open),
    }


def moment_of(texts: MessageTexts, timezone: str) -> Moment | None:
    """Return when to send, None for now; a moment without a day when it cannot be read."""
    if texts.when == BEFORE:
        is_known = texts.days.isdigit() and len(texts.days) <= len("366")
        return Moment(minutes_before=int(texts.days) * MINUTES_A_DAY if is_known else None)
    if texts.when != MOMENT:
        return None
    try:
        local = datetime.fromisoformat(f"{texts.day}T{texts.clock or '09:00'}")
        return Moment(local.replace(tzinfo=ZoneInfo(timezone)))
    except (ValueError, OverflowError):
        return Moment()


def look_of(
    preview: MessagePreview, texts: MessageTexts, zone: str, before: str, language: str
) -> MessageLook:
    """Return what stands beside the form. `before` is the moment of "days before the start"."""
    words = i18n.manage_of(language)
    name = preview.reader.name if preview.reader else words.MESSAGE_NOBODY
    forms = words.MESSAGE_SUBMIT if texts.when == NOW else words.MESSAGE_SUBMIT_PLAN
    paging = words.MESSAGE_PAGING.format(
        number=number_text(preview.number, language), people=number_text(preview.people, language)
    )
    return MessageLook(
        counts={kind.value: number_text(n, language) for kind, n in preview.counts.items()},
        people=say.counted(preview.people, words.MESSAGE_PEOPLE, language),
        title=words.MESSAGE_AS_READ.format(name=name) if preview.reader else words.MESSAGE_EXAMPLE,
        addressed=words.MESSAGE_TO.format(name=name, reply=preview.reply_to)
        if preview.reply_to
        else words.MESSAGE_TO_ONLY.format(name=name),
        subject=preview.subject,
        blocks=list(preview.blocks),
        number=preview.number,
        paging=paging if preview.people > 1 else "",
        is_last=preview.number >= preview.people,
        submit=say.counted(preview.people, forms, language),
        before=before,
        zone=zone,
        needs_number=preview.people > MAX_UNTYPED,
        people_href=_people_href(texts),
    )


def _people_href(texts: MessageTexts) -> str:
    """Return the list of the people of the course that is closest to the rule."""
    lists = ("coming", "paying", "owes", "waiting", "cancelled")
    query = f"?list={texts.audience}" if texts.audience in lists else ""
    return f"/manage/courses/{texts.course_id}/people{query}"


def message_problems(errors: Sequence[FieldError], language: str) -> dict[str, str]:
    """Return the sentence of each field that was refused."""
    problems: dict[str, str] = {}
    for error in errors:
        name = FIELDS.get(error.pointer, "subject")
        problems.setdefault(name, sentence_in(error.detail, language))
    return problems


def _href(message: MessageView) -> str:
    is_draft = message.state is MessageState.DRAFT
    return edit_href(message.id) if is_draft else f"/manage/messages/{message.id}"


def _counts(message: MessageView, language: str) -> str:
    words, counts = i18n.manage_of(language), message.recipients
    if message.sent_at is None:
        return ""
    sent = words.MESSAGE_SENT_COUNT.format(
        sent=number_text(counts.sent, language), total=number_text(counts.total, language)
    )
    failed = (
        say.counted(counts.failed, words.MESSAGE_COUNT_FAILED, language) if counts.failed else ""
    )
    return " · ".join(filter(None, (sent, failed)))


def _when(message: MessageView, language: str) -> str:
    words = i18n.manage_of(language)
    moment = message.sent_at or message.planned_for
    if moment is None:
        return ""
    form = words.MESSAGE_BEGAN if message.sent_at else words.MESSAGE_BEGINS
    return str(form.format(moment=say.moment(moment, message.timezone, language)))
