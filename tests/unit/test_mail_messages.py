"""The texts of the mails: recipient, course, and what happens to the money."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.online_room import Room
from coursebook.domain.promise import Share
from coursebook.mail import messages
from coursebook.mail.facts import MeetingFacts, MoneyText, MoveFacts, RefundText, School
from coursebook.mail.i18n import LANGUAGES
from coursebook.mail.kinds import COPIES, MailKind
from coursebook.mail.look import Look
from tests.support.mail_facts import FACTS

ALL = list(messages.MAILS.values())
AFTER = "nothing after that."
ROOM = Room("https://meet.example/j/1", "Code 1234")
LOOK = Look(home_url="http://localhost:3000", logo_url="http://localhost:3000/logo.png")


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


class Visible(HTMLParser):
    """What a person sees of an HTML part, in order; `links` are the addresses of its links."""

    def __init__(self, html):
        super().__init__()
        self.parts, self.links, self._hidden = [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        self._hidden += tag in ("style", "title", "noscript")
        if tag == "a":
            self.links.append(own["href"])

    def handle_endtag(self, tag):
        self._hidden -= tag in ("style", "title", "noscript")

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.parts.append(" ".join(data.split()))


def facts_of_text(mail):
    """Return the sentences, facts and links of a text part."""
    lines = [line for line in mail.text.splitlines() if line]
    return [part for line in lines for part in line.split(": ", 1)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("write", ALL)
def test_text_and_html_have_the_same_content(write, language):
    facts = replace(FACTS, course_title="Baking", language=language, room=ROOM, is_online=True)
    mail = write(facts)
    seen = Visible(mail.html)
    html = squeezed(" ".join([*seen.parts, *seen.links]))
    assert [part for part in facts_of_text(mail) if squeezed(part) not in html] == []
    heading = mail.subject.removesuffix(f": {facts.course_title}")
    text = squeezed(f"{mail.text} {heading}")
    assert [part for part in seen.parts if squeezed(part) not in text] == []


def squeezed(text):
    """Return a text without its spaces, which tags may stand in place of."""
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("write", ALL)
def test_a_mail_has_one_button_and_it_leads_to_the_bookings(write, language):
    mail = write(replace(FACTS, language=language, look=LOOK))
    assert mail.html.count('class="button"') == 1
    assert Visible(mail.html).links.count(FACTS.booking_url) == 1


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
    assert facts.when(facts.entries[0]) == (
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
    MoneyOutcome.BACK_BY_HAND: "The school gives €30.00 back to you by hand.",
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


def test_refunded_has_the_reason_and_the_note_of_the_school():
    refund = RefundText("€10.00", "€45.00", "given_back_by_operator", "Half a day.", "Hi!\n\nBye")
    words = mail_text(messages.refunded, refund=refund)
    for sentence in ("The reason: Half a day.", "The school writes: Hi!", "Bye"):
        assert sentence in words
    refund = replace(refund, reason="", note="")
    assert "The reason" not in mail_text(messages.refunded, refund=refund)


def test_cancelled_has_the_reason_once():
    cancelled = messages.cancelled
    assert "The reason: No show." in mail_text(cancelled, reason="No show.", ended_by="operator")
    kept = MoneyText(MoneyOutcome.KEPT, "€45.00", "No show.")
    words = mail_text(cancelled, reason="No show.", ended_by="operator", money=(kept,))
    assert words.count("No show.") == 1
    assert "The reason" not in mail_text(cancelled, ended_by="operator")


def test_a_failed_refund_makes_no_uncertain_promise():
    words = mail_text(messages.refund_failed, refund=RefundText("€45.00", "€45.00", "cancelled"))
    assert "Our refund of €45.00" in words
    assert "did not go through" in words


def test_a_late_payment_is_refunded_in_full():
    assert "the full €45.00 back" in mail_text(messages.late_payment_refunded)


def test_only_a_confirmed_booking_comes_with_a_calendar_entry():
    with_file = {write.__name__ for write in ALL if write(FACTS).calendars}
    assert with_file == {"booked", "booked_by_school", "moved", "place_for_you"}


def test_cancelling_removes_the_calendar_entry_sent_before():
    mail = messages.cancelled(replace(FACTS, sequence=1))
    [file] = mail.calendars
    assert file.method == "CANCEL"
    assert b"METHOD:CANCEL" in file.data


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
    [cell] = re.findall(rf"<td([^>]*)>{'Donau' * 30}</td>", written.html)
    assert 'dir="auto"' in cell
    assert written.html.count('<p dir="auto"') >= 2


@pytest.mark.parametrize("write", ALL)
def test_every_mail_names_the_number_of_the_booking(write):
    facts = replace(FACTS, booking_id="bkg_7f3kabcdefgh7k3f9m")
    assert "Booking: CB-7K3F9M\n" in write(facts).text


def test_the_confirmation_says_what_the_terms_give_and_until_when():
    mail = messages.booked(FACTS)
    assert (
        "If you cancel: 100% back until Saturday 2 January 2027, 18:00, Berlin time; nothing "
        "after that.\n"
    ) in mail.text
    assert "Amount: €45.00\n" in mail.text


def test_a_seat_that_ended_before_the_mail_was_sent_is_promised_nothing():
    text = messages.booked(replace(FACTS, ended_by="student")).text
    assert "If you cancel" not in text
    assert "Amount: €45.00\n" in text


def test_terms_are_never_said_to_reach_beyond_the_start():
    late = Share(FACTS.starts_at + timedelta(days=9), 50)
    text = replace(FACTS, promise=(*FACTS.promise, late)).terms
    assert text.endswith("then 50% back until Tuesday 5 January 2027, 18:00, Berlin time; " + AFTER)
    assert replace(FACTS, promise=()).terms == "Nothing is given back."
    assert "any time before the start" in replace(FACTS, amount_text="", promise=()).terms


@pytest.mark.parametrize(
    ("is_online", "zone", "row"),
    [
        (True, "America/New_York", "Your time: Tuesday 5 January 2027, 12:00 – 14:30, New York"),
        (True, "", "In UTC: Tuesday 5 January 2027, 17:00 – 19:30, UTC"),
        (True, "Europe/Paris", ""),
        (False, "America/New_York", ""),
    ],
)
def test_an_online_course_is_told_in_both_zones(is_online, zone, row):
    text = messages.booked(replace(FACTS, is_online=is_online, reader_timezone=zone)).text
    assert row in text
    assert ("Your time" in text, "In UTC" in text) == ("Your" in row, "UTC" in row)


def test_german_mails_are_german_down_to_dates_amounts_and_quotes():
    mail = messages.booked(replace(FACTS, language="de", amount_text="45,00 €"))
    assert mail.subject == "Gebucht: Bread & Butter <Baking>"
    assert mail.text.startswith("Guten Tag Sam Student,\n")
    for part in (
        "Ihr Platz im Kurs „Bread & Butter <Baking>“ ist gebucht. Wir haben 45,00 € erhalten.",
        "Wann: Dienstag, 5. Januar 2027, 18:00–20:30 Uhr, Ortszeit Berlin",
        "Wenn Sie absagen: 100 % zurück bis Samstag, 2. Januar 2027, 18:00 Uhr, Ortszeit Berlin;",
    ):
        assert part in mail.text
    assert '<html lang="de"' in mail.html


def test_a_language_that_we_lack_is_english():
    assert messages.booked(replace(FACTS, language="tlh")) == messages.booked(FACTS)


def test_a_person_without_a_name_is_greeted_all_the_same():
    assert messages.booked(replace(FACTS, student_name="")).text.startswith("Hello,\n")


def test_a_picture_has_its_title_as_alternative_text():
    mail = messages.booked(replace(FACTS, picture_url="http://localhost:3000/a.png"))
    assert 'src="http://localhost:3000/a.png" alt="Bread &amp; Butter &lt;Baking&gt;"' in mail.html
    assert "<img" not in messages.booked(FACTS).html


def test_each_meeting_is_a_line_with_its_own_place():
    later = timedelta(weeks=1)
    meetings = (
        MeetingFacts(1, FACTS.starts_at, FACTS.ends_at),
        MeetingFacts(2, FACTS.starts_at + later, FACTS.ends_at + later, place="The beach"),
        MeetingFacts(3, FACTS.starts_at, FACTS.ends_at, is_cancelled=True),
    )
    text = messages.booked(replace(FACTS, meetings=meetings)).text
    assert "Meeting 1: Tuesday 5 January 2027, 18:00" in text
    assert "Meeting 2: Tuesday 12 January 2027, 18:00" in text
    assert "Berlin time, The beach" in text
    assert "Meeting 3" not in text
    assert "adds all meetings to your calendar" in text
    assert "When:" not in text


def test_an_online_meeting_has_the_time_of_the_student_too():
    meetings = tuple(MeetingFacts(n, FACTS.starts_at, FACTS.ends_at) for n in (1, 2))
    facts = replace(FACTS, meetings=meetings, is_online=True, reader_timezone="Asia/Kolkata")
    assert messages.booked(facts).text.count("Your time: Tuesday 5 January 2027, 22:30") == 2


def test_a_confirmation_says_what_to_bring():
    info = "## Clay\n\n- **An apron**\n- <b>Old</b> shoes, [like these](https://shoes.example)"
    points = "Clay\n\n- An apron\n- <b>Old</b> shoes, like these: https://shoes.example"
    for write in (messages.booked, messages.place_for_you, messages.reminder):
        mail = write(replace(FACTS, attendee_info=info))
        assert f"What to bring, and what to know:\n\n{points}" in mail.text
        assert "<strong>An apron</strong>" in mail.html
        assert "&lt;b&gt;Old&lt;/b&gt; shoes" in mail.html
        assert 'href="https://shoes.example' in mail.html
        assert "**" not in mail.text + mail.html
    assert "bring" not in messages.booked(FACTS).text


@pytest.mark.parametrize("kind", sorted(set(COPIES.values()) | {MailKind.PLACE_HANDED_ON}))
def test_a_copy_for_a_participant_says_nothing_about_money(kind: MailKind):
    """Also when everything about money is known to the facts."""
    back = (MoneyText(MoneyOutcome.GOES_BACK, "€45.00", ""),)
    move = MoveFacts("Before", [(FACTS.starts_at, FACTS.ends_at)], "UTC", "give_back", "€10.00")
    facts = replace(FACTS, is_copy=True, payer_name="Carla", money=back, move=move, sequence=1)
    for ended_by in ("", "student", "operator", "course_cancelled"):
        mail = messages.MAILS[kind](replace(facts, ended_by=ended_by))
        for part in (mail.text, mail.html):
            assert "€" not in part
            assert "% back" not in part
            assert "See your booking" not in part


def test_the_payer_gets_no_entry_for_a_place_of_somebody_else():
    facts = replace(FACTS, participant_name="Bruno", has_other_address=True, sequence=1)
    assert messages.booked(facts).calendars == ()
    assert "attached" not in messages.booked(facts).text
    (removed,) = messages.MAILS[MailKind.PLACE_HANDED_ON](facts).calendars
    assert removed.method == "CANCEL"
    kept = replace(facts, has_other_address=False)
    assert messages.MAILS[MailKind.PLACE_HANDED_ON](kept).calendars == ()
