"""Views of the services into rows of the pages. Pure; `now` is an argument."""

from datetime import datetime

from coursebook.services.views import (
    AttemptView,
    BookingView,
    CourseDetailView,
    CourseView,
    LocationView,
    RefundView,
)
from coursebook.ui import format as say
from coursebook.ui import words
from coursebook.ui.markdown import blocks_of
from coursebook.ui.rows import BookingRow, CancelRow, CourseDetailRow, CourseRow, HistoryRow


def place(location: LocationView) -> str:
    """Return where a course is, in a few words."""
    return words.ONLINE if location.kind == "online" else location.name


def image(course: CourseView) -> str:
    """Return a picture of this host; an address of another host is not shown."""
    if not course.image or "//" in course.image:
        return ""
    return course.image if course.image.startswith("/") else f"/{course.image}"


def course_row(course: CourseView) -> CourseRow:
    """Return the card of a course."""
    return CourseRow(**_course_fields(course))


def course_detail(course: CourseDetailView) -> CourseDetailRow:
    """Return everything that the course page shows."""
    is_free = course.price.amount == 0
    return CourseDetailRow(
        **_course_fields(course),
        address=course.location.address,
        booking=course.status if course.status in ("full", "closed") else "open",
        is_free=is_free,
        reassurance=words.BOOK_REASSURE_FREE if is_free else words.BOOK_REASSURE,
        terms=course.terms.sentence,
        terms_steps=[
            words.TERMS_STEP.format(
                percent=step.percent, until=say.moment(step.until, course.timezone)
            )
            for step in course.terms.steps
            if step.percent and not is_free
        ],
        description=blocks_of(course.description),
    )


def booking_row(booking: BookingView, now: datetime) -> BookingRow:
    """Return the card of a booking."""
    course = booking.course
    return BookingRow(
        id=booking.id,
        title=course.title,
        href=f"/courses/{course.slug}",
        image=image(course),
        day=say.day(course.starts_at, course.timezone),
        hours=say.hours(course.starts_at, course.ends_at, course.timezone),
        place=place(course.location),
        status=booking.status.value,
        status_words=words.STATUS[booking.status],
        payment=words.PAYMENT[booking.payment_status],
        amount=amount(booking),
        hold=hold(booking, now),
        can_retry=booking.can_retry,
        can_cancel=booking.can_cancel,
        receipt_url=web_address(booking.receipt_url),
        history=history(booking),
    )


def amount(booking: BookingView) -> str:
    """Return the price of a booking in full."""
    if booking.amount.amount == 0:
        return words.FREE
    return say.money(booking.amount.amount, booking.amount.currency)


def hold(booking: BookingView, now: datetime) -> str:
    """Say until when an unpaid place is held; "" when nothing is held."""
    if booking.payment_status == "processing":
        return words.HOLD_PROCESSING
    if booking.status != "pending" or booking.hold_expires_at is None:
        return ""
    if booking.hold_expires_at <= now:
        return words.HOLD_ENDING
    zone = booking.course.timezone
    until = f"{say.clock(booking.hold_expires_at, zone)} {say.zone_words(zone)}"
    return words.HELD_UNTIL.format(left=say.time_left(booking.hold_expires_at, now), until=until)


def history(booking: BookingView) -> list[HistoryRow]:
    """Return what happened to the money, oldest first, in plain words."""
    zone = booking.course.timezone
    steps = [(a.created_at, _attempt_words(a)) for a in booking.attempts]
    steps += [(r.created_at, _refund_words(r)) for r in booking.refunds]
    return [
        HistoryRow(text=text, at=say.moment(at, zone))
        for at, text in sorted(steps, key=lambda step: step[0])
    ]


def cancel_row(booking: BookingView) -> CancelRow:
    """Return the question before cancelling, with the exact amount that comes back."""
    return CancelRow(id=booking.id, title=booking.course.title, money=_cancel_money(booking))


def cancelled_words(booking: BookingView) -> str:
    """Say what cancelling did, and what happens to the money."""
    given = sum(r.amount.amount for r in booking.refunds if r.state != "failed")
    money = (
        words.REFUND_ON_ITS_WAY.format(amount=say.money(given, booking.amount.currency))
        if given
        else _unrefunded_words(booking)
    )
    return words.CANCELLED_DONE.format(title=booking.course.title, money=money)


def web_address(url: str | None) -> str:
    """Return the address when it is one of the web, else ""."""
    return url if url and url.startswith(("https://", "http://")) else ""


def _unrefunded_words(booking: BookingView) -> str:
    was_paid = any(a.state == "succeeded" for a in booking.attempts)
    return (
        words.CANCEL_NOTHING_BACK if was_paid and booking.amount.amount else words.NOTHING_CHARGED
    )


def _cancel_money(booking: BookingView) -> str:
    back = booking.refund_if_cancelled
    if back.amount:
        return words.CANCEL_BACK.format(amount=say.money(back.amount, back.currency))
    paid = booking.payment_status in ("paid", "partially_refunded", "disputed")
    is_unpaid = not paid or booking.amount.amount == 0
    return words.CANCEL_NOTHING_PAID if is_unpaid else words.CANCEL_NOTHING_BACK


def _attempt_words(attempt: AttemptView) -> str:
    paid = attempt.amount
    text = words.ATTEMPT.get(attempt.state, attempt.state)
    if paid.amount == 0 and attempt.state == "succeeded":
        return words.BOOK_REASSURE_FREE
    text = text.format(amount=say.money(paid.amount, paid.currency))
    return f"{text}: {attempt.reason}" if attempt.reason else text


def _refund_words(refund: RefundView) -> str:
    text = words.REFUND.get(refund.state, refund.state)
    return text.format(amount=say.money(refund.amount.amount, refund.amount.currency))


def _course_fields(course: CourseView) -> dict[str, str]:
    return {
        "id": course.id,
        "href": f"/courses/{course.slug}",
        "title": course.title,
        "summary": course.summary,
        "category": say.capital(course.category),
        "level": say.capital(course.level),
        "instructor": course.instructor,
        "place": place(course.location),
        "day": say.day(course.starts_at, course.timezone),
        "hours": say.hours(course.starts_at, course.ends_at, course.timezone),
        "price": say.price(course.price.amount, course.price.currency),
        "places": say.places(course.seats_left, course.status),
        "places_tone": say.places_tone(course.seats_left, course.status),
        "image": image(course),
    }
