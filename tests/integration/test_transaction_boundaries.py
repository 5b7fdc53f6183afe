"""Two invariants: no call to Stripe inside a transaction, and no deleted row of seats or money.

A connection belongs to the task that took it from the pool. A task that calls Stripe must have
none.
"""

import asyncio
import inspect
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import coursebook
from coursebook.payments.gateway import Gateway
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import OPERATOR, Harness
from tests.support.stripe_objects import an_event, charge_of, deliver

pytestmark = pytest.mark.both_databases

CREATE = {"path": "/v1/checkout/sessions", "method": "POST"}
CALLS = {name for name, one in inspect.getmembers(Gateway) if inspect.iscoroutinefunction(one)}


@pytest.fixture
def asked(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the calls to Stripe by name, and check that none is in a transaction."""
    holders: dict[int, asyncio.Task[Any] | None] = {}
    counted: dict[str, int] = {}
    database, gateway = harness.services.context.database, harness.services.context.gateway
    for engine in (database.reading, database.writing):
        pool = engine.sync_engine.pool
        sa.event.listen(pool, "checkout", lambda _c, record, _f: _taken(holders, record))
        sa.event.listen(pool, "checkin", lambda _c, record: holders.pop(id(record), None))

    def watched(name: str) -> None:
        call = getattr(gateway, name)

        async def judged(*arguments: Any) -> Any:
            assert asyncio.current_task() not in holders.values(), f"{name} in a transaction"
            counted[name] = counted.get(name, 0) + 1
            return await call(*arguments)

        monkeypatch.setattr(gateway, name, judged)

    for name in CALLS - {"close"}:
        watched(name)
    return counted


def _taken(holders: dict[int, asyncio.Task[Any] | None], record: object) -> None:
    holders[id(record)] = asyncio.current_task()


async def test_stripe_is_never_asked_while_a_transaction_is_open(
    harness: Harness, asked: dict[str, int], monkeypatch: pytest.MonkeyPatch
):
    """Exercises every path that calls Stripe, so every gateway method is called."""
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    paid = await harness.confirmed(sam, course)
    await harness.control(f"charges/{await charge_of(harness, paid)}/dispute", inquiry=True)
    await harness.quiet()
    await harness.post(f"/api/bookings/{paid.booking_id}/cancel", OPERATOR)
    await harness.worker_round()
    sold = await harness.course()
    await harness.confirmed(harness.student("eva"), sold)
    await harness.get(f"/api/manage/courses/{sold.id}/cancel/preview", OPERATOR)
    await harness.control("payouts")
    await harness.quiet()
    left = await harness.checkout(harness.student("sue"), course)
    await harness.control("deliveries/mode", mode="drop")
    await harness.control("faults", kind="500", when="after", count=3, **CREATE)
    ann = harness.student("ann")
    await harness.post("/api/stripe/checkout", ann, json={"course_id": course.id})
    harness.clock.advance(timedelta(hours=2))
    await harness.worker_round()
    await deliver(harness, an_event("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1"}))
    comparing = Reconciler(harness.services.context, every=timedelta(), pause=0)
    async for _ in comparing.run_to_end(since=harness.clock()):
        pass
    assert await harness.status_of(left) == "failed"
    assert set(asked) == CALLS - {"close"}


def test_no_row_of_places_or_money_is_ever_deleted():
    """Only rows that can be recreated may be deleted, and links that nobody was promised.

    The first are stored API answers, the search indexes and the progress of a comparison. The
    others are a teacher of a course (the audit trail says who took the role away), a meeting of
    a draft that was never public, and an old address that a course has again.
    """
    home = Path(coursebook.__file__).parent
    matches = {
        (path.relative_to(home).as_posix(), table)
        for path in home.rglob("*.py")
        if "sandbox" not in path.parts
        for table in re.findall(r"\bdelete\((\w+)\)", path.read_text(encoding="utf-8"))
    }
    assert matches == {
        ("persistence/course_search/index.py", "CourseSearch"),
        ("persistence/people_search/index.py", "PersonSearch"),
        ("persistence/repositories/grants.py", "CourseTeacher"),
        ("persistence/repositories/meetings.py", "meeting"),
        ("persistence/repositories/idempotent_replies.py", "IdempotentReply"),
        ("persistence/repositories/reconciliations.py", "Reconciliation"),
        ("persistence/repositories/slug_redirects.py", "SlugRedirect"),
    }
