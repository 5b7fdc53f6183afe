"""Request and response bodies of the money inbox."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import NextCursor, ResponseModel
from coursebook.domain.inbox import InboxAction, InboxKind, Resolution
from coursebook.domain.money import MAX_AMOUNT


class AnyMoney(ResponseModel):
    """An amount as Stripe has it, perhaps in a currency that we do not take."""

    amount: int = Field(description="Minor units.")
    currency: str = Field(description="Lower-case ISO 4217.", examples=["eur"])


class InboxEntry(ResponseModel):
    """Money that a person has to decide about."""

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
    created_at: datetime
    acted_at: datetime | None = Field(description="When its action was started.")
    acted_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    resolution: Resolution | None = Field(
        description="`gone`: its cause went away, `done`: its action was carried out, "
        "`by_hand`: a person closed it."
    )
    note: str | None


class InboxEntryAlone(InboxEntry):
    """An entry with what can only be said of a single one."""

    expect: AnyMoney | None = Field(
        description="What the action gives back now; send it with `act`. Null if it moves no money."
    )
    student: str = Field(description="Whose booking it is about; empty without a booking.")
    course: str = Field(description="Title of its course; empty without a booking.")


class InboxList(ResponseModel):
    """One page of entries, the oldest first."""

    items: list[InboxEntry]
    next_cursor: NextCursor


class Seen(BaseModel):
    """An amount that a person saw."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: int = Field(strict=True, ge=0, le=MAX_AMOUNT, description="Minor units.")
    currency: str = Field(pattern=r"^[a-z]{3}$", description="Lower-case ISO 4217.")


class Act(BaseModel):
    """What to do: the action that the entry shows, so that nobody does what they did not see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: InboxAction
    expect: Seen | None = Field(
        default=None, description="What was shown as given back; another sum now is refused."
    )


class Resolve(BaseModel):
    """That a person has dealt with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = Field(
        min_length=1, max_length=500, pattern=r"^[^\x00]*$", description="What was done."
    )
