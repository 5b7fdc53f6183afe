"""The texts of the mails: recipient, course, and what happens to the money."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.mail import messages
from coursebook.mail.facts import MoneyText, RefundText, School
from tests.support.mail_facts import FACTS

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


def mail_text(write, **changed):
    """Return the text of a mail on one line."""
    return " ".join(write(replace(FACTS, **changed)).text.split())


@pytest.mark.parametrize("write", ALL)
def test_every_mail_names_person_course_time_venue_and_link(write):
    mail = write(FACTS)
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
def test_text_and_html_have_the_same_content(write):
    mail = write(replace(FACTS, course_title="Baking"))
    for paragraph in mail.text.split("\n\n")[1:3]:
        assert paragraph in mail.html
    assert "http://localhost:3000/bookings?a=1&amp;b=2" in mail.html


@pytest.mark.parametrize("write", ALL)
def test_form_values_are_escaped(write):
    evil = '<img src=x onerror="alert(1)">'
    facts = replace(FACTS, student_name=evil, course_title=evil, place=evil)
    assert "<img" not in write(facts).html


@pytest.mark.parametrize("write", ALL)
def test_equal_facts_give_equal_mails(write):
    assert write(FACTS) == write(FACTS)


def test_a_course_over_several_days_names_both():
    facts = replace(FACTS, ends_at=datetime(2027, 1, 7, 11, 0, tzinfo=UTC))
    assert facts.when == (
        "Tuesday 5 January 2027, 18:00 \N{EN DASH} Thursday 7 January 2027, 12:00, Berlin time"
    )


def test_booked_names_the_amount_paid():
    assert "is booked. We received €45.00." in mail_text(messages.booked)


def test_a_free_course_says_so():
    words = mail_text(messages.booked, amount_text="")
    assert "free of charge" in words
    assert "received" not in words


def test_processing_asks_not_to_pay_twice():
    words = mail_text(messages.payment_on_its_way)
    assert "payment of €45.00" in words
    assert "do not pay again" in words


def test_a_failed_payment_says_that_nothing_was_charged():
    assert "did not go through. Nothing was charged." in mail_text(messages.payment_failed)


def test_an_expired_hold_says_that_nothing_was_charged():
    assert "Nothing was charged." in mail_text(messages.hold_expired)


LINES = {
    MoneyOutcome.NOTHING_CHARGED: "Nothing was charged.",
    MoneyOutcome.FREE: "It was free of charge.",
    MoneyOutcome.GOES_BACK: "We are sending €30.00 back",
    MoneyOutcome.WENT_BACK: "€30.00 was sent back",
    MoneyOutcome.AT_THE_BANK: "Your bank has questioned your payment of €30.00.",
    MoneyOutcome.BY_THE_BANK: "Your bank has given €30.00 back to you.",
    MoneyOutcome.KEPT_BY_TERMS: (
        "By the terms you were shown when booking, €30.00 of what you paid stays"
    ),
    MoneyOutcome.KEPT: "€30.00 of what you paid stays with the school: as agreed by phone",
    MoneyOutcome.NOT_BACK: "A refund of €30.00 did not go through.",
    MoneyOutcome.STILL_HERE: "€30.00 of what you paid is with the school.",
}


@pytest.mark.parametrize("told", list(MoneyOutcome))
def test_cancelled_says_only_what_happens_to_the_money(told):
    line = MoneyText(told, "€30.00", "as agreed by phone")
    words = mail_text(messages.cancelled, money=(line,))
    assert [one for one, sentence in LINES.items() if sentence in words] == [told]


@pytest.mark.parametrize(
    ("ended_by", "sentence"),
    [
        ("student", "You have cancelled your booking for"),
        ("operator", "The school has cancelled your booking for"),
        ("course_cancelled", "and your booking with it"),
        ("", "Your booking for “Bread & Butter <Baking>” is cancelled."),
    ],
)
def test_cancelled_names_who_cancelled(ended_by, sentence):
    assert sentence in mail_text(messages.cancelled, ended_by=ended_by)


@pytest.mark.parametrize(
    ("refund", "sentence"),
    [
        (
            RefundText("€10.00", "€45.00", "cancelled"),
            "We have sent €10.00 of the €45.00 that you paid for “Bread & Butter <Baking>” back",
        ),
        (
            RefundText("$20.00", "$20.00", "given_back_by_operator"),
            "back to your payment method. The school gave it back.",
        ),
        (RefundText("€45.00", "€45.00", "second_payment"), "Your place was already paid for"),
    ],
)
def test_refunded_names_the_amount_and_the_reason(refund, sentence):
    assert sentence in mail_text(messages.refunded, refund=refund)


def test_a_failed_refund_makes_no_uncertain_promise():
    words = mail_text(messages.refund_failed, refund=RefundText("€45.00", "€45.00", "cancelled"))
    assert "Our refund of €45.00" in words
    assert "did not go through" in words


def test_a_late_payment_is_refunded_in_full():
    assert "the full €45.00 back" in mail_text(messages.late_payment_refunded)


def test_only_a_confirmed_booking_comes_with_a_calendar_entry():
    with_file = {write.__name__ for write in ALL if write(FACTS).calendar}
    assert with_file == {"booked"}


def test_cancelling_removes_the_calendar_entry_sent_before():
    mail = messages.cancelled(replace(FACTS, sequence=1))
    assert mail.calendar_method == "CANCEL"
    assert b"METHOD:CANCEL" in (mail.calendar or b"")


def test_a_mail_is_signed_by_the_school_and_replies_go_to_it():
    school = School("Mill School", "hi@mill.test", "Mill Lane 3, Berlin", "no-reply@mill.test")
    mail = messages.booked(replace(FACTS, school=school))
    assert mail.text.endswith("\n\nMill School\nMill Lane 3, Berlin\nhi@mill.test\n")
    for line in ("Mill School", "Mill Lane 3, Berlin", "hi@mill.test"):
        assert line in mail.html
    assert mail.reply_to == "hi@mill.test"
    assert messages.booked(FACTS).reply_to == ""


@given(st.text(), st.text(), st.sampled_from(ALL))
def test_any_text_can_be_rendered(name, title, write):
    mail = write(replace(FACTS, student_name=name, course_title=title))
    assert mail.text
    assert mail.html


def test_long_words_wrap_and_other_scripts_keep_their_direction():
    written = messages.booked(replace(FACTS, student_name="דנה", place="Donau" * 30))
    assert "overflow-wrap:anywhere" in written.html
    assert "<bdi>דנה</bdi>" in written.html
    assert f'<td dir="auto" style="padding:6px 0">{"Donau" * 30}</td>' in written.html
    assert written.html.count('<p dir="auto"') >= 2
