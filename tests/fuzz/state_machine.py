"""Base of the state machine: how a step is run, checked and counted."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

import httpx
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError
from tests.fuzz.scenario import Scenario, SharedProduct
from tests.support import cards
from tests.support.harness import Student

Stop = tuple[int, bool] | None
CARDS = st.sampled_from(
    [
        *[cards.VISA] * 4,
        cards.DECLINED,
        cards.AUTHENTICATION,
        cards.REFUND_PENDING,
        cards.REFUND_FAILS,
        cards.DEBIT_SUCCEEDS_LATER,
        cards.DEBIT_FAILS_LATER,
    ]
)
INDEX = st.integers(0, 7)
STOPS = st.sampled_from(
    [None] * 5 + [(at, dies) for at in (0, 1, 2, 3, 5) for dies in (False, True)]
)
"""At which call to Stripe an action pauses, and whether its process dies there."""
LENGTHS = st.sampled_from([6, 8, 10, 12, 15, 50])
"""Maximum steps of a run. Most mutants need few, some need many."""
ALLOWED = {200, 201, 204, 403, 404, 409, 410, 422, 502}
"""What a person may be told. Never 500, and never 503: the database is here all the time."""


def has_steps_left(self: Any) -> bool:
    """Whether the run has steps left."""
    return bool(self.left > 0)


def when(name: str) -> Callable[[Any], bool]:
    """Return whether the run has steps left and there are rows of this kind."""
    return lambda self: bool(self.left > 0 and getattr(self.scenario.books, name))


def one_of(things: list[Any], which: int) -> Any:
    """Pick an item by any number."""
    return things[which % len(things)]


class BookingMachine(RuleBasedStateMachine):
    """One school, two paid courses, a free one and one that begins soon; four students, one worker,
    one Stripe.
    """

    shared: ClassVar[SharedProduct]

    def __init__(self) -> None:
        super().__init__()
        self.scenario = Scenario(self.shared)
        self.left = 1
        self.alone = False
        self.shared.tally["runs"] += 1

    @initialize(steps=LENGTHS, alone=st.sampled_from([False, False, True]))
    def a_story_begins(self, steps: int, alone: bool) -> None:
        """Open courses; alone: one student and one course, so one booking gets every step."""
        self.left = steps
        self.alone = alone

    def teardown(self) -> None:
        """Run until idle and check the result; then end the run."""
        try:
            if not self.scenario.is_broken:
                self._check_end()
        finally:
            self.scenario.close()

    def _check_end(self) -> None:
        result = self.scenario.run(self.scenario.run_until_idle())
        tally = self.shared.tally
        tally["sessions paid"] += result.paid
        tally["refunds"] += result.refunds
        for kind, rows in vars(result.books).items():
            tally[f"rows of {kind}"] += len(rows)
        for refund in result.books.refunds:
            tally[f"refunds because of {refund.cause}"] += 1
        for entry in result.books.inbox:
            tally[f"in the inbox: {entry.kind}"] += 1
        for booking in result.books.bookings:
            tally[f"ended {booking.place}"] += 1
        for row in result.books.attendances:
            tally[f"{row.state} by {row.how}"] += 1

    # how a step is made

    def act(self, name: str, work: Coroutine[Any, Any, Any], stop: Stop = None) -> None:
        """Run an action until it ends or reaches its stop point, where it pauses or dies."""
        at, dies = stop or (None, False)
        scheduler = self.scenario.scheduler
        action = self.scenario.run(scheduler.begin(name, _judged(work), at))
        ended = ""
        if action.stop_point.is_waiting:
            ended = " dies" if dies else " stands"
            if dies:
                self.scenario.run(scheduler.kill(action))
        self.looked(name + ended)

    def looked(self, name: str) -> None:
        """Check the invariants, and count the step."""
        self.scenario.run(self.scenario.look())
        self.count(name)

    def count(self, name: str) -> None:
        """Count a step."""
        event(name)
        self.left -= 1
        self.shared.tally["steps"] += 1
        self.shared.tally[f"step {name}"] += 1

    def control(self, path: str, /, *, expect: tuple[int, ...] = (200,), **values: Any) -> Any:
        """Call a test control of the sandbox."""
        sent = self.scenario.harness._sandbox.post(f"/_test/{path}", json=values)
        answer = self.scenario.run(sent)
        assert answer.status_code in expect, answer.text
        return answer.json()

    async def ask(self, who: Student, path: str, **more: Any) -> httpx.Response:
        """Send a student's request."""
        return await self.scenario.harness.post(path, who, **more)


async def _judged(work: Coroutine[Any, Any, Any]) -> None:
    try:
        answer = await work
    except GatewayError:
        return  # Stripe failed in a call of the test itself
    except CoursebookError as error:
        if error.status not in ALLOWED:
            raise
        return
    if isinstance(answer, httpx.Response):
        assert answer.status_code in ALLOWED, f"{answer.status_code}: {answer.text}"
