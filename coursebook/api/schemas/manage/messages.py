"""Bodies about messages to the people of a course."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import NextCursor, ResponseModel
from coursebook.api.schemas.parameters import Integer, PageParameters, Text
from coursebook.domain.messaging.audience import MAX_CHOSEN, AudienceKind
from coursebook.domain.messaging.message_limits import MAX_BODY, MAX_SUBJECT
from coursebook.domain.messaging.message_state import MessageState, RecipientState
from coursebook.services.manage.messaging.message_rules import Confirmation, Moment

MAX_REVISION = 10**9
MAX_PEOPLE = 1_000_000
MAX_MINUTES = 366 * 24 * 60
CourseIdField = Annotated[str, Field(min_length=1, max_length=40)]


class AudienceFields(BaseModel):
    """Whom a message goes to: a rule, which is resolved when it is sent."""

    model_config = ConfigDict(extra="forbid")

    kind: AudienceKind = Field(description="`chosen`: these bookings of the course.")
    booking_ids: list[str] = Field(
        default_factory=list, max_length=MAX_CHOSEN, description="Only for `chosen`."
    )


class MessageFields(BaseModel):
    """What is written. Placeholders: `{name}`, `{course}`, `{when}`, `{where}`, `{link}`."""

    model_config = ConfigDict(extra="forbid")

    audience: AudienceFields | None = None
    subject: str | None = Field(default=None, max_length=MAX_SUBJECT)
    body: str | None = Field(default=None, max_length=MAX_BODY, description="Markdown.")
    keeps_open: bool | None = Field(
        default=None, description="Also who books later, until the course begins."
    )

    def values(self) -> dict[str, Any]:
        """Return the fields that are there, as the service takes them."""
        names = set(MessageFields.model_fields)
        return self.model_dump(mode="json", include=names, exclude_none=True)


class NewMessage(MessageFields):
    """A draft."""

    course_id: CourseIdField


class MessageEdit(MessageFields):
    """An edit. Fields that are missing stay as they are."""

    revision: Annotated[Integer, Field(ge=1, le=MAX_REVISION)] = Field(
        description="That of the message that was seen."
    )


class PreviewRequest(NewMessage):
    """What would be sent, and whose mail to show."""

    number: Annotated[Integer, Field(ge=1, le=MAX_PEOPLE)] = Field(
        default=1, description="Counts from 1; beyond the last person it is the last."
    )


class Sending(BaseModel):
    """The decision to send."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[Integer, Field(ge=1, le=MAX_REVISION)]
    people: Annotated[Integer, Field(ge=0, le=MAX_PEOPLE)] | None = Field(
        default=None, description="Their number, typed. Needed above 200 people."
    )
    one_more: bool = Field(
        default=False, description="Needed for more than 3 messages to the course in a day."
    )

    def confirmation(self) -> Confirmation:
        """Return it as the service takes it."""
        return Confirmation(self.revision, self.people, self.one_more)


class Planning(Sending):
    """When to send: one of the two."""

    send_at: AwareDatetime | None = Field(default=None, description="With its zone or offset.")
    minutes_before: Annotated[Integer, Field(ge=1, le=MAX_MINUTES)] | None = Field(
        default=None, description="Before the course starts; it moves with the start."
    )

    def moment(self) -> Moment:
        """Return it as the service takes it."""
        return Moment(self.send_at, self.minutes_before)


class Audience(ResponseModel):
    """The rule."""

    kind: AudienceKind
    booking_ids: list[str]


class RecipientCounts(ResponseModel):
    """How many people are in each state."""

    queued: int = Field(ge=0)
    sent: int = Field(ge=0)
    failed: int = Field(ge=0)
    skipped: int = Field(ge=0)
    total: int = Field(ge=0)


class Message(ResponseModel):
    """A message to the people of a course."""

    id: str
    course_id: str
    course_title: str
    course_starts_at: datetime
    timezone: str
    audience: Audience
    subject: str
    body: str
    state: MessageState
    planned_for: datetime | None = Field(description="When a planned one begins, as of now.")
    minutes_before: int | None
    keeps_open: bool
    revision: int = Field(ge=1, description="Send it with an edit, and to send or plan.")
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None = Field(description="When sending began.")
    recipients: RecipientCounts = Field(description="Written down when sending began.")


class MessageList(ResponseModel):
    """One page of messages, changed last first."""

    items: list[Message]
    next_cursor: NextCursor


class Recipient(ResponseModel):
    """One person whom a message goes to."""

    booking_id: str | None
    name: str
    email: str | None = Field(description="Null without the right to see contacts.")
    state: RecipientState
    reason: str = Field(description="Why it failed.")
    at: datetime


class RecipientList(ResponseModel):
    """One page of the log of a message, by name."""

    items: list[Recipient]
    next_cursor: NextCursor


class PreviewReader(ResponseModel):
    """The person whose mail is shown."""

    name: str
    email: str | None = Field(description="Null without the right to see contacts.")


class MessagePreview(ResponseModel):
    """What would be sent now."""

    people: int = Field(ge=0)
    counts: dict[AudienceKind, int] = Field(description="The people of each rule.")
    number: int = Field(ge=1)
    reader: PreviewReader | None = Field(description="Null when nobody is meant now.")
    reply_to: str
    subject: str
    text: str
    html: str


class TestSent(ResponseModel):
    """The test is on its way."""

    email: str


class MessageParameters(PageParameters):
    """The filters and the page of a list of messages."""

    course_id: Text | None = Field(default=None, max_length=40, description="Only of this course.")
    state: MessageState | None = Field(default=None, description="Only in this state.")


class RecipientParameters(PageParameters):
    """The filters and the page of a log."""

    state: RecipientState | None = Field(default=None, description="Only in this state.")
