"""The mail to operators about a money inbox entry."""

from dataclasses import replace

import pytest

from coursebook.domain.inbox import InboxAction
from coursebook.mail.operators import EntryFacts, inbox_entry

FACTS = EntryFacts(
    cause="A refund failed.",
    money="We have the money; the student should have received it.",
    detail="A refund of €45.00 failed: account closed.",
    amount="€45.00",
    action=InboxAction.REFUND,
    booking_id="bkg_1",
    entry_url="http://localhost:3000/manage/inbox/inb_1",
)
TO = "money@school.test"


@pytest.mark.parametrize("action", list(InboxAction))
def test_it_explains_the_cause_the_money_and_the_action(action: InboxAction):
    mail = inbox_entry(TO, replace(FACTS, action=action))
    assert (mail.to, mail.subject) == (TO, "Money inbox: A refund failed")
    for part in (
        FACTS.cause,
        FACTS.money,
        FACTS.detail,
        f"“{action}”: it ",
        "Booking",
        FACTS.amount,
        FACTS.entry_url,
    ):
        assert part in mail.text
        assert part in mail.html
    assert "minor units" not in mail.text


def test_money_without_a_booking_names_no_booking():
    assert "Booking" not in inbox_entry(TO, replace(FACTS, booking_id="")).text


def test_texts_from_stripe_are_escaped():
    evil = '<img src=x onerror="alert(1)">'
    assert "<img" not in inbox_entry(TO, replace(FACTS, detail=evil, booking_id=evil)).html
