"""Bodies about the cancelling of a whole course."""

from collections import Counter
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from coursebook.api.schemas.models import Money, ResponseModel
from coursebook.api.schemas.parameters import Integer
from coursebook.domain.money import MAX_AMOUNT
from coursebook.services.course_cancellation.cancellations import (
    MAX_MESSAGE_LENGTH,
    MAX_REASON_LENGTH,
)
from coursebook.services.course_cancellation.views import ExpectedCancellation

MAX_PEOPLE = 1_000_000
MAX_CURRENCIES = 50
Percent = Annotated[Integer, Field(ge=0, le=100)]
Sums = Annotated[list[Money], Field(description="One sum for each currency; none of 0.")]


class PeopleCounts(ResponseModel):
    """Everybody with a place, each counted once."""

    card: int = Field(ge=0, description="Paid by card, and some of it is with the school.")
    by_hand: int = Field(ge=0, description="Only money taken by hand is with the school.")
    complimentary: int = Field(ge=0, description="Confirmed; no money of theirs is here.")
    paying: int = Field(ge=0, description="A place is held for them while they pay.")
    processing: int = Field(ge=0, description="A bank is working on their payment.")
    disputed: int = Field(ge=0, description="Their bank questions a payment.")
    total: int = Field(ge=0)


class ByHand(ResponseModel):
    """Money of one person to be given back by hand."""

    booking_id: str
    number: str = Field(description="The number that people use for the booking.")
    name: str
    amount: Money


class CancellationCount(ResponseModel):
    """The people and the money that cancelling is about."""

    people: PeopleCounts
    paid_by_card: Sums
    already_back: Sums
    give_back: Sums = Field(description="Goes back by card at once. Send it in `expect`.")
    kept: Sums = Field(description="The rest of the prices, for a `percent` below 100.")
    on_its_way: Sums = Field(description="Banks are working on it; it goes back when it comes.")
    at_the_bank: Sums = Field(description="Disputed: a person decides after the bank.")
    in_inbox: Sums = Field(description="Stays with its entries of the money inbox.")
    fees: Sums = Field(description="What Stripe keeps of payments that go back, so far as known.")
    are_fees_known: bool = Field(description="Whether Stripe has said the fee of each of them.")
    refunds: int = Field(ge=0, description="The number of refunds that `give_back` takes.")
    open_pages: int = Field(ge=0, description="Payment pages that are closed.")
    by_hand: list[ByHand]
    by_hand_sums: Sums = Field(description="The sums of `by_hand`. Send them in `expect`.")


class CancellationPreview(ResponseModel):
    """What cancelling the course would mean now."""

    course_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    has_begun: bool = Field(description="Then `percent` may be less than 100.")
    percent: int
    count: CancellationCount
    mails: int = Field(ge=0, description="To people with a place.")
    waiting: int = Field(ge=0, description="People on the waiting list, who are told as well.")
    teachers: int = Field(ge=0, description="Teachers who are told, without yourself.")
    balance: list[Money] | None = Field(
        description="What Stripe has for refunds in these currencies; null when it is unknown."
    )
    short: Sums = Field(description="What Stripe lacks: it keeps refunds waiting until it comes.")


class ExpectedSums(BaseModel):
    """What the person saw. When it is not so any more, nothing happens."""

    model_config = ConfigDict(extra="forbid")

    people: Annotated[Integer, Field(ge=0, le=MAX_PEOPLE)]
    give_back: list["ExpectedMoney"] = Field(default_factory=list, max_length=MAX_CURRENCIES)
    by_hand: list["ExpectedMoney"] = Field(default_factory=list, max_length=MAX_CURRENCIES)

    def expected(self) -> ExpectedCancellation:
        """Return it as the service takes it."""
        return ExpectedCancellation(self.people, _added(self.give_back), _added(self.by_hand))


class ExpectedMoney(BaseModel):
    """A sum that was shown, in minor units."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[Integer, Field(ge=0, le=MAX_PEOPLE * MAX_AMOUNT)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]


class CourseCancelling(BaseModel):
    """The decision to cancel a course."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=MAX_REASON_LENGTH, description="In the mail to the students.")
    message: str = Field(
        default="", max_length=MAX_MESSAGE_LENGTH, description="More words for the mail."
    )
    percent: Percent = Field(default=100, description="Less only after the first meeting began.")
    expect: ExpectedSums


class RefundGroup(ResponseModel):
    """Refunds of one state."""

    count: int = Field(ge=0)
    sums: Sums


class RefundProgress(ResponseModel):
    """Refunds since the course was cancelled."""

    made: RefundGroup
    pending: RefundGroup
    failed: RefundGroup = Field(description="Each has an entry in the money inbox.")


class MailProgress(ResponseModel):
    """The mails about it."""

    sent: int = Field(ge=0)
    waiting: int = Field(ge=0)
    failed: int = Field(ge=0, description="Given up; each has an entry in the money inbox.")


class CancellationProgress(ResponseModel):
    """How far the cancelling of a course has come. It stays as a report."""

    course_id: str
    title: str
    timezone: str
    at: datetime
    actor: str
    by_name: str = Field(description="Who decided it.")
    reason: str
    message: str
    percent: int
    total: int = Field(ge=0, description="Who had a place at the moment of cancelling.")
    done: int = Field(ge=0, description="Those who have none any more, and wait for nothing.")
    at_banks: int = Field(ge=0, description="Those whose bank is working on a payment.")
    left: int = Field(ge=0, description="Those whose place still has to end.")
    refunds: RefundProgress
    mails: MailProgress
    give_back: Sums = Field(description="What was to go back by card at that moment.")
    disputed: int = Field(ge=0, description="People whose bank decides first.")
    by_hand: list[ByHand] = Field(description="What is still to be given back by hand.")
    finished_at: datetime | None = Field(description="When the last place had ended.")


def _added(sums: list[ExpectedMoney]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for money in sums:
        amounts[money.currency.lower()] += money.amount
    return amounts
