"""The ground that random stories are played on: how a step is made, looked at and counted."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

import httpx
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError
from tests.fuzz.scenario import Stage, Theatre
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
"""Where somebody stops on the way: at which call to Stripe, and whether the process dies there."""
LENGTHS = st.sampled_from([6, 8, 10, 12, 15, 50])
"""How many steps a story has at most. Most mistakes need few; some need many."""
ALLOWED = {200, 201, 403, 404, 409, 410, 422, 502}
"""What a person may be told. Never 500, and never 503: the database is here all the time."""


def goes_on(self: Any) -> bool:
    """Whether the story is not over yet."""
    return bool(self.left > 0)


def when(name: str) -> Callable[[Any], bool]:
    """Return whether the story goes on, and there is something of this kind."""
    return lambda self: bool(self.left > 0 and getattr(self.stage.books, name))


def one_of(things: list[Any], which: int) -> Any:
    """Pick one, whatever the number."""
    return things[which % len(things)]


class Ground(RuleBasedStateMachine):
    """One school, two paid courses, a free one and one that begins soon; four students, one worker,
    one Stripe.
    """

    theatre: ClassVar[Theatre]

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.theatre)
        self.left = 1
        self.alone = False
        self.theatre.tally["runs"] += 1

    @initialize(steps=LENGTHS, alone=st.sampled_from([False, False, True]))
    def a_story_begins(self, steps: int, alone: bool) -> None:
        """Alone there is one student, who books one course: everything happens to one booking."""
        self.left = steps
        self.alone = alone

    def teardown(self) -> None:
        """Let everything come to rest, and prove it; then end the run."""
        try:
            if not self.stage.is_broken:
                self._proven()
        finally:
            self.stage.close()

    def _proven(self) -> None:
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

    # how a step is made

    def act(self, name: str, work: Coroutine[Any, Any, Any], stop: Stop = None) -> None:
        """Let somebody do something, up to its end or to the gate where it stops, or dies."""
        at, dies = stop or (None, False)
        traffic = self.stage.traffic
        action = self.stage.run(traffic.begin(name, _judged(work), at))
        ended = ""
        if action.gate.is_shut:
            ended = " dies" if dies else " stands"
            if dies:
                self.stage.run(traffic.kill(action))
        self.looked(name + ended)

    def looked(self, name: str) -> None:
        """Look at the books, and count the step."""
        self.stage.run(self.stage.look())
        self.count(name)

    def count(self, name: str) -> None:
        """Count a step."""
        event(name)
        self.left -= 1
        self.theatre.tally["steps"] += 1
        self.theatre.tally[f"step {name}"] += 1

    def pull(self, path: str, /, *, expect: tuple[int, ...] = (200,), **said: Any) -> Any:
        """Pull a lever of the sandbox."""
        sent = self.stage.world._sandbox.post(f"/_test/{path}", json=said)
        answer = self.stage.run(sent)
        assert answer.status_code in expect, answer.text
        return answer.json()

    async def ask(self, who: Student, path: str, **more: Any) -> httpx.Response:
        """Let somebody press a button."""
        return await self.stage.world.post(path, who, **more)


async def _judged(work: Coroutine[Any, Any, Any]) -> None:
    try:
        answer = await work
    except GatewayError:
        return  # Stripe failed while the test itself opened a page
    except CoursebookError as refusal:
        if refusal.status not in ALLOWED:
            raise
        return
    if isinstance(answer, httpx.Response):
        assert answer.status_code in ALLOWED, f"{answer.status_code}: {answer.text}"
