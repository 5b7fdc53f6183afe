"""Cancelling a course with sixty people while Stripe fails and the worker is killed, and buyers who
pay at that moment. Product and sandbox run in this process, so a kill costs nothing.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.refund import RefundState
from coursebook.errors import ChangedMeanwhile, CoursebookError
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.bookings.offline_payments import Handover, receive_payment
from coursebook.services.course_cancellation.views import (
    CancellationPreview,
    CancellationProgress,
    ExpectedCancellation,
    PeopleCounts,
)
from coursebook.services.reconciliation.reconciler import Reconciler
from coursebook.services.views import MoneyView
from coursebook.worker.tasks import one_round
from tests.fuzz.in_memory_harness import (
    InMemoryProduct,
    in_memory_product,
    memory_folder,
    without_delays,
)
from tests.fuzz.interleaving import Scheduler
from tests.fuzz.money_oracle import check_against_stripe
from tests.fuzz.single_thread_sqlite import single_thread_sqlite
from tests.fuzz.webhook_queue import WebhookQueue
from tests.support import cards
from tests.support.booking_invariants import Books, check_books, read_books
from tests.support.booking_states import locked_booking_of
from tests.support.harness import OPERATOR, Harness, Started
from tests.support.log_format import plain_log

CARD, CASH, FREE, PAYING, PROCESSING, DISPUTED = 40, 5, 5, 5, 3, 2
PEOPLE = CARD + CASH + FREE + PAYING + PROCESSING + DISPUTED
CARD_PRICES = [(4500, "eur")] * 15 + [(5200, "eur")] * 10 + [(6000, "usd")] * 15
KILLS = 10
RUNS, BUYERS = 10, 20
"""Two hundred buyers, each at another moment of the cancelling of their course."""
FAULTS = (("429", "before"), ("500", "before"), ("reset", "after"), ("500", "after"))
"""A busy Stripe, a broken one, and two whose answer was lost although the call had its effect."""
MAX_ROUNDS = 40
MAIL = "mail:course_cancelled"


class School:
    """A product in this process with its queue of events; `run` interleaves what happens."""

    def __init__(self, product: InMemoryProduct, harness: Harness) -> None:
        self.harness = harness
        self.stripe = product.stripe
        self.box = WebhookQueue(harness, product.stripe)
        self.run = Scheduler(harness.services)

    async def deliver(self, *, twice: bool = False) -> None:
        """Deliver every event that waits, and let each be handled."""
        for event in self._waiting() * (2 if twice else 1):
            await self.box.deliver(event)
            await self.harness.services.webhooks.drain()

    async def hear(self) -> None:
        """Deliver every event that waits; they are handled meanwhile."""
        for event in self._waiting():
            await self.box.deliver(event)

    def _waiting(self) -> list[dict[str, Any]]:
        self.box.collect()
        events, self.box.waiting = self.box.waiting, []
        return events

    async def end(self) -> None:
        """Let nothing stay paused, also after a failure."""
        for action in self.run.actions:
            action.stop_point.open()
            action.task.cancel()
        tasks = [action.task for action in self.run.actions]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def pay(self, started: Started, card: str = cards.VISA) -> None:
        """Pay on the page; a closed one takes nothing."""
        await self.harness.control(f"sessions/{started.session_id}/pay", card=card, wait=False)

    def paid(self) -> set[str]:
        """Return the ids of bookings for which Stripe has taken money."""
        pages = self.stripe.sessions("complete")
        return {s["metadata"]["booking_id"] for s in pages if s["payment_status"] == "paid"}

    def charge_of(self, started: Started) -> str:
        """Return the charge of a paid page."""
        page = next(s for s in self.stripe.sessions("complete") if s["id"] == started.session_id)
        return self.stripe.charge_of(page["payment_intent"])

    async def preview(self, course: Course) -> CancellationPreview:
        olga = await self.harness.principal(OPERATOR)
        return await self.harness.services.course_cancellations.preview(olga, course.id)

    async def cancel(self, course: Course) -> None:
        """Cancel a course; look again when somebody pays meanwhile, as a person would."""
        olga = await self.harness.principal(OPERATOR)
        while True:
            count = (await self.preview(course)).count
            expected = ExpectedCancellation(
                people=count.people.total,
                give_back={money.currency: money.amount for money in count.give_back},
                by_hand={money.currency: money.amount for money in count.by_hand_sums},
            )
            try:
                await self.harness.services.course_cancellations.cancel(
                    olga, course.id, reason="The kiln broke.", expected=expected
                )
            except ChangedMeanwhile:
                continue
            return

    async def progress(self, course: Course) -> CancellationProgress:
        olga = await self.harness.principal(OPERATOR)
        return await self.harness.services.course_cancellations.progress(olga, course.id)

    async def settle_down(self) -> Books:
        """Let everything come to its end by itself, and reconcile."""
        await self.harness.control("faults", count=0)
        for _ in range(MAX_ROUNDS):
            await self.deliver()
            await one_round(self.harness.services)
            if _is_idle(await read_books(self.harness)):
                break
            self.harness.clock.advance(timedelta(minutes=10))
        books = await check_books(self.harness)
        await check_against_stripe(self.harness)
        comparison = Reconciler(self.harness.services.context, every=timedelta(), pause=0)
        run = [seen.run async for seen in comparison.run_to_end()][-1]
        assert run.differences == (), [difference.cause for difference in run.differences]
        return books


def _is_idle(books: Books) -> bool:
    return (
        all(m.done_at or m.is_dead for m in books.outbox)
        and all(AttemptState(a.state).is_final for a in books.attempts)
        and all(RefundState(r.state).is_final for r in books.refunds)
    )


@asynccontextmanager
async def a_product(database_url: str) -> AsyncIterator[InMemoryProduct]:
    with (
        memory_folder() as folder,
        without_delays(),
        single_thread_sqlite(),
        plain_log(logging.CRITICAL),
    ):
        async with in_memory_product(folder, database_url) as product:
            yield product


@asynccontextmanager
async def a_school(product: InMemoryProduct) -> AsyncIterator[School]:
    school = School(product, await product.new_harness())
    try:
        yield school
    finally:
        await school.end()


async def test_sixty_people_lose_their_course_and_nobody_loses_money(
    sqlite_url: str, figures: list[str]
):
    async with a_product(sqlite_url) as product, a_school(product) as school:
        course = await school.harness.course(capacity=PEOPLE)
        processing = await fill(school, course)
        before = await check_books(school.harness)
        count = (await school.preview(course)).count
        assert await check_books(school.harness) == before, "a preview writes nothing"
        assert count.people == PeopleCounts(CARD, CASH, FREE, PAYING, PROCESSING, DISPUTED)
        by_card = (MoneyView(119_500, "eur"), MoneyView(90_000, "usd"))
        assert (count.give_back, count.refunds) == (by_card, CARD)
        assert (count.on_its_way, count.at_the_bank) == (euros(13_500), euros(9_000))
        assert (count.by_hand_sums, count.open_pages) == (euros(22_500), PAYING)
        await school.cancel(course)
        await kill_the_worker_on_its_way(school)
        for _ in range(6):
            await school.deliver(twice=True)
            await one_round(school.harness.services)
            school.harness.clock.advance(timedelta(minutes=4))
        now = await school.progress(course)
        assert (now.total, now.done, now.at_banks, now.left) == (PEOPLE, PEOPLE - 3, 3, 0)
        for started in processing:
            await school.harness.control(
                f"sessions/{started.session_id}/settle", outcome="succeeded"
            )
        books = await school.settle_down()
        check_the_end(books, await school.progress(course))
        figures.append(f"course cancellation: {PEOPLE} people, {KILLS} kills of the worker")


async def fill(school: School, course: Course) -> list[Started]:
    """Let sixty people book in every way; return those whose bank is working on it."""
    harness, started = school.harness, []
    for number, (amount, currency) in enumerate([*CARD_PRICES, *[(4500, "eur")] * (PEOPLE - CARD)]):
        async with writing(harness.services.context.database) as work:
            row = await work.courses.lock(course.id)
            assert row is not None
            row.price, row.currency = amount, currency
        started.append(await harness.checkout(harness.student(f"p{number}"), course))
    rest = iter(started[CARD:])
    cash, free = [next(rest) for _ in range(CASH)], [next(rest) for _ in range(FREE)]
    _paying, processing = (
        [next(rest) for _ in range(PAYING)],
        [next(rest) for _ in range(PROCESSING)],
    )
    disputed = list(rest)
    for one in (*started[:CARD], *disputed):
        await school.pay(one)
    for one in processing:
        await school.pay(one, cards.DEBIT_SUCCEEDS_LATER)
    for one in (*cash, *free):
        await harness.services.context.gateway.expire_session(str(one.session_id))
        async with locked_booking_of(harness, one) as locked:
            (attempt,) = await locked.work.attempts.of_booking(one.booking_id)
            locked.set_attempt(attempt, AttemptState.EXPIRED, "Closed.")
            if one in cash:
                receive_payment(locked, locked.booking.price, Handover(Method.CASH))
            else:
                locked.booking.price = 0
            locked.confirm("Given by the school.")
    await school.deliver()
    for one in disputed:
        await harness.control(f"charges/{school.charge_of(one)}/dispute")
    await school.deliver()
    for _ in range(10):
        await one_round(harness.services)
    return processing


async def kill_the_worker_on_its_way(school: School) -> None:
    """Let Stripe fail in every way, and kill the worker before or after any of its calls."""
    chance, killed = random.Random(18), 0
    for number in range(KILLS * 3):
        kind, when = FAULTS[number % len(FAULTS)]
        await school.harness.control("faults", kind=kind, when=when, count=2)
        action = await school.run.begin(
            "round", one_round(school.harness.services), chance.randrange(24)
        )
        if action.stop_point.is_waiting:
            await school.run.kill(action)
            killed += 1
        await check_books(school.harness)
        school.harness.clock.advance(timedelta(minutes=4))  # leases of the dead have run out
        if killed == KILLS:
            break
    assert killed == KILLS, killed
    await school.harness.control("faults", count=0)


def check_the_end(books: Books, progress: CancellationProgress) -> None:
    assert Counter((b.place, b.end_cause) for b in books.bookings) == {
        ("cancelled", "course_cancelled"): PEOPLE
    }
    course = next(c for c in books.courses if c.capacity == PEOPLE)
    assert (course.held, course.confirmed) == (0, 0)
    told = Counter(m.booking_id for m in books.outbox if m.kind == MAIL)
    assert (len(told), set(told.values())) == (PEOPLE, {1})
    back = Counter(r.booking_id for r in books.refunds)
    assert (len(back), set(back.values())) == (CARD + PROCESSING, {1})
    by_id = {b.id: b for b in books.bookings}
    assert all(r.amount == by_id[r.booking_id].price for r in books.refunds)
    kinds = Counter(e.kind for e in books.inbox if e.resolved_at is None)
    assert kinds == {"refund_by_hand": CASH, "dispute_open": DISPUTED}
    assert (progress.done, progress.left, progress.at_banks) == (PEOPLE, 0, 0)
    assert (progress.refunds.made.count, len(progress.by_hand)) == (CARD + PROCESSING, CASH)
    assert progress.finished_at is not None


async def test_who_pays_as_the_course_is_cancelled_gets_the_money_back(
    sqlite_url: str, figures: list[str]
):
    ends: Counter[str] = Counter()
    async with a_product(sqlite_url) as product:
        for number in range(RUNS):
            async with a_school(product) as school:
                ends += await interleave(school, random.Random(number))
    assert ends["paid"] > RUNS * BUYERS // 4, ends
    assert ends["closed"] > RUNS, ends
    figures.append(f"paying as the course is cancelled: {RUNS * BUYERS} buyers, {dict(ends)}")


async def interleave(school: School, chance: random.Random) -> Counter[str]:
    """Cancel a course while its buyers pay, come back and are heard of, in any order."""
    harness = school.harness
    course = await harness.course(capacity=BUYERS)
    buyers = [
        await harness.checkout(harness.student(f"{course.id[-4:]}{n}"), course)
        for n in range(BUYERS)
    ]

    async def come_back(buyer: Started) -> None:
        who = await harness.principal(buyer.student)
        await harness.services.bookings.booking_of_session(who, str(buyer.session_id))

    acts: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        *(lambda buyer=buyer: school.pay(buyer) for buyer in buyers),
        *(lambda buyer=buyer: come_back(buyer) for buyer in buyers[::3]),
        *(school.hear for _ in range(6)),
        *(lambda: one_round(harness.services) for _ in range(6)),
    ]
    chance.shuffle(acts)
    acts.insert(chance.randrange(len(acts) // 4, 3 * len(acts) // 4), lambda: school.cancel(course))
    for act in acts:
        stop = chance.choice([None, 0, 1, 2, 3, 5])
        await school.run.begin("act", _forgiven(act()), stop)
        if school.run.paused and chance.random() < 0.5:
            await school.run.resume(chance.choice(school.run.paused))
    while school.run.paused:
        await school.run.resume(school.run.paused[0])
    await school.run.run_until_paused()
    books = await school.settle_down()
    mine = [b for b in books.bookings if b.course_id == course.id]
    assert {(b.place, b.end_cause) for b in mine} == {("cancelled", "course_cancelled")}
    paid = school.paid()
    told = Counter(m.booking_id for m in books.outbox if m.kind == MAIL)
    back = Counter(r.booking_id for r in books.refunds if RefundState(r.state).counts)
    for booking in mine:
        assert told[booking.id] == 1
        assert back[booking.id] == (booking.id in paid)
    return Counter("paid" if booking.id in paid else "closed" for booking in mine)


async def _forgiven(work: Coroutine[Any, Any, Any]) -> None:
    """Do it; what a person is refused, or Stripe does not answer, changes nothing here."""
    try:
        await work
    except (CoursebookError, GatewayError):
        return


def euros(amount: int) -> tuple[MoneyView]:
    return (MoneyView(amount, "eur"),)
