"""Tickets: the QR code in the confirmation, on the pages of its student, and after a handover."""

import base64
from email import message_from_string
from email.policy import default
from typing import Any

from coursebook.domain.check_in.ticket_code import code_of, qr_text
from coursebook.domain.check_in.ticket_picture import ticket_data_url, ticket_png
from tests.support.harness import OPERATOR, Harness, Started


def picture_in(mail: dict[str, Any]) -> bytes:
    """Return the picture that the HTML part of a mail shows."""
    message = message_from_string(mail["raw"], policy=default)
    html = message.get_body(("html",)).get_content()
    (part,) = [p for p in message.walk() if p.get_content_type() == "image/png"]
    assert part["Content-ID"].strip("<>") in html
    assert mail["attachments"] == ["course.ics"]
    return bytes(part.get_payload(decode=True))


async def code_of_booking(harness: Harness, started: Started) -> str:
    return str((await harness.booking(started))["ticket_code"])


async def test_the_confirmation_shows_the_ticket(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    assert await code_of_booking(harness, started) == "", "held, not confirmed"
    await harness.pay(started)
    await harness.worker_round()
    code = await code_of_booking(harness, started)
    (mail,) = await harness.mails(sam)
    assert picture_in(mail) == ticket_png(code, scale=6)
    assert f"Ticket code: {code}" in mail["text"]
    foreign = await harness.get(f"/api/bookings/{started.booking_id}", OPERATOR)
    assert foreign.json()["ticket_code"] == "", "it is the student's"
    assert (
        code not in (await harness.get(f"/api/manage/bookings/{started.booking_id}", OPERATOR)).text
    )


async def test_a_handed_on_place_has_a_new_code_that_only_the_new_person_gets(harness: Harness):
    sam, ann = harness.student("sam"), harness.student("ann")
    started = await harness.confirmed(sam, await harness.course())
    old = await code_of_booking(harness, started)
    path = f"/api/manage/bookings/{started.booking_id}/participant"
    bea = harness.student("bea")
    for person in (ann, bea):  # before the first mail is sent
        body = {"name": person.email, "email": person.email}
        assert (await harness.post(path, OPERATOR, json=body)).status_code == 200
    for _ in range(2):
        await harness.worker_round()
    new = await code_of_booking(harness, started)
    assert new != old
    mails = [mail["raw"] for mail in await harness.mails(ann)]
    assert mails
    assert not [raw for raw in mails if "image/png" in raw or new in raw]
    (mail, *_) = await harness.mails(bea)
    assert picture_in(mail) == ticket_png(new, scale=6)


def test_a_picture_is_small_enough_for_a_page():
    address = ticket_data_url("BCDFGHJKMNPQRSTVWXYZ")
    assert len(address) < 500
    assert base64.b64decode(address.partition(",")[2]).startswith(b"\x89PNG")
    assert ticket_data_url("") == ""
    assert code_of(qr_text("BCDFGHJKMNPQRSTVWXYZ")) == "BCDFGHJKMNPQRSTVWXYZ"
