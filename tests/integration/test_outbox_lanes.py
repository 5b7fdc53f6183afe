"""Lanes of the outbox: a bulk of mails never delays the mail about one booking."""

import time
from datetime import timedelta

import pytest

from coursebook.persistence.repositories.outbox import Lane, OutboxDraft
from coursebook.persistence.unit_of_work import writing
from coursebook.wiring import Services
from coursebook.worker import loop
from coursebook.worker.tasks import one_round
from tests.support.harness import Harness, Started, eur

MANY = 45


async def a_bulk(harness: Harness, started: Started) -> None:
    """Enqueue many copies of one mail that were due before anything else."""
    payload = {"booking_id": started.booking_id, "sequence": 0, "price": 0, "currency": "eur"}
    drafts = [OutboxDraft("mail:cancelled", f"bulk {number}", payload) for number in range(MANY)]
    async with writing(harness.services.context.database) as work:
        await work.outbox.enqueue_all(drafts, harness.clock() - timedelta(hours=1), Lane.BULK)


async def test_a_confirmation_goes_before_a_bulk_that_waited_longer(harness: Harness):
    sam, sue = harness.student("sam"), harness.student("sue")
    course = await harness.course(price=eur(0))
    await a_bulk(harness, await harness.confirmed(sam, course))
    await harness.worker_round()
    await harness.confirmed(sue, course)
    assert await one_round(harness.services), "some of the bulk is left"
    assert [m["subject"] for m in await harness.mails(sue)] == [f"Booked: {course.title}"]


async def test_the_bulk_pauses_between_its_messages(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await harness.confirmed(harness.student("sam"), await harness.course(price=eur(0)))
    await harness.services.outbox.run()
    await a_bulk(harness, started)
    harness.services.outbox._bulk_pause = 0.01
    begun = time.monotonic()
    assert await harness.services.outbox.run() == 20
    assert time.monotonic() - begun >= 19 * 0.01


async def test_the_worker_goes_on_without_a_pause_while_work_is_left(monkeypatch):
    pauses: list[float] = []

    class Settings:
        worker_seconds = 5.0

    class Some:
        settings = Settings()

    answers = iter([True, True, False])

    async def round_of(_services: Services) -> bool:
        return next(answers)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "one_round", round_of)
    monkeypatch.setattr(loop.asyncio, "sleep", pause)
    with pytest.raises(KeyboardInterrupt):
        await loop._rounds(Some())  # type: ignore[arg-type]
    assert pauses == [0, 0, 5.0]
