"""Request and response bodies of moving a booking to another course."""

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.manage.bookings import ManagedBooking
from coursebook.api.schemas.manage.courses import Day
from coursebook.api.schemas.models import (
    MAX_TOTAL,
    Course,
    Expectation,
    Money,
    ResponseModel,
    TermStep,
)
from coursebook.api.schemas.parameters import Integer
from coursebook.domain.booking_edits.manual_booking import MAX_REFERENCE_LENGTH
from coursebook.domain.booking_edits.move import Difference, Wish
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.external_text import MAX_ADDRESS_LENGTH
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.services.bookings.offline_payments import Handover
from coursebook.services.manage.moving.move_rules import ExpectedMove, MoveRequest
from coursebook.services.manage.moving.participants import MAX_NAME, NewParticipant


class MoveExpectation(Expectation):
    """The sums that were shown: those of `expect` in the answer to a `dry_run`."""

    price: Integer | None = Field(
        default=None,
        ge=0,
        le=MAX_TOTAL,
        description="The price after the move, in minor units; null: not compared.",
    )


class MovePaid(BaseModel):
    """How the difference of the prices came, when it is `recorded`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method = Method.CASH
    received_on: Day | None = Field(default=None, description="Today without it.")
    reference: str = Field(default="", max_length=MAX_REFERENCE_LENGTH, pattern=r"^[^\x00]*$")


class Move(BaseModel):
    """A move to another course."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    course_id: str = Field(min_length=1, max_length=ID_LENGTH)
    difference: Difference | None = Field(
        default=None,
        description="What happens with the difference of the prices, one of `choices`.",
    )
    wish: Wish = Field(
        default=Wish.STUDENT,
        description="Who wants it. The school's wish adds the terms of the new course.",
    )
    expect: MoveExpectation | None = Field(default=None, description="Needed without `dry_run`.")
    payment: MovePaid = Field(
        default=MovePaid(), description="How the difference came, when it is `recorded`."
    )
    one_more: bool = Field(default=False, description="Make one place more if the course is full.")
    dry_run: bool = Field(default=False, description="Only answer what would happen.")

    @property
    def request(self) -> MoveRequest:
        """The same values for the services."""
        expected = None if self.expect is None else ExpectedMove(**self.expect.model_dump())
        paid = self.payment
        return MoveRequest(
            self.course_id,
            self.difference,
            self.wish,
            expected,
            self.one_more,
            Handover(paid.method, paid.received_on, paid.reference),
        )


class MoveChoice(ResponseModel):
    """A decision about the difference of the prices, and its result."""

    difference: Difference
    price: Money
    give_back: Money
    to_record: Money = Field(description="The part of the price that came by hand.")


class MoveSums(ResponseModel):
    """The sums to be sent back as `expect`."""

    amount: int = Field(ge=0, description="What is kept for the booking, in minor units.")
    currency: str
    price: int | None = Field(description="The price after the move; null until it is decided.")


class MovePreview(ResponseModel):
    """What a move would do. Nothing was written."""

    course: Course
    choices: list[MoveChoice] = Field(description="Empty when there is nothing to decide.")
    price: Money | None = Field(description="After the move; null until it is decided.")
    give_back: Money
    to_record: Money
    makes_place: bool = Field(description="The course is full, and gets one place more.")
    promise: list[TermStep] = Field(description="What cancelling would still give back.")
    mails: list[str] = Field(description="The addresses that are written to.")
    expect: MoveSums


class Participant(BaseModel):
    """Who takes part from now on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=MAX_NAME)
    email: str = Field(default="", max_length=MAX_ADDRESS_LENGTH, description="May be empty.")
    tell: bool = Field(default=True, description="Write to the new person and to the former one.")

    @property
    def person(self) -> NewParticipant:
        """The same values for the services."""
        return NewParticipant(**self.model_dump())


MoveAnswer = ManagedBooking | MovePreview
