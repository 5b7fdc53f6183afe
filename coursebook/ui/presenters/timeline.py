"""The history of a booking in words: its steps, their money, and the next step. Pure."""

from datetime import datetime, timedelta
from urllib.parse import quote

from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.services.views import BookingStory, BookingView, LocationView, TimelineStep
from coursebook.ui import i18n
from coursebook.ui.presenters import booking_statement, courses_and_bookings
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.booking_page import page_fields
from coursebook.ui.presenters.calendar_links import calendar_links
from coursebook.ui.presenters.rows import BookingRow, HistoryRow

MONEY: dict[str, str] = {
    "page_opened": "nothing",
    "page_closed": "nothing",
    "could_not_open": "nothing",
    "declined": "nothing",
    "not_carried_out": "nothing",
    "released": "nothing",
    "on_its_way": "waiting",
    "received": "in",
    "confirmed": "in",
    "confirmed_late": "in",
    "refund_promised": "promised",
    "refund_cancelled": "promised",
    "refund_late_payment": "promised",
    "refund_second_payment": "promised",
    "refund_cancelled_payment": "promised",
    "refund_started_payment": "promised",
    "refund_course_cancelled_payment": "promised",
    "refund_dispute_won": "promised",
    "refund_cancelled_by_school": "promised",
    "refund_course_cancelled": "promised",
    "refund_other_place_payment": "promised",
    "refund_closed_payment": "promised",
    "refund_moved_payment": "promised",
    "refund_moved": "promised",
    "refund_given_back_by_operator": "promised",
    "refund_refund_again": "promised",
    "received_by_hand": "in",
    "refund_by_hand": "promised",
    "returned_by_hand": "by_hand",
    "refund_on_its_way": "on_its_way",
    "refund_sent": "back",
    "refund_failed": "not_back",
    "dispute_open": "at_the_bank",
    "dispute_lost": "by_the_bank",
}
"""The money text of each fact about money."""

GOOD = (
    "confirmed",
    "confirmed_free",
    "confirmed_late",
    "received",
    "received_by_hand",
    "refund_sent",
    "returned_by_hand",
    "dispute_won",
)
BAD = (
    "declined",
    "not_carried_out",
    "released",
    "not_in_time",
    "refund_failed",
    "could_not_open",
    "dispute_open",
)
PAY_BY_DAY = "pay_by_day"
KEPT = ("kept", "kept_free")
"""The keys of the next step for a place from the waiting list: one with a price, and a free one."""
"""The key of the next step of a place that the school holds for days."""
MONEY_CAME = "given_back"
"""The key of the next step when a failed or cancelled booking had received money."""
MAP = "https://www.openstreetmap.org/directions?to="


def booking_entry(story: BookingStory, now: datetime, hold: timedelta, language: str) -> BookingRow:
    """Return the card of a booking with its history; `hold` is the full length of a hold."""
    booking = story.booking
    seconds = hold_seconds(booking, now)
    return courses_and_bookings.booking_row(
        booking,
        language,
        next=next_words(story, language),
        hold_seconds=seconds,
        hold_whole=max(seconds, int(hold.total_seconds())),
        hold_stamp=now.isoformat(),
        history=[history_row(step, booking, language) for step in story.timeline],
        **way_to(booking, language),
        **calendar_links(booking),
        **page_fields(story, language),
    )


def hold_seconds(booking: BookingView, now: datetime) -> int:
    """Return the seconds left of an unpaid hold; 0 without a running hold."""
    if booking.status != "pending" or booking.hold_expires_at is None:
        return 0
    return courses_and_bookings.counted_down(booking.hold_expires_at, now)


def history_row(step: TimelineStep, booking: BookingView, language: str) -> HistoryRow:
    """Return one step in words; a fact without its own text becomes a note."""
    words = i18n.of(language)
    fact = step.fact if step.fact in words.STORY else "noted"
    if fact == "confirmed" and step.amount.amount == 0:
        fact = "confirmed_free"
    amount = say.money(step.amount.amount, step.amount.currency, language)
    money = words.STORY_MONEY[MONEY[fact]] if fact in MONEY and step.amount.amount else ""
    reason = i18n.text_of(step.reason, language)
    return HistoryRow(
        text=words.STORY[fact].format(amount=amount, reason=reason).strip(),
        at=say.moment(step.at, booking.course.timezone, language),
        money=money.format(amount=amount),
        tone="good" if fact in GOOD else "bad" if fact in BAD else "plain",
    )


def next_words(story: BookingStory, language: str) -> str:
    """Return the next step in words, or "" without one.

    The browser fills the gap `{until}` in the reader's time zone.
    """
    name, booking, words = next_of(story), story.booking, i18n.of(language)
    if name == MONEY_CAME:
        return _what_became_of_it(booking, language)
    if not name:
        return ""
    reason = i18n.text_of(_declined(booking), language)
    until, ends = "{until}", booking.hold_expires_at
    if name in (PAY_BY_DAY, *KEPT) and ends is not None:
        until = say.moment(ends, booking.course.timezone, language)
    return str(words.NEXT[name].format(until=until, reason=reason))


def _what_became_of_it(booking: BookingView, language: str) -> str:
    """Return the sentences about the money of a failed or cancelled booking."""
    words, lines = i18n.of(language), booking_statement.account_of(booking)
    text = booking_statement.sentences(lines, words.NEXT_MONEY, language)
    moves = any(line.outcome in (MoneyOutcome.GOES_BACK, MoneyOutcome.WENT_BACK) for line in lines)
    return f"{text} {words.BANKS_TAKE}" if moves else text


def next_of(story: BookingStory) -> str:
    """Return the key of the next step: exact about money, and never "pay" too early."""
    booking = story.booking
    is_over = booking.status in ("failed", "cancelled")
    if booking.payment_status == "disputed":
        name = "bank_decided" if is_lost(story) else "bank_decides"
        return f"{name}_over" if is_over and name == "bank_decided" else name
    if booking.payment_status == "processing":
        return "wait" if booking.status in ("pending", "confirmed") else "wait_for_refund"
    if _is_looked_at(story):
        return "looked_at"
    if is_over and booking_statement.has_come(booking):
        return MONEY_CAME
    if booking.status == "failed":
        return _after_a_lost_place(booking)
    return _while_held(booking) if booking.status == "pending" else ""


def _while_held(booking: BookingView) -> str:
    if _declined(booking):
        return "pay_otherwise"
    ends = booking.hold_expires_at
    if booking.is_offer and ends is not None:
        return KEPT[booking.to_pay.amount == 0]
    is_counted_down = ends is None or courses_and_bookings.counted_down(
        ends, booking.course.read_at
    )
    return "pay" if is_counted_down else PAY_BY_DAY


def _after_a_lost_place(booking: BookingView) -> str:
    if booking.can_retry:
        return "try_again"
    if booking.course.status != "closed":
        return "no_place"
    return {"cancelled": "called_off", "begun": "too_late"}.get(booking.course.closed, "closed")


def _declined(booking: BookingView) -> str:
    """Return why the open Checkout Session declined a card; "" if it has not."""
    if booking.hold_expires_at is None:
        return ""
    return next((a.reason for a in booking.attempts[-1:] if a.state == "open" and a.reason), "")


def is_lost(story: BookingStory) -> bool:
    """Tell whether the latest dispute of this payment was lost."""
    dispute_facts = [step.fact for step in story.timeline if step.fact.startswith("dispute_")]
    return bool(dispute_facts) and dispute_facts[-1] == "dispute_lost"


def way_to(booking: BookingView, language: str) -> dict[str, str]:
    """Return the location of the course, with directions for a confirmed booking."""
    place, room, words = booking.course.location, booking.room, i18n.of(language)
    is_confirmed = booking.status == "confirmed"
    if place.kind != "online":
        return {
            "address": place.address,
            "way_href": _directions(place) if is_confirmed else "",
            "way_text": words.DIRECTIONS,
        }
    href = courses_and_bookings.web_address(room.link) if is_confirmed else ""
    return {
        "address": " · ".join(filter(None, (place.name, room.note))),
        "way_href": href,
        "way_text": words.JOIN_ONLINE,
        "way_note": words.JOIN_LATER if is_confirmed and not href else "",
    }


def _directions(place: LocationView) -> str:
    return MAP + quote(f"{place.name}, {place.address}".strip(", ")) if place.address else ""


def _is_looked_at(story: BookingStory) -> bool:
    is_kept = any(attempt.state == "succeeded" for attempt in story.booking.attempts)
    is_on_timeline = any(step.fact == "looked_at" for step in story.timeline)
    return (
        is_on_timeline
        and is_kept
        and story.booking.status != "confirmed"
        and not story.booking.refunds
    )
