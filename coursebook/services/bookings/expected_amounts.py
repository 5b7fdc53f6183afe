"""Refuse an action about money when the amount differs from the one that the person was shown."""

import hashlib
import json
from dataclasses import dataclass

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.balance import RefundOnCancel
from coursebook.domain.money import Money
from coursebook.errors import ChangedMeanwhile, CourseChanged
from coursebook.persistence.schema.tables import Course


@dataclass(frozen=True)
class Expected:
    """The sum that a person saw before the act, in minor units.

    `stays`: the sum shown as staying with the school on cancelling; None when none was shown.
    """

    amount: int
    currency: str
    stays: int | None = None


@dataclass(frozen=True)
class ShownOffer:
    """The offer shown before paying: the sum, and the digest of the offer (`offer_of`)."""

    expected: Expected | None = None
    offer: str = ""


NO_OFFER_SHOWN = ShownOffer()


def check_offer(shown_offer: ShownOffer, course: Course) -> None:
    """Refuse to book a course that differs from the offer that was shown. Raises CourseChanged."""
    if shown_offer.offer and shown_offer.offer != offer_of(course):
        raise CourseChanged


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


def offer_of(course: Course) -> str:
    """Return a short digest of a course's offer: price, terms and dates."""
    offer = [
        course.price,
        course.currency,
        course.terms,
        course.starts_at.isoformat(),
        course.ends_at.isoformat(),
    ]
    return hashlib.sha256(json.dumps(offer, sort_keys=True).encode()).hexdigest()[:16]
