"""What a visitor has seen of a course's offer, and what differs now, in words. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.services.bookings.expected_amounts import NO_OFFER_SHOWN, Expected, ShownOffer
from coursebook.services.views import CourseDetailView, TermStepView
from coursebook.ui import i18n
from coursebook.ui.presenters.rows import CourseDetailRow


@dataclass(frozen=True)
class SeenOffer:
    """The offer of a course as a page showed it: for the service that compares, and in words.

    `dates` are start and end of each meeting.
    """

    shown: ShownOffer = NO_OFFER_SHOWN
    price: str = ""
    when: str = ""
    where: str = ""
    address: str = ""
    dates: tuple[tuple[datetime, datetime], ...] = ()
    terms: tuple[TermStepView, ...] = ()


@dataclass(frozen=True)
class DrawnOffer:
    """What the page of a course showed as the server drew it, before the tab loaded the course."""

    slug: str
    revision: int
    price: str
    when: str
    where: str


def seen_offer(course: CourseDetailView, row: CourseDetailRow) -> SeenOffer:
    """Return the offer of a course that is shown as this row."""
    return SeenOffer(
        shown=ShownOffer(Expected(course.price.amount, course.price.currency), course.offer),
        price=row.price,
        when=row.when,
        where=row.where,
        address=row.address,
        dates=tuple((meeting.starts_at, meeting.ends_at) for meeting in course.meetings),
        terms=course.terms.steps,
    )


def seen_on_drawn_page(drawn: DrawnOffer, now: SeenOffer) -> SeenOffer:
    """Return the offer that a drawn page showed; what it does not tell is as it is `now`."""
    shown = ShownOffer(revision=drawn.revision)
    return replace(now, shown=shown, price=drawn.price, when=drawn.when, where=drawn.where)


def changes_in_words(seen: SeenOffer, now: SeenOffer, language: str) -> str:
    """Return what differs from what was seen: "The price is now €52."; "" when nothing does."""
    if seen.shown.offer == now.shown.offer:
        return ""
    words = i18n.of(language)
    sentences = []
    if seen.price != now.price:
        sentences.append(words.PRICE_NOW.format(price=now.price))
    if seen.when != now.when:
        sentences.append(words.WHEN_NOW.format(when=now.when))
    elif seen.dates != now.dates:
        sentences.append(words.DATES_NOW)
    if (seen.where, seen.address) != (now.where, now.address):
        sentences.append(words.WHERE_NOW.format(where=now.where))
    if not sentences:
        sentences.append(words.TERMS_NOW if seen.terms != now.terms else words.OFFER_NOW)
    return " ".join(sentences)


def not_booked_yet(changes: str, language: str) -> str:
    """Return the answer to a press on "Book now" that met another offer than the one seen."""
    words = i18n.of(language)
    return f"{changes or words.OFFER_NOW} {words.PRESS_AGAIN}"
