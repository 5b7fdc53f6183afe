"""Mails to operators about new money inbox entries: once, and only while the entry is open."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from coursebook.domain.booking import number_of
from coursebook.mail.smtp import MailNotSent
from coursebook.run.doctor.local_checks import money_inbox
from tests.contract.test_api_inbox import entries, outside
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import OPERATOR, Harness, Student, a_harness
from tests.support.sandbox import SandboxProcess

MONEY, SCHOOL = Student("money@school.test"), Student("head@school.test")


@pytest.fixture
async def told(sandbox_of_the_run: SandboxProcess, sqlite_url: str) -> AsyncIterator[Harness]:
    """A harness with configured operator addresses."""
    addresses = (MONEY.email, SCHOOL.email)
    async with a_harness(sandbox_of_the_run, sqlite_url, operator_email=addresses) as harness:
        yield harness
        await check_books(harness)


async def about(harness: Harness, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the mails to one operator about an entry."""
    return [m for m in await harness.mails(MONEY) if entry["id"] in m["text"]]


async def test_each_operator_gets_one_mail_that_says_what_the_entry_says(told: Harness):
    assert (await money_inbox(told.services)).line().startswith("ok")
    started = await outside(told, 500)
    for _ in range(3):
        await told.worker_round()
        told.clock.advance(timedelta(hours=1))
    (entry,) = await entries(told)
    (mail,) = await about(told, entry)
    assert mail["subject"] == "Money inbox: Money was given back in Stripe's dashboard"
    for part in (entry["detail"], entry["money"], "“accept”", number_of(started.booking_id)):
        assert part in " ".join(mail["text"].split())
    assert any(entry["id"] in m["text"] for m in await told.mails(SCHOOL))
    assert await told.mails(OPERATOR) == []


async def test_no_mail_is_sent_about_a_closed_entry(told: Harness):
    started = await outside(told, 500)
    (entry,) = await entries(told)
    await told.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await told.worker_round()
    assert await about(told, entry) == []


async def test_a_failing_address_does_not_block_the_others(told: Harness, monkeypatch):
    """A mail about an entry that cannot be sent opens no entry of its own."""
    sender = told.services.outbox._sender
    send, tries = sender.send, []

    async def fails(mail, *, key):
        is_alert = mail.to in (MONEY.email, SCHOOL.email)
        tries.extend([mail.to] * is_alert)
        if mail.to == SCHOOL.email:
            raise MailNotSent("no such address", permanent=True)
        if is_alert and len(tries) == 1:
            raise MailNotSent("the server is away")
        await send(mail, key=key)

    monkeypatch.setattr(sender, "send", fails)
    await outside(told, 500)
    for _ in range(3):
        await told.worker_round()
        told.clock.advance(timedelta(hours=2))
    (entry,) = await entries(told)
    assert len(await about(told, entry)) == 1
    assert tries == [MONEY.email, SCHOOL.email] * 2, "a temporary failure is tried again"
    (promise,) = [m for m in (await read_books(told)).outbox if m.kind == "mail:inbox_entry"]
    assert (promise.is_dead, promise.last_error) == (True, "no such address")


async def test_without_an_address_the_doctor_reports_open_entries(sqlite_harness: Harness):
    harness = sqlite_harness
    assert (await money_inbox(harness.services)).remedy.startswith("set OPERATOR_EMAIL")
    await outside(harness, 500)
    await harness.worker_round()
    assert (await money_inbox(harness.services)).observation.startswith("1 for a person to decide")
    (promise,) = [m for m in (await read_books(harness)).outbox if m.kind == "mail:inbox_entry"]
    assert promise.done_at is not None
