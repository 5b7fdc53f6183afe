"""Presenters turn views into rows: correct texts, and no internal data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coursebook.domain.booking import BookingStatus, PaymentStatus
from coursebook.domain.online_room import Room
from coursebook.services.views import (
    AttemptView,
    BookingView,
    CourseDetailView,
    LocationView,
    MoneyView,
    RefundView,
    TermStepView,
    TermsView,
)
from coursebook.ui import i18n
from coursebook.ui.presenters import courses_and_bookings

ENGLISH = i18n.of("en")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
EUR_45 = MoneyView(4500, "eur")
COURSE = CourseDetailView(
    id="crs_1",
    slug="clay",
    title="Clay",
    summary="A day with clay.",
    category="craft",
    level="beginner",
    instructor="Ines Duarte",
    location=LocationView("place", "Atelier", "Rua 1, Lisbon"),
    starts_at=NOW + timedelta(days=30),
    ends_at=NOW + timedelta(days=30, hours=3),
    timezone="Europe/Lisbon",
    price=EUR_45,
    capacity=10,
    seats_left=2,
    status="open",
    image="/courses/clay.svg",
    description="## Hello\n\nText.",
    terms=TermsView("Half back.", (TermStepView(NOW + timedelta(days=20), 50),)),
    read_at=NOW,
)
BOOKING = BookingView(
    id="bkg_1",
    number="CB-KG_1",
    course=COURSE,
    room=Room(),
    status=BookingStatus.PENDING,
    payment_status=PaymentStatus.UNPAID,
    amount=EUR_45,
    created_at=NOW,
    hold_expires_at=NOW + timedelta(minutes=35),
    can_retry=True,
    can_cancel=True,
    to_pay=EUR_45,
    refund_if_cancelled=MoneyView(0, "eur"),
    stays_if_cancelled=MoneyView(0, "eur"),
    kept=MoneyView(0, "eur"),
    kept_why="",
    promise=COURSE.terms.steps,
    terms=COURSE.terms,
    receipt_url=None,
    attempts=(AttemptView(1, "open", EUR_45, NOW, None),),
    refunds=(),
)
PAID = replace(
    BOOKING,
    status=BookingStatus.CONFIRMED,
    payment_status=PaymentStatus.PAID,
    hold_expires_at=None,
    can_retry=False,
    attempts=(AttemptView(1, "succeeded", EUR_45, NOW, None),),
)


def test_a_course_card_holds_ready_words():
    row = courses_and_bookings.course_row(COURSE, "en")
    assert (row.title, row.price, row.places, row.places_tone) == (
        "Clay",
        "€45",
        "2 places left",
        "few",
    )
    assert (row.category, row.level, row.place, row.href) == (
        "Craft",
        "Beginner",
        "Atelier",
        "/courses/clay",
    )


def test_an_online_course_is_online():
    online = replace(COURSE, location=LocationView("online", "Video call", ""))
    assert courses_and_bookings.course_row(online, "en").place == ENGLISH.ONLINE


@pytest.mark.parametrize("image", ["https://evil.example/x.png", "//evil.example/x.png", ""])
def test_a_picture_of_another_host_is_not_shown(image: str):
    assert courses_and_bookings.course_row(replace(COURSE, image=image), "en").image == ""


def test_the_terms_name_the_last_moment_in_the_zone_of_the_course():
    detail = courses_and_bookings.course_detail(COURSE, "en")
    assert detail.terms_steps == ["50 % back until Sun 13 Dec 2026, 12:00, Lisbon time"]
    free = courses_and_bookings.course_detail(replace(COURSE, price=MoneyView(0, "eur")), "en")
    assert free.is_free
    assert free.terms_steps == []


@pytest.mark.parametrize("status", list(BookingStatus))
def test_every_status_has_a_word(status: BookingStatus):
    assert courses_and_bookings.booking_row(replace(BOOKING, status=status), "en").status_words


@pytest.mark.parametrize("payment", list(PaymentStatus))
def test_every_state_of_the_money_has_a_word(payment: PaymentStatus):
    assert courses_and_bookings.booking_row(replace(BOOKING, payment_status=payment), "en").payment


@pytest.mark.parametrize(
    ("status", "payment", "attempt", "said"),
    [
        (BookingStatus.PENDING, PaymentStatus.UNPAID, "open", "Waiting for payment"),
        (BookingStatus.PENDING, PaymentStatus.PROCESSING, "processing", "Payment on its way"),
        (BookingStatus.FAILED, PaymentStatus.UNPAID, "expired", "Not paid in time"),
        (BookingStatus.FAILED, PaymentStatus.FAILED, "failed", "Payment failed"),
        (BookingStatus.CONFIRMED, PaymentStatus.PAID, "succeeded", "Confirmed"),
        (BookingStatus.CANCELLED, PaymentStatus.UNPAID, "expired", "Cancelled"),
    ],
)
def test_the_word_says_why_a_booking_is_not_paid(
    status: BookingStatus, payment: PaymentStatus, attempt: str, said: str
):
    attempts = (AttemptView(1, attempt, EUR_45, NOW, None),)
    booking = replace(BOOKING, status=status, payment_status=payment, attempts=attempts)
    assert courses_and_bookings.booking_row(booking, "en").status_words == said


def test_a_free_place_says_nothing_of_money_that_was_paid():
    free = replace(PAID, amount=MoneyView(0, "eur"))
    row = courses_and_bookings.booking_row(free, "en")
    assert (row.amount, row.payment) == ("Free", "")


def test_a_place_that_is_released_offers_no_cancelling():
    assert not courses_and_bookings.booking_row(
        replace(BOOKING, status=BookingStatus.FAILED), "en"
    ).can_cancel


def test_it_is_said_which_way_a_course_is_closed():
    for why in ("begun", "cancelled", "closed"):
        assert (
            courses_and_bookings.booking_word(replace(COURSE, status="closed", closed=why)) == why
        )


def test_a_card_names_the_city_unless_the_place_does():
    row = courses_and_bookings.course_row(COURSE, "en")
    assert row.where == "Atelier · Lisbon"
    assert row.when == "Wed 23 Dec 2026, 12:00\N{EN DASH}15:00"
    named = replace(COURSE, location=LocationView("place", "Atelier Lisbon", "Rua 1, Lisbon"))
    assert courses_and_bookings.course_row(named, "en").where == "Atelier Lisbon"
    online = replace(COURSE, location=LocationView("online", "Live", ""))
    assert courses_and_bookings.course_row(online, "en").when.endswith("15:00, Lisbon time")


def test_the_end_of_the_hold_is_a_moment_for_the_clock_of_its_reader():
    row = courses_and_bookings.booking_row(BOOKING, "en")
    assert row.hold_until == "2026-11-23T12:35:00+00:00"
    for other in (PAID, replace(BOOKING, hold_expires_at=None)):
        assert not courses_and_bookings.booking_row(other, "en").hold_until


def test_a_first_payment_is_no_second_try():
    def tried(state: str, reason: str | None = None) -> bool:
        attempt = AttemptView(1, state, EUR_45, NOW, reason)
        return courses_and_bookings.booking_row(
            replace(BOOKING, attempts=(attempt,)), "en"
        ).was_tried

    assert not tried("open")
    assert not tried("superseded")
    assert tried("open", "Your card was declined.")
    assert tried("failed")
    assert tried("expired")


def test_cancelling_names_the_exact_amount_first():
    half = replace(PAID, refund_if_cancelled=MoneyView(2250, "eur"))
    assert "€22.50" in courses_and_bookings.cancel_row(half, "en").money
    assert courses_and_bookings.cancel_row(BOOKING, "en").money == ENGLISH.CANCEL_NOTHING_PAID
    assert courses_and_bookings.cancel_row(PAID, "en").money == ENGLISH.CANCEL_NOTHING_BACK


def test_after_cancelling_the_money_is_told():
    refund = RefundView("ref_1", "created", MoneyView(2250, "eur"), "cancelled", NOW)
    assert "€22.50 is on its way back" in courses_and_bookings.cancelled_words(
        replace(PAID, refunds=(refund,)), "en"
    )
    assert "Nothing was charged." in courses_and_bookings.cancelled_words(BOOKING, "en")
    kept = replace(PAID, kept=EUR_45, kept_why="terms")
    assert "€45.00 of what you paid stays" in courses_and_bookings.cancelled_words(kept, "en")


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "data:text/html,x"])
def test_a_receipt_is_only_linked_when_it_is_a_web_address(url: str | None):
    assert courses_and_bookings.booking_row(replace(PAID, receipt_url=url), "en").receipt_url == ""


@pytest.mark.parametrize(
    ("before", "left", "status", "said"),
    [
        (5, 4, "open", ""),
        (5, 3, "open", "Only 3 places left."),
        (2, 1, "open", "Only 1 place left."),
        (1, 0, "full", "The last place was just taken: this course is full now."),
        (0, 0, "full", ""),
        (0, 2, "open", "Free again: 2 places left."),
        (1, 2, "open", ""),
        (3, 3, "open", ""),
        (3, 2, "closed", ""),
    ],
)
def test_only_what_matters_is_spoken_when_places_change(before, left, status, said):
    course = replace(COURSE, seats_left=left, status=status)
    assert courses_and_bookings.places_announcement(before, course, "en") == said


def test_a_later_reading_has_a_higher_stamp():
    rows = [
        courses_and_bookings.places_row(replace(COURSE, read_at=NOW + i * MILLISECOND), "en")
        for i in (0, 1)
    ]
    assert rows[1].stamp - rows[0].stamp == 1


def test_a_declined_card_has_no_receipt():
    url = "https://pay.example/receipt"
    assert courses_and_bookings.booking_row(replace(PAID, receipt_url=url), "en").receipt_url == url
    assert (
        courses_and_bookings.booking_row(replace(BOOKING, receipt_url=url), "en").receipt_url == ""
    )
