"""A message to many people: each gets it once, over two workers and one that dies."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from coursebook.domain.actor import WORKER
from coursebook.errors import Invalid
from coursebook.mail.letter import Mail
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Course, MessageRecipient
from coursebook.persistence.unit_of_work import writing
from coursebook.services.manage.messaging.message_rules import Confirmation
from coursebook.services.outbox.runner import OutboxRunner
from tests.support.harness import OPERATOR, Harness, eur
from tests.support.rows import a_booking, a_user

MANY = 500
"""More than the number that is sent to without typing it."""


class Died(BaseException):
    """The process ends in the middle of a mail, before or after the server took it."""


async def full_course(harness: Harness) -> Course:
    """Return a course with many confirmed people."""
    course = await harness.course(price=eur(0), capacity=MANY)
    async with writing(harness.services.context.database) as work:
        stored = await work.session.get(Course, course.id)
        assert stored is not None
        stored.confirmed = MANY
        people = [a_user(name=f"Person {number:03}") for number in range(MANY)]
        work.session.add_all(people)
        await work.flush()
        confirmed = {"place": "confirmed", "confirmed_at": harness.clock()}
        for booking in [a_booking(person, course, **confirmed) for person in people]:
            work.session.add(booking)
            change = Change(booking.id, "booking", "confirmed", None, "confirmed")
            work.audit.write(change, actor=WORKER, request_id="", now=harness.clock())
    return course


async def test_everybody_gets_it_once_over_two_workers_and_one_that_dies(
    harness: Harness,
):
    course = await full_course(harness)
    messages, olga = harness.services.course_messages, await harness.principal(OPERATOR)
    written = {"subject": "Hello", "body": "Hello {name}"}
    stored = await messages.create(olga, course.id, written)
    with pytest.raises(Invalid, match=f"goes to {MANY} people"):
        await messages.send(olga, stored.id, Confirmation(1, people=MANY - 1))
    begun = await messages.send(olga, stored.id, Confirmation(1, people=MANY))
    assert begun.recipients.queued == MANY
    sent: Counter[str] = Counter()

    class Sender:
        def __init__(self, dies_after: int = MANY + 1) -> None:
            self._left = dies_after

        async def send(self, mail: Mail, *, key: str) -> None:
            self._left -= 1
            if self._left == 0:
                raise Died
            await asyncio.sleep(0)
            sent[key] += 1
            assert mail.subject == "Hello"

    def worker(sender: Sender) -> OutboxRunner:
        return OutboxRunner(harness.services.context, sender, bulk_pause=0.0)  # type: ignore[arg-type]

    async def all_of(runner: OutboxRunner) -> None:
        is_done = False
        while not is_done:
            is_done = await runner.run() == 0

    dying = worker(Sender(dies_after=10))
    results = await asyncio.gather(
        all_of(dying), all_of(worker(Sender())), all_of(worker(Sender())), return_exceptions=True
    )
    assert [type(result) for result in results] == [Died, type(None), type(None)]
    assert len(sent) == MANY - 1
    await harness.later(minutes=4)  # what the dead one had claimed is due again
    await all_of(worker(Sender()))
    assert set(sent.values()) == {1}
    assert len(sent) == MANY
    rows = [r for r in await harness.rows_of(MessageRecipient) if r.message_id == stored.id]
    assert Counter(row.state for row in rows) == {"sent": MANY}
    await harness.services.message_passes.run()
    assert (await messages.get(olga, stored.id)).state == "sent"


async def test_processes_share_the_pace_of_the_bulk(harness: Harness):
    now, pause = harness.clock(), timedelta(seconds=0.2)
    turns = []
    for milliseconds in (0, 100, 199, 200, 250, 400):
        async with writing(harness.services.context.database) as work:
            at = now + timedelta(milliseconds=milliseconds)
            turns.append(await work.heartbeats.take_turn("a test", at, pause))
    assert turns == [True, False, False, True, False, True]
