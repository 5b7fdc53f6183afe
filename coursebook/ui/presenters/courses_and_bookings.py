"""Rows of courses and bookings from views of the services. Pure; `language` is an argument."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coursebook.domain.check_in.ticket_picture import ticket_data_url
from coursebook.domain.money import WHOLE
from coursebook.domain.promise import Share, until_start
from coursebook.domain.texts.markdown import blocks_of
from coursebook.extensions.loader import course_fields
from coursebook.services.manage.views import ListedManagedCourse
from coursebook.services.views import (
    BookingView,
    CourseDetailView,
    CourseView,
    LocationView,
    OwnPlaceView,
)
from coursebook.ui import i18n
from coursebook.ui.presenters import booking_statement, waiting_list
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.course_fields import page_rows
from coursebook.ui.presenters.rows import (
    BookingRow,
    CancelRow,
    CourseDetailRow,
    CourseRow,
    MeetingRow,
    OwnPlaceRow,
    PlacesRow,
)

MAX_COUNTED_DOWN = 2 * 3600
"""Seconds: a hold that lasts longer is not counted down."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def place(location: LocationView, language: str) -> str:
    """Return the short name of a course's location."""
    return i18n.of(language).ONLINE if location.kind == "online" else location.name


def when(course: CourseView, language: str) -> str:
    """Return day and time of a course in one line; with the zone for an online course.

    Several meetings are counted: "Sat 5 Dec-Sat 19 Dec 2026, 3 meetings".
    """
    days = say.days(course.starts_at, course.ends_at, course.timezone, language)
    return f"{days}, {times(course, language)}"


def times(course: CourseView, language: str) -> str:
    """Return the hours of a course, with the zone for an online course; or how many meetings."""
    if len(course.meetings) > 1:
        return say.counted(len(course.meetings), i18n.of(language).MEETINGS, language)
    return say.times(
        course.starts_at,
        course.ends_at,
        course.timezone,
        language,
        names_zone=course.location.kind == "online",
    )


def where(location: LocationView, language: str) -> str:
    """Return the location of a course, with the city unless its name contains it."""
    name, city = place(location, language), say.city(location.address)
    if (
        location.kind == "online"
        or not city
        or city.partition(",")[0].casefold() in name.casefold()
    ):
        return name
    return f"{name} · {city}"


def image(course: CourseView | ListedManagedCourse) -> str:
    """Return the address of a picture on this host; "" for another host."""
    if not course.image or "//" in course.image:
        return ""
    return course.image if course.image.startswith("/") else f"/{course.image}"


def thumbnail(course: CourseView | ListedManagedCourse) -> str:
    """Return the address of a picture for a card: the small file of a stored picture."""
    address = image(course)
    is_stored = address.startswith("/media/") and address.endswith(".webp")
    return f"{address.removesuffix('.webp')}-s.webp" if is_stored else address


def course_row(course: CourseView, language: str) -> CourseRow:
    """Return the card of a course."""
    more = {"image": thumbnail(course)}
    if course.more_dates:
        words = i18n.of(language)
        dates = say.counted(course.more_dates, words.MORE_DATES, language)
        more["when"] = words.NEXT_DATE.format(when=when(course, language), more=dates)
    return CourseRow(**_course_fields(course, language) | more)


def course_detail(course: CourseDetailView, language: str) -> CourseDetailRow:
    """Return the row of the course page."""
    is_free, words = course.price.amount == 0, i18n.of(language)
    return CourseDetailRow(
        **_course_fields(course, language),
        **_times(course),
        address=words.JOIN_WHEN_BOOKED
        if course.location.kind == "online"
        else course.location.address,
        times=times(course, language),
        booking=booking_word(course),
        has_list=course.has_open_list,
        meetings=meeting_rows(course, language),
        revision=course.revision,
        book_by=_book_by(course, language),
        is_free=is_free,
        reassurance=words.BOOK_REASSURE_FREE if is_free else words.BOOK_REASSURE,
        terms=terms(course, language),
        terms_steps=[
            words.TERMS_STEP.format(
                percent=step.percent, until=say.moment(step.until, course.timezone, language)
            )
            for step in course.terms.steps
            if step.percent and not is_free
        ],
        description=blocks_of(course.description),
        extra=page_rows(course_fields(), course.extra, language),
    )


def meeting_rows(course: CourseView, language: str) -> list[MeetingRow]:
    """Return the meetings of a course that has several; [] for one."""
    if len(course.meetings) < 2:  # noqa: PLR2004 - several
        return []
    return [
        MeetingRow(
            day=say.day(meeting.starts_at, course.timezone, language),
            hours=say.hours(meeting.starts_at, meeting.ends_at, course.timezone, language),
            place=where(meeting.location, language) if meeting.location != course.location else "",
            starts=meeting.starts_at.isoformat(),
            ends=meeting.ends_at.isoformat(),
        )
        for meeting in course.meetings
    ]


def _book_by(course: CourseView, language: str) -> str:
    """Return until when a course can be booked, while that lies ahead; "" for the usual time."""
    closes_at = course.booking_closes_at
    if closes_at is None or course.status == "closed" or closes_at >= course.starts_at:
        return ""
    until = say.moment(closes_at, course.timezone, language)
    return str(i18n.of(language).BOOK_BY.format(until=until))


def places_row(course: CourseView, language: str) -> PlacesRow:
    """Return the seats of a course as of the time of its view."""
    return PlacesRow(
        stamp=stamp(course),
        places=say.places(course.seats_left, course.status, language),
        tone=say.places_tone(course.seats_left, course.status),
        booking=booking_word(course),
    )


def places_announcement(before: int, course: CourseView, language: str) -> str:
    """Return the announcement of changed seats on an open course page, or ""."""
    words, left = i18n.of(language), course.seats_left
    if course.status == "full" and before > 0:
        return str(words.LIVE_FULL)
    if course.status != "open" or left == before:
        return ""
    if before == 0:
        return str(words.LIVE_FREE_AGAIN.format(places=say.places(left, course.status, language)))
    is_scarce = left < before and left <= say.FEW_PLACES
    return say.counted(left, words.LIVE_FEW, language) if is_scarce else ""


def stamp(course: CourseView) -> int:
    """Return when a course was read, in whole milliseconds (exact in JavaScript)."""
    return (course.read_at - EPOCH) // timedelta(milliseconds=1)


def booking_word(course: CourseView) -> str:
    """Return whether a course can be booked: `open` or `full`, else why not.

    That is `cancelled`, `begun`, or `closed` for new bookings.
    """
    if course.status == "closed":
        return course.closed or "closed"
    return "full" if course.status == "full" else "open"


def own_place_row(
    own: OwnPlaceView | None,
    viewer: str,
    course_id: str,
    now: datetime,
    hold: timedelta,
    *,
    language: str,
) -> OwnPlaceRow:
    """Return the viewer's own booking for the course page; `hold` as in BookingRow."""
    if own is None:
        return OwnPlaceRow(viewer=viewer, course_id=course_id)
    seconds = 0
    if own.hold_expires_at is not None and own.status == "pending":
        seconds = counted_down(own.hold_expires_at, now)
    return OwnPlaceRow(
        viewer=viewer,
        course_id=course_id,
        kind=own_kind(own),
        booking_id=own.booking_id,
        price=say.price(own.amount.amount, own.amount.currency, language),
        pay_amount=own.amount.amount,
        pay_currency=own.amount.currency,
        hold_until=own.hold_expires_at.isoformat() if own.hold_expires_at else "",
        hold_seconds=seconds,
        hold_whole=max(seconds, int(hold.total_seconds())),
        hold_stamp=now.isoformat(),
        was_tried=own.was_tried,
        change=_free_cancelling(own, now, language),
        words=waiting_list.kept_until(own, language),
    )


def counted_down(ends: datetime, now: datetime) -> int:
    """Return the seconds to count down; 0 for a hold of days, which only names its end."""
    seconds = max(1, int((ends - now).total_seconds()))
    return seconds if seconds <= MAX_COUNTED_DOWN else 0


def _free_cancelling(own: OwnPlaceView, now: datetime, language: str) -> str:
    until = own.free_cancel_until
    if until is None or until < now or not own.amount.amount:
        return ""
    moment = say.moment(until, own.timezone, language)
    return str(i18n.of(language).OWN_CHANGED.format(until=moment))


def own_kind(own: OwnPlaceView) -> str:
    """Return `booked`, `on_its_way` or `held`."""
    if own.status == "confirmed":
        return "booked"
    return "on_its_way" if own.is_processing else "held"


def booking_row(booking: BookingView, language: str, **more: Any) -> BookingRow:
    """Return the card of a booking; `more` are the fields that `timeline` adds."""
    course, words = booking.course, i18n.of(language)
    return BookingRow(
        id=booking.id,
        number=booking.number,
        title=course.title,
        href=f"/courses/{course.slug}",
        image=thumbnail(course),
        day=_first_line(course, language),
        hours=_second_line(course, language),
        meetings=meeting_rows(course, language),
        place=place(course.location, language),
        status=booking.status.value,
        status_words=words.STANDING[standing(booking)],
        payment=words.PAYMENT[booking.payment_status] if booking.amount.amount else "",
        amount=amount(booking, language),
        pay_amount=booking.to_pay.amount,
        pay_currency=booking.to_pay.currency,
        promise=promised(booking, language),
        hold_until=hold_until(booking),
        can_retry=booking.can_retry,
        was_tried=was_tried(booking),
        can_cancel=booking.can_cancel and booking.status != "failed",
        is_offer=booking.is_offer,
        has_calendar=booking.status == "confirmed",
        receipt_url=_receipt(booking),
        attendee_info=blocks_of(booking.attendee_info),
        ticket=ticket_data_url(booking.ticket_code),
        ticket_code=booking.ticket_code,
        **_times(course),
        **more,
    )


def amount(booking: BookingView, language: str) -> str:
    """Return the price of a booking: the amount paid, or the amount to pay now."""
    is_lost = booking.status == "failed" and booking.can_retry
    price = booking.to_pay if is_lost else booking.amount
    if price.amount == 0:
        return str(i18n.of(language).FREE)
    return say.money(price.amount, price.currency, language)


def promised(booking: BookingView, language: str) -> list[str]:
    """Return the refund terms of a booking that can be cancelled; [] for others."""
    if not booking.can_cancel or booking.status not in ("pending", "confirmed"):
        return []
    shares = [Share(step.until, step.percent) for step in booking.terms.steps]
    return [
        _share(share, booking, language)
        for share in until_start(shares, booking.course.starts_at)
        if share.percent
    ]


def _share(share: Share, booking: BookingView, language: str) -> str:
    """Return one step of a promise; the school's word after a change of the course is its own."""
    words, zone = i18n.of(language), booking.course.timezone
    is_free = share.percent == WHOLE and share.until == booking.free_cancel_until
    sentence = words.TERMS_CHANGED if is_free else words.TERMS_STEP
    until = say.moment(share.until, zone, language)
    return str(sentence.format(percent=share.percent, until=until))


def standing(booking: BookingView) -> str:
    """Return the key of a booking's status text, which says why it is not paid."""
    if booking.status == "pending" and booking.payment_status == "processing":
        return "on_its_way"
    if booking.status != "failed":
        return str(booking.status.value)
    last = booking.attempts[-1] if booking.attempts else None
    has_failed = last is not None and (last.state == "failed" or last.reason)
    return "failed" if has_failed else "not_in_time"


def was_tried(booking: BookingView) -> bool:
    """Tell whether there was an attempt to pay that was declined, failed or expired."""
    return any(a.reason or a.state in ("failed", "expired") for a in booking.attempts)


def hold_until(booking: BookingView) -> str:
    """Return the end of a running hold (RFC 3339); "" without one.

    The browser shows it in the reader's time zone.
    """
    if booking.status != "pending" or booking.hold_expires_at is None:
        return ""
    return booking.hold_expires_at.isoformat()


def cancel_row(booking: BookingView, language: str, *, is_changed: bool = False) -> CancelRow:
    """Return the cancel dialog, with the exact sums to refund and to keep.

    `is_changed`: they differ from those that were shown before.
    """
    return CancelRow(
        id=booking.id,
        title=booking.course.title,
        money=booking_statement.cancel_words(booking, language),
        promise=promised(booking, language) if booking.refund_if_cancelled.amount else [],
        back=booking.refund_if_cancelled.amount,
        stays=booking.stays_if_cancelled.amount,
        currency=booking.refund_if_cancelled.currency,
        changed=str(i18n.of(language).CANCEL_CHANGED) if is_changed else "",
    )


def cancelled_words(booking: BookingView, language: str) -> str:
    """Return the text after a cancellation, with its refund."""
    words, money = i18n.of(language), booking_statement.money_words(booking, language)
    return str(words.CANCELLED_DONE.format(title=booking.course.title, money=money))


def terms(course: CourseDetailView, language: str) -> str:
    """Return the cancellation terms in one sentence, as `domain.terms` does in English."""
    if course.price.amount == 0:
        return str(i18n.of(language).TERMS_FREE)
    steps = [(step.percent, course.starts_at - step.until) for step in course.terms.steps]
    return terms_sentence(steps, language)


def terms_sentence(steps: Sequence[tuple[int, timedelta]], language: str) -> str:
    """Return terms in one sentence: shares of the price, each with its time before the start."""
    words = i18n.of(language)
    parts = [
        words.TERMS_PART.format(percent=percent, before=_before(before, language))
        for percent, before in steps
        if percent
    ]
    if not parts:
        return str(words.TERMS_NOTHING)
    return str(words.TERMS_SENTENCE.format(steps=words.TERMS_AND_THEN.join(parts)))


def web_address(url: str | None) -> str:
    """Return the address if it is http(s), else ""."""
    return url if url and url.startswith(("https://", "http://")) else ""


def _before(time: timedelta, language: str) -> str:
    words, hours = i18n.of(language), time // timedelta(hours=1)
    if hours == 0:
        return str(words.BEFORE_START)
    days, rest = divmod(hours, 24)
    if rest:
        return say.counted(hours, words.BEFORE_HOURS, language)
    return say.counted(days, words.BEFORE_DAYS, language)


def _receipt(booking: BookingView) -> str:
    """Return the address of the receipt if it is paid; Stripe has one for a declined card too."""
    is_paid = any(attempt.state == "succeeded" for attempt in booking.attempts)
    return web_address(booking.receipt_url) if is_paid else ""


def _times(course: CourseView) -> dict[str, Any]:
    """Return the start and end of a course for the browser to show in the reader's time zone."""
    return {
        "is_online": course.location.kind == "online",
        "starts": course.starts_at.isoformat(),
        "ends": course.ends_at.isoformat(),
        "zone": course.timezone,
    }


def _first_line(course: CourseView, language: str) -> str:
    """Return the day of a course; the first and last day of several meetings."""
    if len(course.meetings) > 1:
        return say.days(course.starts_at, course.ends_at, course.timezone, language)
    return say.day(course.starts_at, course.timezone, language)


def _second_line(course: CourseView, language: str) -> str:
    """Return the hours of a course; the number of several meetings."""
    if len(course.meetings) > 1:
        return times(course, language)
    return say.hours(course.starts_at, course.ends_at, course.timezone, language)


def _course_fields(course: CourseView, language: str) -> dict[str, Any]:
    return {
        "id": course.id,
        "href": f"/courses/{course.slug}",
        "title": course.title,
        "summary": course.summary,
        "category": say.capital(course.category),
        "level": say.level(course.level, language),
        "instructor": course.instructor,
        "place": place(course.location, language),
        "day": _first_line(course, language),
        "hours": _second_line(course, language),
        "when": when(course, language),
        "days": say.days(course.starts_at, course.ends_at, course.timezone, language),
        "where": where(course.location, language),
        "price": say.price(course.price.amount, course.price.currency, language),
        "places": say.places(course.seats_left, course.status, language),
        "places_tone": say.places_tone(course.seats_left, course.status),
        "image": image(course),
        "stamp": stamp(course),
    }
