"""The answer to a preview of an edit: what it means for the people who booked."""

from datetime import datetime
from typing import Any

from pydantic import Field

from coursebook.api.schemas.models import ResponseModel
from coursebook.domain.course_edits.offer import OfferPart


class OfferChange(ResponseModel):
    """A part of the offer before and after the edit, in the shape of a course."""

    part: OfferPart
    before: Any = Field(description="Null for `room`: the link for joining is a secret.")
    after: Any


class ExampleMail(ResponseModel):
    """The mail to one of the people, in their language."""

    subject: str
    text: str


class ChangePreview(ResponseModel):
    """The effect of an edit on the people who booked, if they are told."""

    material: list[OfferChange] = Field(description="What concerns everybody who booked.")
    others: list[OfferChange] = Field(
        description="Price and terms: people who have booked keep theirs."
    )
    people: int = Field(ge=0, description="How many have a place, also while they pay.")
    mails: int = Field(ge=0)
    teachers: int = Field(
        ge=0, description="Teachers who get a mail in any case, without yourself."
    )
    needs_tell: bool = Field(description="The start moves forward: people must be told.")
    free_cancel_until: datetime | None = Field(
        description="Until then they could cancel free of charge."
    )
    example: ExampleMail | None = Field(description="Null when nobody would get a mail.")
