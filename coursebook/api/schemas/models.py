"""Request and response bodies of the API, built from the views of the services."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from coursebook.api.schemas.course_fields import declared_values, describe_values
from coursebook.api.schemas.parameters import Integer
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import BookingStatus, PaymentStatus
from coursebook.domain.course_fields import FieldValue
from coursebook.domain.money import CURRENCIES, MAX_AMOUNT
from coursebook.domain.refund import RefundState
from coursebook.services.bookings.expected_amounts import Expected

MAX_TOTAL = 10 * MAX_AMOUNT
"""An upper limit for the sum of all payments of one booking."""

NextCursor = Annotated[
    str | None,
    Field(description="Send it as `cursor` to get the next page; null on the last page."),
]


class ResponseModel(BaseModel):
    """A response: read from the attributes of a view, immutable."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Money(ResponseModel):
    """An amount of money in integer minor units: 4500 of `eur` is €45.00."""

    model_config = ConfigDict(json_schema_extra={"example": {"amount": 4500, "currency": "eur"}})

    amount: int = Field(ge=0, description="Minor units: cents; whole yen for `jpy`.")
    currency: str = Field(
        description="Lower-case ISO 4217.", json_schema_extra={"enum": [*sorted(CURRENCIES)]}
    )


class Location(ResponseModel):
    """Where a course takes place."""

    kind: Literal["online", "place"]
    name: str = Field(examples=["Atelier Alfama"])
    address: str = Field(description="Empty for online courses.", examples=["Lisbon, Portugal"])


class Meeting(ResponseModel):
    """One meeting of a course."""

    starts_at: datetime
    ends_at: datetime
    location: Location


class Course(ResponseModel):
    """A published course on its dates."""

    id: str = Field(description="Opaque.")
    slug: str = Field(description="A readable id, as in the URL of the course page.")
    title: str
    summary: str
    category: str
    level: str
    instructor: str
    location: Location
    starts_at: datetime = Field(description="When the first meeting starts.")
    ends_at: datetime = Field(description="When the last meeting ends.")
    meetings: list[Meeting] = Field(min_length=1, description="At least one, earliest first.")
    meetings_count: int = Field(ge=1)
    series_id: str | None = Field(
        description="The same for courses that are dates of one another; send it as `series`."
    )
    timezone: str = Field(
        description="IANA name of the time zone in which the course takes place.",
        examples=["Europe/Lisbon"],
    )
    price: Money
    capacity: int = Field(ge=1)
    seats_left: int = Field(ge=0, description="Places that can still be booked right now.")
    status: Literal["open", "full", "closed"] = Field(
        description="`closed`: it has started, was cancelled, or takes no more bookings."
    )
    booking_closes_at: datetime | None = Field(
        description="When it stops taking bookings; null: 5 minutes before the start."
    )
    revision: int = Field(
        ge=1,
        description="Grows when price, terms, dates or place change. Send it as `seen_revision` "
        "when you book.",
    )
    extra: Annotated[
        dict[str, FieldValue | None],
        BeforeValidator(declared_values),
        Field(
            description="The fields that this school adds to its courses.",
            json_schema_extra=describe_values,
        ),
    ]


class TermStep(ResponseModel):
    """Until this moment, this share of the price is refunded."""

    until: datetime
    percent: int = Field(ge=0, le=100)


class Terms(ResponseModel):
    """The cancellation terms, in words and as moments."""

    sentence: str
    steps: list[TermStep]


class CourseDetail(Course):
    """One course with all its details."""

    description: str = Field(description="Markdown source.")
    terms: Terms


class CourseList(ResponseModel):
    """One page of courses."""

    items: list[Course]
    next_cursor: NextCursor


class Attempt(ResponseModel):
    """One payment attempt."""

    number: int = Field(ge=1)
    state: AttemptState
    amount: Money
    created_at: datetime
    reason: str | None = Field(description="The cause of a failure, in plain words.")


class Refund(ResponseModel):
    """A refund, completed or on its way."""

    id: str
    state: RefundState
    amount: Money
    cause: str
    created_at: datetime


class Room(ResponseModel):
    """Where an online course meets."""

    link: str = Field(description="The web address to join; empty when there is none yet.")
    note: str = Field(description="A note on joining, such as a code.")


class Booking(ResponseModel):
    """One student's place on one course, and its money."""

    id: str
    number: str = Field(
        description="For people: `CB-` and the last six letters of the id. Not unique.",
        examples=["CB-7K3F9M"],
    )
    course: Course
    status: BookingStatus
    payment_status: PaymentStatus
    amount: Money
    created_at: datetime
    hold_expires_at: datetime | None = Field(
        description="When the hold ends; null when no hold is running."
    )
    can_retry: bool
    can_cancel: bool
    receipt_url: str | None
    room: Room = Field(
        description="Where an online course meets. Empty unless the booking is confirmed and the "
        "caller is its student."
    )
    attendee_info: str = Field(
        description="What to bring or to know, as Markdown. Empty unless the booking is confirmed."
    )
    ticket_code: str = Field(
        description="Shown at check-in: the QR code holds `CB1:` and this. Empty unless the "
        "booking is confirmed and the caller is its student."
    )
    attempts: list[Attempt] = Field(description="Payment attempts, oldest first.")
    refunds: list[Refund] = Field(description="Refunds, oldest first.")
    refund_if_cancelled: Money = Field(
        description="The refund if the booking were cancelled now: by its promise, or everything "
        "for an operator. Send it as `expect` when you cancel."
    )
    stays_if_cancelled: Money = Field(
        description="The amount that the school would keep if the booking were cancelled now."
    )
    to_pay: Money = Field(description="The amount of a retry. Send it as `expect` when you retry.")
    promise: list[TermStep] = Field(
        description="The refund promised on cancelling, earliest first: the share at a moment is "
        "the largest of those not yet over. Steps are never removed."
    )
    free_cancel_until: datetime | None = Field(
        description="Until then cancelling gives everything back, because the course was changed."
    )
    terms: Terms = Field(
        description="The part of the promise that still applies, in words and as moments."
    )


class BookingList(ResponseModel):
    """One page of bookings, newest first."""

    items: list[Booking]
    next_cursor: NextCursor


class CheckoutRequest(BaseModel):
    """The course to book. Price and person are never taken from the caller."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    course_id: str = Field(
        min_length=1, max_length=120, description="The id of a course, or its slug."
    )
    seen_revision: Integer | None = Field(
        default=None,
        ge=1,
        description="The `revision` of the course that was shown to the person. If the course has "
        "another one now, nothing is booked. Without it, there is no such condition.",
    )


class Expectation(BaseModel):
    """The sum that was shown to the person. If it has changed, the call has no effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Integer = Field(ge=0, le=MAX_TOTAL, description="Minor units.")
    currency: str = Field(min_length=3, max_length=3, description="Lower-case ISO 4217.")


class ActOnMoney(BaseModel):
    """The condition of an action on money. Without a body, or without `expect`, there is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expect: Expectation | None = Field(
        default=None,
        description="The sum shown: `refund_if_cancelled` for cancelling, `to_pay` for paying.",
    )

    @property
    def expected(self) -> Expected | None:
        """The same value for the services."""
        return None if self.expect is None else Expected(self.expect.amount, self.expect.currency)


class Checkout(ResponseModel):
    """The Checkout Session to pay in."""

    booking_id: str
    session_id: str | None = Field(description="The Checkout Session; null for a free course.")
    checkout_url: str = Field(
        description="Redirect the person there. For a free course: our own success page."
    )
    expires_at: datetime | None = Field(
        description="When the session expires; null for a free course."
    )


class Received(ResponseModel):
    """The event is stored."""

    received: Literal[True] = True


class Health(ResponseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"


class Ready(ResponseModel):
    """Every required part responds."""

    status: Literal["ready"] = "ready"
    parts: dict[str, str]


class Identity(ResponseModel):
    """How the pages sign people in."""

    provider: Literal["sandbox", "clerk"]
    frontend_api: str = Field(description="URL of the sign-in service's browser API.")
    publishable_key: str | None = Field(description="Clerk's public key; null in the sandbox.")


class ProblemField(BaseModel):
    """The problem of one field."""

    pointer: str = Field(
        description="JSON Pointer into the body, `/name` of a parameter, or `/headers/Name`; "
        "empty: the whole body."
    )
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str = Field(description="Link to the description of this code.")
    title: str
    status: int
    code: str = Field(description="Stable; base decisions on it.")
    detail: str = Field(description="A sentence that can be shown to a person.")
    request_id: str = Field(
        description="Identifies the request in our log; also in `X-Request-Id`."
    )
    errors: list[ProblemField] | None = Field(default=None, description="Only for `invalid`.")
    expect: Money | None = Field(
        default=None, description="Only for `changed_meanwhile`: the sum as it is now."
    )
    course: dict[str, Any] | None = Field(
        default=None,
        description="Only for `changed_meanwhile` of an edit: the course as it is now.",
    )
