"""A round of the worker that finds nothing due costs one question and one heartbeat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from coursebook.errors import Unavailable
from coursebook.persistence import due_work, unit_of_work
from coursebook.worker import tasks
from tests.support.harness import Harness

pytestmark = pytest.mark.both_databases
QUESTIONS = frozenset(column.name for column in due_work._statement().selected_columns)


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each transaction that begins."""
    begun: list[None] = []
    real = unit_of_work.transaction

    @asynccontextmanager
    async def counted(*arguments: Any) -> AsyncIterator[Any]:
        begun.append(None)
        async with real(*arguments) as session:
            yield session

    monkeypatch.setattr(unit_of_work, "transaction", counted)
    return begun


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the passes that a round ran; they do nothing."""
    names: list[str] = []

    def noted(name: str) -> tasks.Pass:
        async def note(_services: object) -> None:
            names.append(name)

        return note

    noting = tuple((name, noted(name)) for name, _ in tasks.passes())
    monkeypatch.setattr(tasks, "passes", lambda: noting)
    return names


async def test_at_rest_a_round_begins_two_transactions(
    harness: Harness, transactions: list[None]
) -> None:
    booked = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.worker_round()  # the mail, and what is new in an empty database
    transactions.clear()
    await harness.worker_round()
    assert len(transactions) == 2
    await harness.later(minutes=2)  # now the open session is asked about
    await harness.worker_round()
    assert len(transactions) > 2 * 2
    assert await harness.status_of(booked) == "pending"


def test_every_pass_has_its_question() -> None:
    assert {name for name, _ in tasks.passes()} - {tasks.ALWAYS} == QUESTIONS


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_what_is_due_and_all_that_follows_is_done(
    name: str, sqlite_harness: Harness, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def only_this(_services: object) -> frozenset[str]:
        return frozenset({name})

    everything = [each for each, _ in tasks.passes()]
    monkeypatch.setattr(tasks, "due_passes", only_this)
    await tasks.one_round(sqlite_harness.services)
    assert ran == everything[everything.index(name) :]


async def test_when_we_cannot_ask_every_pass_is_tried(
    sqlite_harness: Harness, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(_services: object) -> frozenset[str]:
        raise Unavailable

    monkeypatch.setattr(tasks, "due_passes", unavailable)
    await tasks.one_round(sqlite_harness.services)
    assert ran == [name for name, _ in tasks.passes()]


async def test_without_comparisons_none_is_due(sqlite_harness: Harness) -> None:
    due = await tasks.due_passes(sqlite_harness.services)  # `reconcile_hours` is 0
    assert "comparison" not in due
    assert "fees" in due  # the payouts were never asked for
