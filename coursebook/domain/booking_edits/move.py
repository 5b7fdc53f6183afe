"""Moving a booking to another course: its new price, and what it is promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from coursebook.domain.promise import BookedPromise, Promise


class Wish(StrEnum):
    """Who wants the move. The school's wish adds the moments of the new course to the promise."""

    STUDENT = "student"
    SCHOOL = "school"


class Difference(StrEnum):
    """What happens with the difference of the prices.

    give_back: the new course costs less, and the difference is refunded · keep: it stays with the
    school · waive: the new course costs more, and the old price stays · recorded: it costs more,
    and the difference was paid by hand.
    """

    GIVE_BACK = "give_back"
    KEEP = "keep"
    WAIVE = "waive"
    RECORDED = "recorded"


@dataclass(frozen=True)
class PriceAfterMove:
    """The price of a booking after a move, and the part of its money that goes back.

    Minor units; `to_record` is the part that was paid by hand.
    """

    price: int
    give_back: int = 0
    to_record: int = 0


@dataclass(frozen=True)
class MovePrices:
    """What can be decided about the price of a move.

    `outcomes`: the result of each decision. `default`: the result without one, None when somebody
    has to decide.
    """

    outcomes: Mapping[Difference, PriceAfterMove]
    default: PriceAfterMove | None

    def after(self, difference: Difference | None) -> PriceAfterMove | None:
        """Return the result of a decision; None when it is missing, or not possible here.

        A decision where there is nothing to decide changes nothing.
        """
        if difference is not None and difference in self.outcomes:
            return self.outcomes[difference]
        return self.default


def prices_of_move(price: int, kept: int, new_price: int) -> MovePrices:
    """Return the decisions about a move between courses of one currency, in minor units.

    `price` is that of the booking, `kept` the amount received and not given back, `new_price` that
    of the new course. Where nothing was paid the new price holds, unless the school waives the
    difference. A booking that was paid has the price that is kept for it. Money above the price
    (a second payment) is refunded on its own and does not count here; goodwill that was given back
    before does.
    """
    paid = min(price, kept)
    if paid > new_price:
        outcomes = {
            Difference.GIVE_BACK: PriceAfterMove(new_price, give_back=paid - new_price),
            Difference.KEEP: PriceAfterMove(paid),
        }
        return MovePrices(outcomes, None)
    if new_price <= price:
        return MovePrices({}, PriceAfterMove(new_price))
    waived = {Difference.WAIVE: PriceAfterMove(price)}
    if price and not paid:
        return MovePrices(waived, PriceAfterMove(new_price))
    recorded = PriceAfterMove(new_price, to_record=new_price - price)
    return MovePrices(waived | {Difference.RECORDED: recorded}, None)


def promise_after_move(
    booked: BookedPromise, new_moments: Promise, starts_at: datetime, wish: Wish
) -> BookedPromise:
    """Return the promise after a move to a course with this start. Nothing is ever taken away.

    `new_moments` are those of the new course; they are added when the school wants the move.
    """
    added = new_moments if wish is Wish.SCHOOL else Promise()
    return booked.after_edit(added, starts_at, None)
