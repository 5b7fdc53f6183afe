"""The mail to operators about a money inbox entry."""

from dataclasses import replace
from html import unescape

import pytest

from coursebook.domain.inbox import ACTION, CAUSE, MONEY, InboxKind
from coursebook.mail.operators import EntryFacts, inbox_entry

FACTS = EntryFacts(
    kind=InboxKind.REFUND_FAILED,
    detail="A refund of €45.00 failed: account closed.",
    amount="€45.00",
    number="CB-TESTED",
    school_name="Mill School",
    entry_url="http://localhost:3000/manage/inbox/inb_1",
)
TO = "money@school.test"


@pytest.mark.parametrize("kind", list(InboxKind))
def test_it_explains_the_cause_the_money_and_the_action(kind: InboxKind):
    mail = inbox_entry(TO, replace(FACTS, kind=kind))
    assert (mail.to, mail.subject) == (TO, f"Money inbox: {CAUSE[kind].removesuffix('.')}")
    html = unescape(mail.html)
    for part in (
        CAUSE[kind],
        MONEY[kind],
        FACTS.detail,
        f"“{ACTION[kind]}”: it ",
        "Booking",
        FACTS.amount,
        FACTS.entry_url,
    ):
        assert part in mail.text
        assert part in html
    assert "minor units" not in mail.text


def test_an_operator_who_reads_german_is_told_in_german():
    mail = inbox_entry(TO, replace(FACTS, language="de"))
    assert mail.subject == "Geld-Eingang: Eine Erstattung ist fehlgeschlagen"
    assert "gibt zurück, was wir von der Zahlung noch haben" in mail.text
    assert FACTS.detail in mail.text


def test_money_of_no_booking_names_none():
    assert "Booking" not in inbox_entry(TO, replace(FACTS, number="")).text


def test_texts_from_stripe_are_escaped():
    evil = '<img src=x onerror="alert(1)">'
    assert "<img" not in inbox_entry(TO, replace(FACTS, detail=evil, number=evil)).html
