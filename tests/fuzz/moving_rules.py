"""Hypothesis rules for operators who move bookings, and hand places on to other people."""

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coursebook.domain.booking_edits.move import Difference, Wish
from tests.fuzz.state_machine import INDEX, STOPS, Stop, one_of, when
from tests.fuzz.waiting_rules import WaitingRules
from tests.support.harness import OPERATOR

DECISIONS = st.sampled_from([None, Difference.GIVE_BACK, Difference.GIVE_BACK, *Difference])
WISHES = st.sampled_from(Wish)


class MovingRules(WaitingRules):
    """What operators do with somebody's place, besides cancelling it."""

    @precondition(when("bookings"))
    @rule(
        which=INDEX,
        course=st.sampled_from([0, 0, 1, 1, 2]),
        decided=DECISIONS,
        wish=WISHES,
        stop=STOPS,
    )
    def a_booking_is_moved(
        self, which: int, course: int, decided: Difference | None, wish: Wish, stop: Stop
    ) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        body = {
            "course_id": self.scenario.courses[course].id,
            "difference": decided,
            "wish": wish,
            "one_more": bool(which % 2),
        }
        self.act("move", self._move(f"/api/manage/bookings/{booking.id}/move", body), stop)

    @precondition(when("bookings"))
    @rule(which=INDEX, name=st.sampled_from(["Bruno", "Eva"]))
    def a_place_is_handed_on(self, which: int, name: str) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        person = {"name": name, "email": f"{name.lower()}@example.test"}
        path = f"/api/manage/bookings/{booking.id}/participant"
        self.act("hand on", self.ask(OPERATOR, path, json=person))

    async def _move(self, path: str, body: dict[str, object]) -> httpx.Response:
        """Look at the sums, then move."""
        shown = await self.ask(OPERATOR, path, json=body | {"dry_run": True})
        if shown.status_code != httpx.codes.OK:
            return shown
        return await self.ask(OPERATOR, path, json=body | {"expect": shown.json()["expect"]})
