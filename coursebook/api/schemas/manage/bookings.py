"""Request and response bodies of the bookings of others, on the operator's side."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.manage.people import AttendanceMark, BegunMeeting
from coursebook.api.schemas.manage.sums import Sum
from coursebook.api.schemas.models import (
    MAX_TOTAL,
    Course,
    Expectation,
    Money,
    ResponseModel,
    TermStep,
)
from coursebook.api.schemas.parameters import Integer, Text
from coursebook.domain.booking import BookingSource, PaymentStatus, SeatState
from coursebook.domain.booking_edits.give_back import Give, GiveBack
from coursebook.services.bookings.expected_amounts import Expected
from coursebook.services.bookings.operator_orders import (
    MAX_NOTE_LENGTH,
    MAX_REASON_LENGTH,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    RefundOrder,
)
from coursebook.services.manage.booking_views import BookingAct, MoneyKind


class Act(ResponseModel):
    """Whether something can be done with the booking now."""

    is_possible: bool
    why_not: str = Field(description="A code such as `disputed` or `forbidden`; empty if possible.")


class BookedPerson(ResponseModel):
    """A person. The contact is null for callers who may not see it."""

    name: str
    email: str | None
    phone: str | None
    is_guest: bool = Field(description="Entered by the school, without an account.")


class MoneyLine(ResponseModel):
    """One payment, refund, or sum by hand."""

    kind: MoneyKind
    id: str
    direction: str = Field(description="`in` from the student, or `out`.")
    method: str = Field(description="`card`, or how it is handed over.")
    state: str
    amount: Money
    at: datetime
    cause: str = Field(description="The rule or act that a refund comes from.")
    reason: str = Field(description="An operator's own words.")
    note: str = Field(description="An operator's words to the student.")
    by: str = Field(description="The name of the operator; empty for a rule.")
    error: str
    reference: str
    due_on: date | None
    received_on: date | None
    receipt_url: str
    is_disputed: bool
    fee: Sum | None = Field(description="What Stripe took; null until it said so.")
    net: Sum | None = Field(description="What it moved at Stripe; negative for a refund.")
    payout_id: str = Field(description="The payout that it went into; empty before.")


class BookingMoney(ResponseModel):
    """The money of a booking, in its currency."""

    payment_status: PaymentStatus
    price: Money
    list_price: Money | None = Field(
        description="The price of the course, when the school gave another one."
    )
    received: Money
    given_back: Money = Field(description="Refunded, or on its way.")
    kept: Money = Field(description="`received` without `given_back`.")
    at_the_bank: Money = Field(description="What of `kept` is disputed at a bank.")
    refundable: Money = Field(description="What of `kept` can be given back now.")
    promised_now: Money = Field(
        description="What the promise gives back if the person cancels now."
    )
    stays: Money = Field(description="What the school keeps of an ended booking, by a decision.")
    stays_why: str = Field(description="`terms`, or an operator's own words; empty before.")
    lines: list[MoneyLine] = Field(description="Every movement, oldest first.")


class StoryStep(ResponseModel):
    """One event. `fact` is a word such as `confirmed`; new ones may be added."""

    fact: str
    at: datetime
    by: str = Field(description="`student`, `operator`, `worker` or another part of the program.")
    by_name: str
    amount: Money | None
    detail: str = Field(description="In English, for operators. For a mail: its kind.")


class MeetingAttendance(ResponseModel):
    """A meeting, and what is recorded of the person."""

    meeting: BegunMeeting
    mark: AttendanceMark | None


class ManagedBooking(ResponseModel):
    """A booking as the people who manage it see it. What the caller may not see is null."""

    id: str
    number: str = Field(description="The number that people use; not unique.")
    course: Course
    name: str = Field(description="The person who takes part.")
    participant: BookedPerson | None = Field(description="Null when the payer takes part.")
    payer: BookedPerson
    place: SeatState
    end_cause: str = Field(description="Why the place ended; empty while it has not.")
    source: BookingSource = Field(description="Who made the booking.")
    booked_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    hold_expires_at: datetime | None
    reserved_until: datetime | None = Field(
        description="Until then the place is held without a payment page."
    )
    moved_from: str | None = Field(description="The id of the course that it was on before.")
    promise: list[TermStep]
    free_cancel_until: datetime | None
    money: BookingMoney | None
    expect: Money | None = Field(
        description="The sum kept. Send it back as `expect` with an act on money."
    )
    note: str = Field(description="The school's own; the student never sees it.")
    tags: list[str]
    story: list[StoryStep] = Field(description="Everything that happened, oldest first.")
    acts: dict[BookingAct, Act]
    attendance: list[MeetingAttendance] = Field(
        description="The meetings that began or begin today, the first one first."
    )


class KeptExpectation(Expectation):
    """The sums that were shown to the operator. If one has changed, the call has no effect.

    `amount` is the sum kept (`expect` of the booking).
    """

    promised: Integer | None = Field(
        default=None,
        ge=0,
        le=MAX_TOTAL,
        description="`money.promised_now` as it was shown. Send it when you give back `terms`, "
        "which change with time.",
    )


class RefundRequest(BaseModel):
    """A part of the money to give back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Integer = Field(ge=1, le=MAX_TOTAL, description="Minor units.")
    reason: Text = Field(
        max_length=MAX_REASON_LENGTH, description="Why; the mail about the refund has it."
    )
    note: Text = Field(
        default="", max_length=MAX_REASON_LENGTH, description="A message to the student."
    )
    expect: Expectation = Field(description="The sum kept, as the booking showed it.")
    cancel_place: bool = Field(
        default=False, strict=True, description="`true`: the place ends too."
    )
    agreed: bool = Field(
        default=False,
        strict=True,
        description="With `cancel_place`: confirms that it is less than was promised.",
    )

    def order(self) -> RefundOrder:
        """Return the same values for the services."""
        return RefundOrder(
            self.amount,
            self.reason,
            Expected(self.expect.amount, self.expect.currency),
            note=self.note,
            cancels=self.cancel_place,
            agreed=self.agreed,
        )


class GivenAmount(BaseModel):
    """A sum of one's own choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Integer = Field(ge=0, le=MAX_TOTAL, description="Minor units.")


class CancelRequest(BaseModel):
    """How a place is cancelled for the school."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    give_back: Literal["none", "terms", "all"] | GivenAmount = Field(
        description="How much: nothing, what was promised, everything, or a sum."
    )
    reason: Text = Field(
        default="",
        max_length=MAX_REASON_LENGTH,
        description="Why; the mail has it. Required when another sum is kept than by the terms.",
    )
    tell: bool = Field(
        default=True, strict=True, description="`false`: no mail about the cancellation."
    )
    expect: KeptExpectation
    agreed: bool = Field(
        default=False,
        strict=True,
        description="Confirms that it is less than was promised.",
    )

    def choice(self) -> GiveBack:
        """Return the choice for the services."""
        if isinstance(self.give_back, GivenAmount):
            give, amount = Give.AMOUNT, self.give_back.amount
        else:
            give, amount = Give(self.give_back), 0
        return GiveBack(give, amount, self.reason, agreed=self.agreed)

    def expected(self) -> Expected:
        """Return the sums that were shown, for the services."""
        return Expected(self.expect.amount, self.expect.currency, promised=self.expect.promised)


class NoteRequest(BaseModel):
    """The school's own note."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Text = Field(max_length=MAX_NOTE_LENGTH, description="Empty: no note.")


class TagsRequest(BaseModel):
    """The school's own tags."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tags: list[Annotated[Text, Field(max_length=MAX_TAG_LENGTH)]] = Field(max_length=MAX_TAGS)
