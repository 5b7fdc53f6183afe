"""Request and response bodies of bookings and payments that the school makes by hand."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.manage.courses import Day
from coursebook.api.schemas.models import Money, NextCursor, ResponseModel
from coursebook.api.schemas.money_inbox import Seen
from coursebook.api.schemas.parameters import Integer, PageParameters, Text
from coursebook.domain.booking import SeatState
from coursebook.domain.booking_edits.manual_booking import (
    MAX_NOTE_LENGTH,
    MAX_REFERENCE_LENGTH,
    PayHow,
    PayPlan,
)
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.money import MAX_AMOUNT
from coursebook.services.bookings.guest_claims import MAX_CODE_LENGTH
from coursebook.services.manage.by_hand.manual_bookings import (
    MAX_NAME_LENGTH,
    MAX_PHONE_LENGTH,
    NewBooking,
)
from coursebook.services.manage.by_hand.offline_payments import MAX_REASON_LENGTH, Receipt
from coursebook.services.manage.roster import MAX_WORDS
from coursebook.services.views import MoneyView

_SENT = ConfigDict(extra="forbid", frozen=True)
_LINE = r"^[^\x00]*$"
MAX_ADDRESS = 320


class Pay(BaseModel):
    """How the booking is paid."""

    model_config = _SENT

    how: PayHow = Field(
        description="`complimentary`: free of charge. `received`: the money is there. `expected`: "
        "confirmed on trust. `hold`: held until `due_on`."
    )
    amount: Integer | None = Field(
        default=None,
        ge=0,
        le=MAX_AMOUNT,
        description="Minor units; the price of the course without it.",
    )
    method: Method | None = Field(
        default=None, description="`cash` without it, for expected money `transfer`."
    )
    due_on: Day | None = Field(
        default=None, description="A day in the course's zone, not after the start."
    )
    received_on: Day | None = Field(default=None, description="Today without it.")
    reference: str = Field(default="", max_length=MAX_REFERENCE_LENGTH, pattern=_LINE)


class BookingByHand(BaseModel):
    """A booking for a known person (`user_id`), or for a guest with a name."""

    model_config = _SENT

    name: str = Field(default="", max_length=MAX_NAME_LENGTH, pattern=_LINE)
    email: str = Field(default="", max_length=MAX_ADDRESS, pattern=_LINE)
    phone: str = Field(default="", max_length=MAX_PHONE_LENGTH, pattern=_LINE)
    user_id: str = Field(default="", max_length=100, pattern=_LINE)
    pay: Pay
    tell: bool = Field(default=True, description="Send the mails, if there is an address.")
    note: str = Field(
        default="", max_length=MAX_NOTE_LENGTH, pattern=_LINE, description="Never sent to anybody."
    )
    one_more: bool = Field(default=False, description="Add a place to a full course.")

    def wanted(self) -> NewBooking:
        """Return it as the service takes it."""
        values = self.model_dump(exclude={"pay"})
        return NewBooking(pay=PayPlan(**self.pay.model_dump()), **values)


class KnownParameters(BaseModel):
    """The words of a search for people."""

    model_config = _SENT

    q: Text = Field(max_length=MAX_WORDS, description="The beginnings of names or mail addresses.")


class KnownPerson(ResponseModel):
    """An account, or a guest of an earlier booking."""

    user_id: str = Field(description="Send it with a new booking.")
    name: str
    email: str = Field(description="May be empty.")
    is_guest: bool


class KnownPeople(ResponseModel):
    """The newest people that have the words, at most 8."""

    items: list[KnownPerson]


class _Received(BaseModel):
    """Money that came."""

    model_config = _SENT

    method: Method
    received_on: Day | None = Field(default=None, description="Today without it.")
    reference: str = Field(default="", max_length=MAX_REFERENCE_LENGTH, pattern=_LINE)
    note: str = Field(default="", max_length=MAX_NOTE_LENGTH, pattern=_LINE)
    tell: bool = Field(default=True, description="Send a mail, if there is an address.")
    expect: Seen = Field(description="`kept` of the booking, as it was shown.")

    def receipt(self) -> Receipt:
        """Return it as the service takes it."""
        values = self.model_dump(exclude={"expect"})
        return Receipt(MoneyView(self.expect.amount, self.expect.currency), **values)


class PaymentReceived(_Received):
    """Expected money that came, all of it."""


class PaymentByHand(_Received):
    """Money that came, expected or not."""

    amount: Integer = Field(ge=1, le=MAX_AMOUNT, description="Minor units.")


class PaymentVoid(BaseModel):
    """Voids a payment that was wrong."""

    model_config = _SENT

    reason: str = Field(min_length=1, max_length=MAX_REASON_LENGTH, pattern=_LINE)
    due_on: Day | None = Field(
        default=None, description="When the new expected money of a confirmed place is due."
    )


class ExpectedPayment(ResponseModel):
    """Money that is still to come."""

    id: str
    booking_id: str
    number: str = Field(description="The number that people use; not unique.")
    name: str = Field(description="Empty for somebody who may not see people.")
    course_id: str
    course_title: str
    place: SeatState
    amount: Money
    method: Method
    due_on: date | None
    is_overdue: bool
    reference: str
    kept: Money = Field(description="Send it as `expect` when you record the payment.")


class ExpectedPayments(ResponseModel):
    """One page of expected money, the most overdue first."""

    items: list[ExpectedPayment]
    next_cursor: NextCursor


class ExpectedParameters(PageParameters):
    """A page of expected money."""

    model_config = _SENT


class ClaimCode(BaseModel):
    """The code at the end of the address that was mailed."""

    model_config = _SENT

    code: str = Field(min_length=1, max_length=MAX_CODE_LENGTH, pattern=_LINE)


class Claimed(ResponseModel):
    """What was added to the account."""

    bookings: int = Field(ge=0)
    booking_id: str = Field(description="The newest of them; empty for none.")
