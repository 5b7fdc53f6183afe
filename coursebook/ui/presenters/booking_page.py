"""What only the page of one booking shows: all terms with their sums, a change of the course."""

from datetime import UTC, datetime
from urllib.parse import quote

from coursebook.domain.money import WHOLE, Money
from coursebook.domain.promise import BookedPromise, Promise, Share
from coursebook.services.views import BookingStory, BookingView, OfferChange
from coursebook.ui import i18n
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import ChangeRow

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def page_fields(story: BookingStory, language: str) -> dict[str, object]:
    """Return the fields of a booking's row that only its page has."""
    booking = story.booking
    change = change_row(story.change, language) if story.change else ChangeRow()
    return {
        "terms": promised_terms(booking, language),
        "change": change,
        "ask_href": ask_href(booking, story.school_email),
    }


def promised_terms(booking: BookingView, language: str) -> list[str]:
    """Return what cancelling was promised to give back, also what is over by now; [] when free.

    A sum is named where it is the share of the whole price, so not after a part came back.
    """
    if not booking.amount.amount:
        return []
    words, starts_at = i18n.of(language), booking.course.starts_at
    promise = Promise(tuple(Share(step.until, step.percent) for step in booking.promise))
    whole = BookedPromise(promise, booking.free_cancel_until).whole
    shares = [s for s in whole.ahead_until(LONG_AGO, starts_at) if s.percent]
    lines = [_share(share, booking, language) for share in shares]
    if not lines:
        return [words.TERMS_NEVER]
    is_till_start = shares[-1].until >= starts_at
    return lines if is_till_start else [*lines, words.TERMS_NOTHING_AFTER]


def _share(share: Share, booking: BookingView, language: str) -> str:
    words = i18n.of(language)
    until = say.moment(share.until, booking.course.timezone, language)
    if share.percent == WHOLE and share.until == booking.free_cancel_until:
        return str(words.TERMS_CHANGED.format(until=until))
    if booking.payment_status in ("partially_refunded", "refunded", "disputed"):
        return str(words.TERMS_STEP.format(percent=share.percent, until=until))
    price = Money(booking.amount.amount, booking.amount.currency)
    amount = say.money(price.percent(share.percent).amount, price.currency, language)
    return str(words.TERMS_STEP_SUM.format(amount=amount, percent=share.percent, until=until))


def change_row(change: OfferChange, language: str) -> ChangeRow:
    """Return the notice about new dates or a new place, with those of before."""
    words, (old_zone, new_zone) = i18n.of(language), change.timezones
    before = [say.when(*dates, old_zone, language) for dates in change.before]
    after = [say.when(*dates, new_zone, language) for dates in change.after]
    if change.places is not None:
        old, new = (courses_and_bookings.place(place, language) for place in change.places)
        before.append(old)
        after.append(new)
    reason = words.CHANGE_REASON.format(reason=change.reason) if change.reason else ""
    return ChangeRow(
        text=str(words.CHANGE_TEXT.format(day=say.day(change.at, new_zone, language))),
        before=before,
        after=after,
        reason=str(reason),
    )


def ask_href(booking: BookingView, email: str) -> str:
    """Return the link that writes to the school about this booking, "" without an address."""
    if not email:
        return ""
    subject = f"{booking.number}: {booking.course.title}"
    return f"mailto:{quote(email, safe='@')}?subject={quote(subject)}"
