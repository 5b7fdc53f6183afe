"""What a move would do, as the person who decides sees it."""

from dataclasses import dataclass

from coursebook.domain.booking_edits.move import Difference
from coursebook.services.views import CourseView, MoneyView, TermStepView


@dataclass(frozen=True)
class MoveChoice:
    """A decision about the difference of the prices, and its result.

    `to_record` is the part of the price that came by hand and is recorded.
    """

    difference: Difference
    price: MoneyView
    give_back: MoneyView
    to_record: MoneyView


@dataclass(frozen=True)
class MoveExpect:
    """The sums to be sent back as `expect`. `price` is None until the difference is decided."""

    amount: int
    currency: str
    price: int | None


@dataclass(frozen=True)
class MovePreview:
    """The effect of a move. Nothing was written.

    `choices` is empty when there is nothing to decide. `price` (after the move) is None until the
    difference is decided. `makes_place`: the course is full and gets one place more. `promise`: the
    shares that cancelling would still give back. `mails`: the addresses that are written to.
    """

    course: CourseView
    choices: tuple[MoveChoice, ...]
    price: MoneyView | None
    give_back: MoneyView
    to_record: MoneyView
    makes_place: bool
    promise: tuple[TermStepView, ...]
    mails: tuple[str, ...]
    expect: MoveExpect
