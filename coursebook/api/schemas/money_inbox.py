"""Request and response bodies of the money inbox."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import NextCursor, ResponseModel
from coursebook.api.schemas.parameters import Integer
from coursebook.domain.inbox import InboxAction, InboxKind, Resolution
from coursebook.domain.money import MAX_AMOUNT


class AnyMoney(ResponseModel):
    """An amount reported by Stripe, possibly in a currency that we do not accept."""

    amount: int = Field(description="Minor units.")
    currency: str = Field(description="Lower-case ISO 4217.", examples=["eur"])


class InboxEntry(ResponseModel):
    """A payment that needs a decision by an operator."""

    id: str
    kind: InboxKind
    cause: str = Field(description="Why the entry was opened.")
    money: str = Field(description="What happened to the money.")
    detail: str = Field(description="The facts of this case.")
    amount: AnyMoney | None
    booking_id: str | None
    session_id: str | None
    action: InboxAction | None = Field(
        description="The one safe action that `act` carries out; null when the entry is closed."
    )
    other_action: InboxAction | None = Field(
        description="The other action, for the few kinds that offer two."
    )
    created_at: datetime
    acted_at: datetime | None = Field(description="When its action was started.")
    acted_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    resolution: Resolution | None = Field(
        description="`gone`: its cause was resolved, `done`: its action was carried out, "
        "`by_hand`: a person closed it."
    )
    note: str | None


class InboxEntryAlone(InboxEntry):
    """An entry with the details that lists omit."""

    expect: AnyMoney | None = Field(
        description="The refund of the action now; send it with `act`. Null if it moves no money."
    )
    student: str = Field(
        description="The student of its booking; empty without a booking, and for somebody who may "
        "not see people."
    )
    course: str = Field(description="Title of its course; empty without a booking.")


class InboxList(ResponseModel):
    """One page of entries, the oldest first."""

    items: list[InboxEntry]
    next_cursor: NextCursor


class Seen(BaseModel):
    """An amount that was shown to a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Integer = Field(ge=0, le=MAX_AMOUNT, description="Minor units.")
    currency: str = Field(pattern=r"^[a-z]{3}$", description="Lower-case ISO 4217.")


class Act(BaseModel):
    """The action as shown by the entry. Any other action is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: InboxAction
    expect: Seen | None = Field(
        default=None,
        description="The refund that was shown. If it has changed, the call is refused.",
    )


class Resolve(BaseModel):
    """Closes an entry that a person has handled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = Field(
        min_length=1, max_length=500, pattern=r"^[^\x00]*$", description="How it was handled."
    )
