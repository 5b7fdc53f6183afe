"""Whatever may happen, in any order: the rules that hypothesis plays, 50 steps at a time.

After every step the books must be right; when nobody does anything more, everything must come to
rest by itself, and our books and Stripe's must agree to the cent.
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ClassVar

import httpx
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import Place
from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.work import writing
from tests.proof.stage import FARTHEST, Stage, Theatre
from tests.support.moves import cancel_behind_the_page, lose_place, second_page
from tests.support.stripe_side import ask_stripe
from tests.support.world import OPERATOR, Started, Student

PAYS = "4242424242424242"
CARDS = st.sampled_from(
    [
        *[PAYS] * 4,
        "4000000000000002",  # declined
        "4000002500003155",  # asks for authentication, then pays
        "4000000000007726",  # pays; a refund is pending first
        "4000000000005126",  # pays; a refund fails later
        "DE08370400440532013003",  # a debit that succeeds after 3 minutes
        "DE78370400440532013004",  # a debit that fails after 3 minutes
    ]
)
INDEX = st.integers(0, 7)
STOPS = st.sampled_from([None, None, None, None, 0, 1, 2, 3, 4, 5])
FAULTS = st.sampled_from(["500", "503", "429", "409", "reset"])
CALLS = st.sampled_from(
    [
        ("POST", "checkout/sessions"),
        ("POST", "expire"),
        ("GET", "checkout/sessions/cs_"),
        ("POST", "refunds"),
        ("GET", "refunds"),
    ]
)
"""Calls of the product only: the test itself lists sessions and events."""
ALLOWED = {200, 201, 403, 404, 409, 410, 422, 502}
"""What a person may be told. Never 500, and never 503: the database is here all the time."""


def _something(name: str) -> Callable[[Any], bool]:
    return lambda self: bool(getattr(self.stage.books, name))


class Anything(RuleBasedStateMachine):
    """One school, two paid courses and a free one, four students, one worker, one Stripe."""

    theatre: ClassVar[Theatre]

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.theatre)
        self.theatre.tally["runs"] += 1

    # people

    @rule(who=st.integers(0, 3), course=st.sampled_from([0, 0, 0, 1, 1, 2]), stop=STOPS)
    def a_student_books(self, who: int, course: int, stop: int | None) -> None:
        student, wanted = self.stage.students[who], self.stage.courses[course]
        ask = self._ask(student, "/api/stripe/checkout", json={"course_id": wanted.id})
        self._act("book", ask, stop)

    @rule(who=st.integers(0, 3), course=st.sampled_from([0, 1]), card=CARDS)
    def a_student_books_and_pays(self, who: int, course: int, card: str) -> None:
        self.a_student_books(who, course, None)
        self.somebody_pays_on_an_open_page(0, card)

    @precondition(_something("bookings"))
    @rule(which=INDEX, stop=STOPS)
    def a_student_tries_again(self, which: int, stop: int | None) -> None:
        booking = _one(self.stage.books.bookings, which)
        owner = self.stage.owners[booking.user_id]
        self._act("retry", self._ask(owner, f"/api/bookings/{booking.id}/retry"), stop)

    @precondition(_something("bookings"))
    @rule(which=INDEX, by_operator=st.sampled_from([False, False, True]), stop=STOPS)
    def a_booking_is_cancelled(self, which: int, by_operator: bool, stop: int | None) -> None:
        booking = _one(self.stage.books.bookings, which)
        who = OPERATOR if by_operator else self.stage.owners[booking.user_id]
        self._act("cancel", self._ask(who, f"/api/bookings/{booking.id}/cancel"), stop)

    @precondition(_something("attempts"))
    @rule(which=INDEX, card=CARDS)
    def somebody_pays_on_an_open_page(self, which: int, card: str) -> None:
        pages = self.stage.run(self.stage.sessions(status="open"))
        if pages:
            page = _one(pages, which)["id"]
            self._pull(f"sessions/{page}/pay", card=card, wait=False)
            self._count(f"pay {card[-4:]}")

    @precondition(_something("attempts"))
    @rule()
    def somebody_pays_on_the_newest_page(self) -> None:
        self.somebody_pays_on_an_open_page(0, PAYS)

    @precondition(_something("attempts"))
    @rule(which=INDEX, how=st.sampled_from([lose_place, cancel_behind_the_page, second_page]))
    def a_page_is_forgotten(self, which: int, how: Callable[..., Any]) -> None:
        """As by a mistake of an older program: a page can be paid that nobody waits for."""
        held = [b for b in self.stage.books.bookings if b.place == Place.HELD.value and b.price]
        booking = _one(held, which) if held else None
        tried = self.stage.books.attempts_of(booking.id) if booking else []
        if booking and len(tried) == 1 and tried[0].state == AttemptState.OPEN.value:
            owner = self.stage.owners[booking.user_id]
            self.stage.forgotten.add(tried[0].session_id or "")
            started = Started(owner, 201, booking.id, tried[0].session_id, "", None)
            self._act(how.__name__, how(self.stage.world, started), None)

    @precondition(_something("attempts"))
    @rule(which=INDEX, stop=STOPS)
    def somebody_comes_back_from_stripe(self, which: int, stop: int | None) -> None:
        attempt = _one(self.stage.books.attempts, which)
        if attempt.session_id is not None:
            booking = next(b for b in self.stage.books.bookings if b.id == attempt.booking_id)
            owner = self.stage.owners[booking.user_id]
            self._act("success page", self._come_back(owner, attempt.session_id), stop)

    # Stripe

    @precondition(_something("attempts"))
    @rule(which=INDEX, well=st.booleans())
    def a_debit_comes_to_its_end(self, which: int, well: bool) -> None:
        done = self.stage.run(self.stage.sessions(status="complete"))
        waiting = [s for s in done if s["payment_status"] == "unpaid"]
        if waiting:
            outcome = "succeeded" if well else "failed"
            path = f"sessions/{_one(waiting, which)['id']}/settle"
            self._pull(path, expect=(200, 400), outcome=outcome)  # 400: it has failed already
            self._count("debit ends")

    @precondition(_something("attempts"))
    @rule(which=INDEX, cents=st.sampled_from([0, 1, 1000]))
    def money_goes_back_in_the_dashboard(self, which: int, cents: int) -> None:
        done = self.stage.run(self.stage.sessions(status="complete"))
        paid = [s for s in done if s["payment_status"] == "paid"]
        if paid:
            payment = _one(paid, which)["payment_intent"]
            asked = ask_stripe(self.stage.world, f"payment_intents/{payment}")
            charge = self.stage.run(asked)["latest_charge"]
            said = {"amount": cents} if cents else {}
            self._pull(f"charges/{charge}/refund", expect=(200, 400), **said)
            self._count("dashboard refund")

    @precondition(_something("refunds"))
    @rule(which=INDEX)
    def a_refund_fails(self, which: int) -> None:
        refund = _one(self.stage.books.refunds, which)
        if refund.stripe_refund_id is not None:
            self._pull(f"refunds/{refund.stripe_refund_id}/fail", expect=(200, 400))
            self._count("refund fails")

    @precondition(_something("attempts"))
    @rule(which=INDEX, cents=st.sampled_from([1, 100000]))
    def stripe_has_another_price(self, which: int, cents: int) -> None:
        pages = self.stage.run(self.stage.sessions(status="open"))
        if pages:
            self._pull(f"sessions/{_one(pages, which)['id']}/tamper", amount_total=cents)
            self._count("tamper")

    @precondition(_something("bookings"))
    @rule(
        kind=FAULTS,
        when=st.sampled_from(["before", "after"]),
        call=CALLS,
        count=st.integers(1, 7),
    )
    def stripe_fails(self, kind: str, when: str, call: tuple[str, str], count: int) -> None:
        method, path = call
        self._pull("faults", kind=kind, when=when, method=method, path=path, count=count)
        self._count(f"fault {when}")

    @precondition(lambda self: self.stage.books.attempts)
    @rule()
    def stripe_works_again(self) -> None:
        self._pull("faults", count=0)
        self._count("works again")

    # events

    @rule(which=INDEX, twice=st.booleans(), stop=STOPS)
    def an_event_comes(self, which: int, twice: bool, stop: int | None) -> None:
        box = self.stage.postbox
        self.stage.run(box.collect())
        if box.waiting:
            chosen = _one(box.waiting, which)
            if not twice:
                box.waiting.remove(chosen)
            self._act("event", box.deliver(chosen), stop)

    @rule(which=INDEX)
    def an_event_is_lost(self, which: int) -> None:
        box = self.stage.postbox
        self.stage.run(box.collect())
        if box.waiting:
            box.lose(which % len(box.waiting))
            self._count("event lost")

    # machines

    @precondition(_something("bookings"))
    @rule(stop=STOPS)
    def the_worker_comes_round(self, stop: int | None) -> None:
        self._act("worker", self.stage.world.worker_round(), stop)

    @precondition(lambda self: self.stage.books.bookings and self.stage.passed < FARTHEST)
    @rule(minutes=st.sampled_from([1, 5, 36]), with_stripe=st.booleans())
    def time_passes(self, minutes: int, with_stripe: bool) -> None:
        here = timedelta(minutes=minutes)
        there = here + self.stage.passed if with_stripe else timedelta()
        self.stage.run(self.stage.time_passes(here, there))
        self._looked("time passes")

    @precondition(lambda self: self.stage.traffic.standing)
    @rule(which=INDEX)
    def what_stood_still_goes_on(self, which: int) -> None:
        traffic = self.stage.traffic
        self.stage.run(traffic.go_on(_one(traffic.standing, which)))
        self._looked("go on")

    @precondition(lambda self: self.stage.traffic.standing)
    @rule(which=INDEX)
    def what_stood_still_dies(self, which: int) -> None:
        traffic = self.stage.traffic
        self.stage.run(traffic.kill(_one(traffic.standing, which)))
        self._looked("die")

    @precondition(_something("bookings"))
    @rule(price=st.sampled_from([3000, 4500, 9900]))
    def the_price_changes(self, price: int) -> None:
        self.stage.run(self._new_price(price))
        self._looked("price")

    def teardown(self) -> None:
        """Let everything come to rest, and prove it; then end the run."""
        try:
            if not self.stage.is_broken:
                proven = self.stage.run(self.stage.come_to_rest())
                tally = self.theatre.tally
                tally["sessions paid"] += proven.paid
                tally["refunds"] += proven.refunds
                for kind, rows in vars(proven.books).items():
                    tally[f"rows of {kind}"] += len(rows)
                for refund in proven.books.refunds:
                    tally[f"refunds because of {refund.cause}"] += 1
                for entry in proven.books.inbox:
                    tally[f"in the inbox: {entry.kind}"] += 1
                for booking in proven.books.bookings:
                    tally[f"ended {booking.place}"] += 1
        finally:
            self.stage.close()

    # how it is done

    def _act(self, name: str, work: Coroutine[Any, Any, Any], stop: int | None) -> None:
        action = self.stage.run(self.stage.traffic.begin(name, _judged(work), stop))
        self._looked(f"{name} stands" if action.gate.is_shut else name)

    def _looked(self, name: str) -> None:
        self.stage.run(self.stage.look())
        self._count(name)

    def _count(self, name: str) -> None:
        event(name)
        self.theatre.tally["steps"] += 1
        self.theatre.tally[f"step {name}"] += 1

    def _pull(self, path: str, /, *, expect: tuple[int, ...] = (200,), **said: Any) -> None:
        sent = self.stage.world._sandbox.post(f"/_test/{path}", json=said)
        answer = self.stage.run(sent)
        assert answer.status_code in expect, answer.text

    async def _ask(self, who: Student, path: str, **more: Any) -> httpx.Response:
        return await self.stage.world.post(path, who, **more)

    async def _come_back(self, who: Student, session_id: str) -> None:
        principal = await self.stage.world.principal(who)
        try:
            await self.stage.world.services.bookings.booking_of_session(principal, session_id)
        except CoursebookError as refusal:
            if refusal.status not in ALLOWED:
                raise

    async def _new_price(self, price: int) -> None:
        async with writing(self.stage.world.services.tools.database) as work:
            row = await work.courses.lock(self.stage.courses[0].id)
            assert row is not None
            row.price = price


async def _judged(work: Coroutine[Any, Any, Any]) -> None:
    try:
        answer = await work
    except GatewayError:
        return  # Stripe failed while the test itself opened a page
    if isinstance(answer, httpx.Response):
        assert answer.status_code in ALLOWED, f"{answer.status_code}: {answer.text}"


def _one(several: list[Any], which: int) -> Any:
    """Choose one, the newest ones by the smallest numbers."""
    return several[-1 - which % len(several)]
