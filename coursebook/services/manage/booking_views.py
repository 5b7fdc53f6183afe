"""One booking as the people who manage it see it. What somebody may not see is None."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from coursebook.domain.booking import BookingSource, PaymentStatus, SeatState
from coursebook.services.check_in.begun_meetings import MeetingAttendance
from coursebook.services.views import CourseView, MoneyView, TermStepView


class BookingAct(StrEnum):
    """Something that can be done with a booking."""

    REFUND = "refund"
    CANCEL = "cancel"
    MOVE = "move"
    CHANGE_PERSON = "change_person"
    RESEND = "resend"
    NOTE = "note"
    TAGS = "tags"


@dataclass(frozen=True)
class ActView:
    """Whether an act is possible now. `why_not` is "" then, else a code of `booking_acts`."""

    is_possible: bool
    why_not: str = ""


@dataclass(frozen=True)
class PersonView:
    """A person. `email` and `phone` are None without the right to see contacts, else "" for none.

    `is_guest`: entered by the school, without an account.
    """

    name: str
    email: str | None
    phone: str | None = None
    is_guest: bool = False


class MoneyKind(StrEnum):
    """A line of the money of a booking: by card, a refund to the card, or by hand."""

    PAYMENT = "payment"
    REFUND = "refund"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class MoneyLine:
    """One payment, refund, or sum by hand, with its own state.

    `direction` is `in` or `out`, `state` that of an attempt, a refund or an offline payment.
    `method` is `card`, or how money is handed over. `reason` is the operator's for a refund or
    for a void sum, `note` a message to the student. `by` names who asked for it, "" for a rule.
    `error` is why it failed. `is_disputed`: a bank questions the payment or has it. `fee` and `net`
    are Stripe's, None until it said so; `payout_id` is the payout that the money went into.
    """

    kind: MoneyKind
    id: str
    direction: str
    method: str
    state: str
    amount: MoneyView
    at: datetime
    cause: str = ""
    reason: str = ""
    note: str = ""
    by: str = ""
    error: str = ""
    reference: str = ""
    due_on: date | None = None
    received_on: date | None = None
    receipt_url: str = ""
    is_disputed: bool = False
    fee: MoneyView | None = None
    net: MoneyView | None = None
    payout_id: str = ""


@dataclass(frozen=True)
class BookingMoneyView:
    """The money of a booking.

    `received`: everything that came and counts for it. `given_back`: refunded or on its way.
    `kept`: the difference, including money that a bank holds (`at_the_bank`). `refundable`: what
    of it can be given back now. `promised_now`: what the promise gives back if the person cancels
    now. `stays` is what the school keeps by a recorded decision and `stays_why` its reason:
    `terms`, or an operator's own words.
    """

    payment_status: PaymentStatus
    price: MoneyView
    list_price: MoneyView | None
    received: MoneyView
    given_back: MoneyView
    kept: MoneyView
    at_the_bank: MoneyView
    refundable: MoneyView
    promised_now: MoneyView
    stays: MoneyView
    stays_why: str
    lines: tuple[MoneyLine, ...]


@dataclass(frozen=True)
class StoryStep:
    """One event of a booking. `fact` is one of `booking_story.STORY_FACTS`.

    `by` is the kind of actor (`student`, `operator`, `worker` …), `by_name` the person's name, ""
    for a program. `amount` and `detail` (English, for operators) are None and "" for somebody who
    may not see money.
    """

    fact: str
    at: datetime
    by: str
    by_name: str
    amount: MoneyView | None
    detail: str


@dataclass(frozen=True)
class ManagedBookingView:
    """One booking for operators.

    `name` is the person who takes part. `participant` is None when that is the payer. `money` and
    `expect` (the sum kept: send it back with an act on money) are None without the right to see
    money. `moved_from` is the id of the course that it was on before. `acts` has each
    `BookingAct`, `attendance` the meetings that began or begin today.
    """

    id: str
    number: str
    course: CourseView
    name: str
    participant: PersonView | None
    payer: PersonView
    place: SeatState
    end_cause: str
    source: BookingSource
    booked_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    hold_expires_at: datetime | None
    reserved_until: datetime | None
    moved_from: str | None
    promise: tuple[TermStepView, ...]
    free_cancel_until: datetime | None
    money: BookingMoneyView | None
    expect: MoneyView | None
    note: str
    tags: Sequence[str]
    story: tuple[StoryStep, ...]
    acts: Mapping[BookingAct, ActView]
    attendance: tuple[MeetingAttendance, ...] = ()
