"""The texts of the booking timeline: facts, money, and what comes next."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest

from coursebook.domain.booking import BookingStatus, PaymentStatus
from coursebook.domain.online_room import Room
from coursebook.services.bookings.timeline import ENDED_BY, FACTS, GIVEN_BACK_FOR
from coursebook.services.views import (
    AttemptView,
    BookingStory,
    BookingView,
    LocationView,
    MoneyView,
    RefundView,
    TimelineStep,
)
from coursebook.ui.presenters import timeline
from tests.ui.test_presenters import BOOKING, COURSE, ENGLISH, EUR_45, NOW, PAID

HOLD = timedelta(minutes=35)
FAILED = replace(BOOKING, status=BookingStatus.FAILED, hold_expires_at=None)
REFUND = RefundView("ref_1", "pending", EUR_45, "late_payment", NOW)
KEPT = AttemptView(1, "succeeded", EUR_45, NOW, None)
DECLINED = AttemptView(1, "open", EUR_45, NOW, "Your card was declined.")
UNTRIED = AttemptView(2, "open", EUR_45, NOW, None)


def told(fact: str, amount: MoneyView = EUR_45, reason: str = "") -> tuple[str, str]:
    row = timeline.history_row(TimelineStep(fact, NOW, amount, reason), BOOKING, "en")
    return row.text, row.money


def story(booking: BookingView, *facts: str) -> BookingStory:
    return BookingStory(booking, tuple(TimelineStep(fact, NOW, EUR_45) for fact in facts))


@pytest.mark.parametrize(
    "fact",
    sorted(
        {*filter(None, FACTS.values()), *(f"refund_{why}" for why in GIVEN_BACK_FOR)}
        | set(ENDED_BY.values())
        | {
            "booked_by_school",
            "looked_at",
            "released_in_question",
            "confirmed_late",
            "could_not_open",
            "noted",
        }
    ),
)
def test_every_fact_of_the_trail_has_its_words(fact: str):
    assert fact in ENGLISH.STORY
    text, money = told(fact)
    assert "{" not in text + money


def test_money_is_told_exactly():
    assert told("confirmed") == (ENGLISH.STORY["confirmed"], "€45.00 received")
    assert told("declined", reason="Your card was declined.") == (
        "Your payment of €45.00 was declined. Your card was declined.",
        "Nothing was charged",
    )
    assert told("refund_sent", MoneyView(2250, "eur"))[1].startswith("€22.50 sent back")
    assert told("confirmed", MoneyView(0, "eur")) == (ENGLISH.STORY["confirmed_free"], "")


def test_a_fact_that_nobody_foresaw_promises_nothing():
    assert told("moved_to_the_moon") == (ENGLISH.STORY["noted"], "")


def test_no_text_says_try_again_but_where_stripe_was_asked():
    said = [*ENGLISH.STORY.values(), *ENGLISH.STORY_MONEY.values(), ENGLISH.NOT_ASKED_YET]
    said += [text for name, text in ENGLISH.NEXT.items() if name != "try_again"]
    assert not [text for text in said if "try again" in text.lower()]


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("pay", story(BOOKING)),
        ("pay_otherwise", story(replace(BOOKING, attempts=(DECLINED,)))),
        ("pay", story(replace(BOOKING, attempts=(DECLINED, UNTRIED)))),
        ("wait", story(replace(BOOKING, payment_status=PaymentStatus.PROCESSING))),
        ("try_again", story(replace(FAILED, can_retry=True))),
        ("no_place", story(replace(FAILED, can_retry=False))),
        (
            "too_late",
            story(
                replace(
                    FAILED, can_retry=False, course=replace(COURSE, status="closed", closed="begun")
                )
            ),
        ),
        ("given_back", story(replace(FAILED, refunds=(REFUND,)))),
        ("looked_at", story(replace(FAILED, attempts=(KEPT,)), "looked_at")),
        ("bank_decides", story(replace(PAID, payment_status=PaymentStatus.DISPUTED))),
        (
            "bank_decided",
            story(
                replace(PAID, payment_status=PaymentStatus.DISPUTED),
                *("dispute_open", "dispute_lost"),
            ),
        ),
        ("", story(PAID)),
        ("", story(replace(FAILED, status=BookingStatus.CANCELLED))),
    ],
)
def test_what_to_do_next_follows_from_how_the_booking_stands(name: str, of: BookingStory):
    assert timeline.next_of(of) == name
    said = timeline.next_words(of, "en")
    assert bool(said) == bool(name)
    assert "{" not in said.replace("{until}", "")


def test_after_a_decline_it_is_said_until_when_one_can_still_pay():
    said = timeline.next_words(story(replace(BOOKING, attempts=(DECLINED,))), "en")
    assert said.startswith(
        "Your card was declined. Nothing was charged. You can still pay until {until}"
    )


def test_what_is_given_back_is_named():
    of = story(replace(FAILED, refunds=(REFUND, replace(REFUND, state="failed"))))
    assert timeline.next_words(of, "en").startswith("Your €45.00 is on its way back")


def test_the_clock_gets_the_seconds_that_are_left():
    row = timeline.booking_entry(story(BOOKING), NOW, HOLD, "en")
    assert (row.hold_seconds, row.hold_whole) == (35 * 60, 35 * 60)
    later = timeline.booking_entry(story(BOOKING), NOW + timedelta(minutes=30), HOLD, "en")
    assert (later.hold_seconds, later.hold_stamp != row.hold_stamp) == (300, True)
    over = timeline.booking_entry(story(BOOKING), NOW + HOLD * 2, HOLD, "en")
    assert over.hold_seconds == 1, "the countdown is over, so the page must refresh"
    for other in (PAID, FAILED, replace(BOOKING, hold_expires_at=None)):
        assert timeline.booking_entry(story(other), NOW, HOLD, "en").hold_seconds == 0


def test_the_way_is_shown_to_those_who_are_coming():
    row = timeline.booking_entry(story(PAID), NOW, HOLD, "en")
    assert unquote(row.way_href).endswith("?to=Atelier, Rua 1, Lisbon")
    assert (row.way_text, row.address) == (ENGLISH.DIRECTIONS, "Rua 1, Lisbon")
    assert not timeline.booking_entry(story(BOOKING), NOW, HOLD, "en").way_href


@pytest.mark.parametrize(
    ("link", "href", "note"),
    [
        ("https://meet.example/clay", "https://meet.example/clay", ""),
        ("javascript:alert(1)", "", ENGLISH.JOIN_LATER),
        ("", "", ENGLISH.JOIN_LATER),
    ],
)
def test_an_online_course_is_joined_by_its_link(link: str, href: str, note: str):
    online = replace(COURSE, location=LocationView("online", "Video call", ""))
    booked = replace(PAID, course=online, room=Room(link, "code 7"))
    row = timeline.booking_entry(story(booked), NOW, HOLD, "en")
    assert (row.way_href, row.way_text, row.way_note) == (href, ENGLISH.JOIN_ONLINE, note)
    assert row.address == "Video call · code 7"
    waiting = replace(BOOKING, course=online, room=Room())
    row = timeline.booking_entry(story(waiting), NOW, HOLD, "en")
    assert (row.way_href, row.way_note, row.address) == ("", "", "Video call")


def test_a_hold_of_days_names_its_day_and_is_not_counted_down():
    days = replace(BOOKING, hold_expires_at=NOW + timedelta(days=7))
    row = timeline.booking_entry(story(days), NOW, HOLD, "en")
    assert row.hold_seconds == 0
    assert row.next.startswith("The place is held for you until ")
