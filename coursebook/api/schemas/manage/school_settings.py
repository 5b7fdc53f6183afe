"""Request and response bodies of the school's settings."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from coursebook.api.schemas.manage.team import NO_NUL, sorted_values
from coursebook.api.schemas.models import ResponseModel
from coursebook.api.schemas.parameters import Integer
from coursebook.domain.course_edits.reminder import MAX_LEAD, MIN_LEAD
from coursebook.domain.school_settings import NO, YES
from coursebook.domain.waiting_list.turn import MAX_MINUTES, MIN_MINUTES

MAX_LENGTH = 320
SettingName = Literal[
    "name",
    "email",
    "address",
    "timezone",
    "payment_details",
    "reminder_minutes",
    "offer_minutes",
    "teacher_messages",
    "teacher_contacts",
]


class SchoolSettings(ResponseModel):
    """The settings of the school. A text is empty when it is set nowhere."""

    name: str
    email: str = Field(description="Where replies to mails go.")
    address: str = Field(description="The postal address, in one line.")
    timezone: str = Field(description="IANA name; the time zone of new courses.")
    payment_details: str = Field(description="How to pay by transfer, in one line.")
    reminder_minutes: int = Field(
        description="Minutes before a start at which people get a reminder, unless the course says "
        "otherwise. 0: never."
    )
    offer_minutes: int = Field(
        description="How long a place is offered to somebody who waits, in minutes between 8:00 "
        "and 22:00, unless the course says otherwise. Near the start it is less."
    )
    teacher_messages: bool = Field(
        description="Whether teachers may write to the people of their courses."
    )
    teacher_contacts: bool = Field(
        description="Whether teachers see the mail addresses of the people of their courses."
    )
    fixed: Annotated[list[SettingName], BeforeValidator(sorted_values)] = Field(
        description="Settings from the environment, which cannot be changed here."
    )


class SchoolSettingsChange(BaseModel):
    """New values; what is missing stays. An empty text goes back to that of `school.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(default=None, max_length=MAX_LENGTH, pattern=NO_NUL)
    email: str | None = Field(default=None, max_length=MAX_LENGTH, pattern=NO_NUL)
    address: str | None = Field(default=None, max_length=MAX_LENGTH, pattern=NO_NUL)
    timezone: str | None = Field(default=None, max_length=MAX_LENGTH, pattern=NO_NUL)
    payment_details: str | None = Field(default=None, max_length=MAX_LENGTH, pattern=NO_NUL)
    reminder_minutes: Integer | None = Field(
        default=None,
        description=f"0 for no reminder, or {MIN_LEAD} to {MAX_LEAD}.",
        json_schema_extra={"minimum": 0, "maximum": MAX_LEAD},
    )
    offer_minutes: Integer | None = Field(
        default=None,
        description=f"{MIN_MINUTES} to {MAX_MINUTES}.",
        json_schema_extra={"minimum": MIN_MINUTES, "maximum": MAX_MINUTES},
    )
    teacher_messages: bool | None = Field(
        default=None,
        strict=True,
        description="Whether teachers may write to the people of their courses.",
    )
    teacher_contacts: bool | None = Field(
        default=None,
        strict=True,
        description="Whether teachers see the mail addresses of the people of their courses.",
    )

    def values(self) -> dict[str, str]:
        """Return what is set, as the service takes it."""
        given = {name: value for name, value in self if value is not None}
        texts = {True: YES, False: NO}
        return {n: texts[v] if isinstance(v, bool) else str(v) for n, v in given.items()}
