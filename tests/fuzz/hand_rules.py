"""Hypothesis rules for money by hand: the school books, records, voids and decides."""

from datetime import timedelta
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coursebook.domain.booking_edits.manual_booking import PayHow
from coursebook.domain.inbox import InboxAction, InboxKind
from coursebook.persistence.schema.tables import Booking, Course
from tests.fuzz.door_rules import DoorRules
from tests.fuzz.state_machine import INDEX, STOPS, Stop, has_steps_left, one_of, when
from tests.fuzz.user_rules import SOON
from tests.support.harness import OPERATOR

AMOUNTS = st.sampled_from([1000, 2500, 4500, 4500, 8000])
ACTIONS = {
    InboxKind.REFUND_BY_HAND.value: (InboxAction.GIVEN_BACK,),
    InboxKind.PART_PAID.value: (InboxAction.GIVE_PLACE, InboxAction.GIVE_BACK),
}


class HandRules(DoorRules):
    """All other rules, those of the door, and those of money by hand."""

    @precondition(has_steps_left)
    @rule(
        course=st.sampled_from([0, 0, 1, SOON]),
        how=st.sampled_from(PayHow),
        days=st.sampled_from([0, 1, 2]),
        one_more=st.sampled_from([False, False, True]),
    )
    def the_school_books(self, course: int, how: PayHow, days: int, one_more: bool) -> None:
        wanted, number = self.scenario.courses[course], len(self.scenario.books.bookings)
        due_on = (self.scenario.harness.clock() + timedelta(days=days)).date().isoformat()
        pay: dict[str, Any] = {"how": how.value}
        if how in (PayHow.HOLD, PayHow.EXPECTED):
            pay["due_on"] = due_on
        body = {
            "name": f"Guest {number}",
            "email": f"guest-{number}-{wanted.id}@example.test",
            "pay": pay,
            "one_more": one_more,
        }
        path = f"/api/manage/courses/{wanted.id}/bookings"
        self.act(f"add {how.value}", self.ask(OPERATOR, path, json=body))

    @precondition(when("bookings"))
    @rule(which=INDEX, amount=AMOUNTS, stop=STOPS)
    def money_comes_by_hand(self, which: int, amount: int, stop: Stop) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        self.act("record", self._record(booking.id, "payments", {"amount": amount}), stop)

    @precondition(when("by_hand"))
    @rule(which=INDEX, stop=STOPS)
    def expected_money_comes(self, which: int, stop: Stop) -> None:
        row = one_of(self.scenario.books.by_hand, which)
        path = f"payments/{row.id}/received"
        self.act("receive", self._record(row.booking_id, path, {}), stop)

    @precondition(when("by_hand"))
    @rule(which=INDEX)
    def a_payment_is_void(self, which: int) -> None:
        row = one_of(self.scenario.books.by_hand, which)
        path = f"/api/manage/bookings/{row.booking_id}/payments/{row.id}/void"
        self.act("void", self.ask(OPERATOR, path, json={"reason": "typed twice"}))

    @precondition(when("inbox"))
    @rule(which=INDEX)
    def the_school_decides(self, which: int) -> None:
        entries = [e for e in self.scenario.books.inbox if e.kind in ACTIONS and not e.resolved_at]
        if entries:
            entry = one_of(entries, which)
            self.act("decide", self._decide(entry, which))

    def comers(self, course: Course) -> list[Booking]:
        """Return who comes to a course; book two people by hand if nobody does.

        What other rules book seldom has a place when the evening is over.
        """
        if not super().comers(course):
            for _ in range(2):
                self.the_school_books(SOON, PayHow.COMPLIMENTARY, 0, True)
        return super().comers(course)

    def _check_end(self) -> None:
        self.scenario.decide = self._decide_all
        super()._check_end()

    async def _decide_all(self) -> None:
        """Decide about every part that was paid: such a hold does not end by itself."""
        for entry in self.scenario.books.inbox:
            if entry.kind == InboxKind.PART_PAID.value and not entry.resolved_at:
                await self._decide(entry, len(entry.id) + entry.amount)

    async def _decide(self, entry: Any, which: int) -> httpx.Response:
        action = one_of(list(ACTIONS[entry.kind]), which)
        path = f"/api/manage/inbox/{entry.id}/act"
        return await self.ask(OPERATOR, path, json={"action": action.value})

    async def _record(self, booking_id: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """Record money with the sum that the page of the booking shows."""
        whole = f"/api/manage/bookings/{booking_id}"
        seen = await self.scenario.harness.get(whole, OPERATOR)
        body = {"method": "cash", "expect": seen.json()["expect"]} | body
        return await self.ask(OPERATOR, f"{whole}/{path}", json=body)
