"""What an extension adds beside pages: payment events and jobs of the worker."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from coursebook.domain.actor import WORKER
from coursebook.extensions.declaration import Extension
from coursebook.mail.facts import MailFacts
from coursebook.mail.messages import Mail, booking_mail
from coursebook.payments.event_targets import EVENTS, EventTarget
from coursebook.payments.stripe_checkup import Endpoint
from coursebook.persistence.unit_of_work import writing
from coursebook.services.locked_booking import lock_booking
from coursebook.services.outbox.mails import PermanentFailure
from coursebook.services.settlement.webhooks import Webhooks
from coursebook.worker import tasks
from tests.support.harness import Harness


async def test_jobs_run_in_every_round_and_a_broken_one_stops_nothing(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Any] = []

    async def breaks(_services: Any) -> None:
        raise RuntimeError("no such thing")

    async def works(services: Any) -> None:
        ran.append(services)

    extension = Extension(name="mine", jobs=(breaks, works))
    monkeypatch.setattr(tasks, "extensions", lambda: (extension,))
    with capture_logs() as logs:
        await tasks.one_round(sqlite_harness.services)
        await tasks.one_round(sqlite_harness.services)
    assert ran == [sqlite_harness.services] * 2
    crashed = [entry["name"] for entry in logs if entry["event"] == "worker_pass.crashed"]
    assert crashed == ["breaks", "breaks"]


def test_an_event_of_an_extension_is_fetched_like_ours(sqlite_harness: Harness) -> None:
    asked: list[str] = []

    def more_events() -> dict[str, EventTarget]:
        asked.append("once")
        return {"charge.updated": EventTarget.PAYMENT}

    webhooks = Webhooks(sqlite_harness.services.context, more_events)
    assert webhooks._target("charge.refunded") is EventTarget.PAYMENT
    assert asked == []
    assert webhooks._target("charge.updated") is EventTarget.PAYMENT
    assert webhooks._target("charge.captured") is EventTarget.NOTHING


def test_doctor_names_the_event_that_the_endpoint_is_not_sent() -> None:
    endpoint = Endpoint("https://x", True, frozenset(EVENTS), None)
    assert endpoint.missing() == []
    assert endpoint.missing(["charge.updated"]) == ["charge.updated"]


async def test_a_mail_of_an_extension_is_promised_and_sent_like_ours(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def course_soon(facts: MailFacts) -> Mail:
        return booking_mail(facts, "Soon", f"“{facts.course_title}” begins soon.")

    outbox = sqlite_harness.services.outbox
    monkeypatch.setattr(outbox, "_more_mails", lambda: {"course_soon": course_soon})
    sam = sqlite_harness.student("sam")
    started = await sqlite_harness.checkout(sam, await sqlite_harness.course())
    context = sqlite_harness.services.context
    for _ in range(2):
        async with writing(context.database) as work:
            locked = await lock_booking(work, started.booking_id, WORKER, context.clock())
            assert locked is not None
            await locked.enqueue_mail("course_soon", occasion="2027-01-05")
    await sqlite_harness.worker_round()
    subjects = [mail["subject"] for mail in await sqlite_harness.mails(sam)]
    assert [s for s in subjects if s.startswith("Soon: ")] == [subjects[0]]


async def test_a_mail_that_nobody_writes_is_given_up(sqlite_harness: Harness) -> None:
    with pytest.raises(PermanentFailure, match="Nobody knows how to do 'mail:nothing'"):
        sqlite_harness.services.outbox._writer_of("mail:nothing")
    with pytest.raises(PermanentFailure):
        sqlite_harness.services.outbox._writer_of("booked")
