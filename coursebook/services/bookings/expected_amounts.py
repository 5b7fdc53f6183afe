"""Refuse an action about money when the amount differs from the one that the person was shown."""

import hashlib
import json
from dataclasses import dataclass

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.balance import Balance, RefundOnCancel
from coursebook.domain.money import Money
from coursebook.errors import ChangedMeanwhile, CourseChanged
from coursebook.persistence.schema.tables import Course


@dataclass(frozen=True)
class Expected:
    """The sum that a person saw before the act, in minor units.

    `stays`: the sum shown as staying with the school on cancelling, `promised`: the sum that an
    operator saw as promised; None when none was shown.
    """

    amount: int
    currency: str
    stays: int | None = None
    promised: int | None = None


@dataclass(frozen=True)
class ShownOffer:
    """The offer shown before paying: the sum, the digest (`offer_of`), the course's revision.

    What is None, or empty, was not shown and is not compared.
    """

    expected: Expected | None = None
    offer: str = ""
    revision: int | None = None


NO_OFFER_SHOWN = ShownOffer()


def check_offer(shown_offer: ShownOffer, course: Course) -> None:
    """Refuse to book a course that differs from the offer that was shown. Raises CourseChanged."""
    has_other_offer = shown_offer.offer and shown_offer.offer != offer_of(course)
    if has_other_offer or shown_offer.revision not in (None, course.revision):
        price = money_in_words(course.price, course.currency)
        raise CourseChanged(
            "Price, dates, place or terms of this course have changed since you opened it. It "
            f"costs {price} now. Nothing was booked; please look at it again."
        )


def check_to_pay(expected: Expected | None, price: Money) -> None:
    """Refuse when the sum to pay differs from the one that was shown. Raises ChangedMeanwhile."""
    if expected is None or (expected.amount, expected.currency) == (price.amount, price.currency):
        return
    now = money_in_words(price.amount, price.currency)
    raise ChangedMeanwhile(
        price.amount,
        price.currency,
        f"The amount has changed: it is {now} now. Nothing has happened; please look again.",
    )


def check_on_cancel(expected: Expected | None, refund: RefundOnCancel, currency: str) -> None:
    """Refuse when cancelling would refund or keep another sum than the one that was shown.

    Raises ChangedMeanwhile.
    """
    if expected is None:
        return
    same_stays = expected.stays in (None, refund.stays)
    if (expected.amount, expected.currency) == (refund.due, currency) and same_stays:
        return
    back, stays = money_in_words(refund.due, currency), money_in_words(refund.stays, currency)
    raise ChangedMeanwhile(
        refund.due,
        currency,
        f"The amounts have changed: {back} would be given back now, and {stays} would stay with "
        "the school. Nothing has happened; please look again.",
    )


def check_kept(
    expected: Expected | None, balance: Balance, promised: int | None, currency: str
) -> None:
    """Refuse an operator's act when the sum kept, or the promised one, is not what they saw.

    `promised`: the sum promised now, None for an act that does not ask it. Raises ChangedMeanwhile
    with the sum that is kept now.
    """
    if expected is None:
        return
    same_promise = expected.promised in (None, promised)
    if (expected.amount, expected.currency) == (balance.net_received, currency) and same_promise:
        return
    kept = money_in_words(balance.net_received, currency)
    due = (
        ""
        if promised is None
        else f", and the promise gives back {money_in_words(promised, currency)}"
    )
    raise ChangedMeanwhile(
        balance.net_received,
        currency,
        f"The amounts have changed: {kept} is kept of this booking now{due}. Nothing has "
        "happened; please look again.",
    )


def offer_of(course: Course) -> str:
    """Return a short digest of a course's offer: price, terms, dates and place.

    The revision stands for the meetings, which are rows of their own.
    """
    offer = [
        course.revision,
        course.price,
        course.currency,
        course.terms,
        course.starts_at.isoformat(),
        course.ends_at.isoformat(),
        course.timezone,
        course.is_online,
        course.place_name,
        course.place_address,
    ]
    return hashlib.sha256(json.dumps(offer, sort_keys=True).encode()).hexdigest()[:16]
