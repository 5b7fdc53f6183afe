"""What the mails say: to whom, about which course, and exactly what happens to the money."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.mail import messages
from coursebook.mail.facts import School
from tests.support.letters import FACTS

ALL = [
    messages.booked,
    messages.payment_on_its_way,
    messages.payment_failed,
    messages.hold_ending,
    messages.hold_expired,
    messages.cancelled,
    messages.refunded,
    messages.late_payment_refunded,
    messages.second_payment_refunded,
    messages.cancelled_payment_refunded,
    messages.not_paid_by_start,
    messages.payment_failed_after_start,
    messages.started_payment_refunded,
    messages.course_cancelled_payment_refunded,
    messages.started_payment_on_its_way,
    messages.cancelled_payment_on_its_way,
]


def said(write, **changed):
    """Return the words of a mail, in one line."""
    return " ".join(write(replace(FACTS, **changed)).text.split())


@pytest.mark.parametrize("write", ALL)
def test_every_mail_names_person_course_time_zone_place_and_link(write):
    mail = write(replace(FACTS, refund_text="€45.00"))
    assert mail.to == "sam@example.test"
    assert mail.subject.endswith(": Bread & Butter <Baking>")
    for part in (
        "Hello Sam Student,",
        "Bread & Butter <Baking>",
        "Tuesday 5 January 2027, 18:00 \N{EN DASH} 20:30, Berlin time",
        "Mill Lane 3, Berlin",
        "http://localhost:3000/bookings?a=1&b=2",
    ):
        assert part in mail.text


@pytest.mark.parametrize("write", ALL)
def test_text_and_html_say_the_same(write):
    mail = write(replace(FACTS, course_title="Baking", refund_text="€45.00"))
    for paragraph in mail.text.split("\n\n")[1:3]:
        assert paragraph in mail.html
    assert "http://localhost:3000/bookings?a=1&amp;b=2" in mail.html


@pytest.mark.parametrize("write", ALL)
def test_nothing_from_a_form_becomes_markup(write):
    evil = '<img src=x onerror="alert(1)">'
    facts = replace(FACTS, student_name=evil, course_title=evil, place=evil)
    assert "<img" not in write(facts).html


@pytest.mark.parametrize("write", ALL)
def test_the_same_facts_make_the_same_mail(write):
    assert write(FACTS) == write(FACTS)


def test_a_course_over_several_days_names_both():
    facts = replace(FACTS, ends_at=datetime(2027, 1, 7, 11, 0, tzinfo=UTC))
    assert facts.when == (
        "Tuesday 5 January 2027, 18:00 \N{EN DASH} Thursday 7 January 2027, 12:00, Berlin time"
    )


def test_booked_says_what_was_paid():
    assert "is booked. We received €45.00." in said(messages.booked)


def test_a_free_course_says_so():
    words = said(messages.booked, amount_text="")
    assert "free of charge" in words
    assert "received" not in words


def test_on_its_way_asks_not_to_pay_twice():
    words = said(messages.payment_on_its_way)
    assert "payment of €45.00" in words
    assert "do not pay again" in words


def test_a_failed_payment_says_that_nothing_was_charged():
    assert "did not go through. Nothing was charged." in said(messages.payment_failed)


def test_a_hold_that_ran_out_says_that_nothing_was_charged():
    assert "Nothing was charged." in said(messages.hold_expired)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "Nothing was charged."),
        ({"charged": True, "refund_text": "€30.00"}, "We are sending €30.00 back"),
        ({"charged": True}, "the €45.00 you paid cannot be given back"),
    ],
    ids=["unpaid", "refunded in part", "kept by the terms"],
)
def test_cancelled_says_what_happens_to_the_money(facts, sentence):
    words = said(messages.cancelled, **facts)
    assert sentence in words
    assert words.count("Nothing was charged.") == (sentence == "Nothing was charged.")


def test_refunded_names_both_amounts():
    words = said(messages.refunded, refund_text="€10.00")
    assert "We have sent €10.00 of the €45.00 you paid" in words


def test_a_late_payment_goes_back_in_full():
    assert "the full €45.00 back" in said(messages.late_payment_refunded)


def test_only_a_confirmed_booking_comes_with_a_calendar_entry():
    with_file = {write.__name__ for write in ALL if write(FACTS).calendar}
    assert with_file == {"booked"}


def test_cancelling_takes_an_entry_out_of_the_calendar_that_was_sent_before():
    mail = messages.cancelled(replace(FACTS, sequence=1))
    assert mail.calendar_method == "CANCEL"
    assert b"METHOD:CANCEL" in (mail.calendar or b"")


def test_a_mail_is_signed_by_the_school_and_answers_go_there():
    school = School("Mill School", "hi@mill.test", "Mill Lane 3, Berlin", "no-reply@mill.test")
    mail = messages.booked(replace(FACTS, school=school))
    assert mail.text.endswith("\n\nMill School\nMill Lane 3, Berlin\nhi@mill.test\n")
    for line in ("Mill School", "Mill Lane 3, Berlin", "hi@mill.test"):
        assert line in mail.html
    assert mail.reply_to == "hi@mill.test"
    assert messages.booked(FACTS).reply_to == ""


@given(st.text(), st.text(), st.sampled_from(ALL))
def test_any_text_can_be_written(name, title, write):
    mail = write(replace(FACTS, student_name=name, course_title=title))
    assert mail.text
    assert mail.html
