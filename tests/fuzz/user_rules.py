"""Hypothesis rules for people: book, pay, retry, cancel, return from Stripe, change a course."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.course_edits.course_state import CourseAct
from coursebook.persistence.schema.tables import Booking, CourseStatus, PaymentAttempt
from coursebook.persistence.unit_of_work import writing
from coursebook.services.bookings.balance import balance_of
from coursebook.services.course_cancellation.views import ExpectedCancellation
from tests.fuzz.moving_rules import MovingRules
from tests.fuzz.scenario import MAX_ELAPSED
from tests.fuzz.state_machine import CARDS, INDEX, STOPS, Stop, has_steps_left, one_of, when
from tests.support import cards
from tests.support.booking_states import (
    cancel_with_open_session,
    open_second_session,
    release_held_seat,
)
from tests.support.harness import OPERATOR, Started

FORGETTING: st.SearchStrategy[tuple[Callable[..., Any], str]] = st.sampled_from(
    [
        (release_held_seat, ""),
        (release_held_seat, "others take the place"),
        (release_held_seat, "the course is called off"),
        (cancel_with_open_session, ""),
        (open_second_session, ""),
        (open_second_session, "the other is paid"),
        (open_second_session, "the first ends"),
    ]
)
"""How a page is forgotten, and what comes before anybody pays there."""
ON_FORGOTTEN = st.sampled_from(
    [None, cards.VISA, cards.DECLINED, cards.DEBIT_SUCCEEDS_LATER, cards.DEBIT_FAILS_LATER]
)
"""What is tried there: nothing, what pays, is declined, or is a debit that succeeds or fails."""
AT_THE_START = st.sampled_from(
    [cards.VISA, cards.VISA, cards.DEBIT_SUCCEEDS_LATER, cards.DEBIT_FAILS_LATER]
)
"""What is tried while a course begins: what pays, or a debit that succeeds or fails."""
SOON = 3
"""The course that begins during a run."""
EDITS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        *({"price": {"amount": amount, "currency": "eur"}} for amount in (3000, 4500, 9900)),
        *({"capacity": places} for places in (1, 2, 3)),
        {"terms": []},
        {"terms": [{"hours_before": 24, "percent": 80}]},
        {"location": {"name": "Old Mill"}},
    ]
)
"""What a school changes of a course, besides its dates."""
GIVE_BACK: st.SearchStrategy[Any] = st.sampled_from(["none", "terms", "all", {"amount": 1000}])
"""What an operator chooses to give back on cancelling."""
EARLIER = -48.2
HOURS = st.sampled_from([EARLIER, -20.0, -1.0, 2.0, 30.0])
"""How far a start moves: nearly to now, so that a page that is open ends after it; or later."""
HEARD = st.sampled_from([None, "event", "return"])
"""How we hear of it: not yet, by an event, or by somebody who comes back to us."""


class UserRules(MovingRules):
    """Actions of students and operators.

    After every step the invariants must hold. When no more actions follow, everything must settle
    on its own, and our rows must equal Stripe's.
    """

    @precondition(has_steps_left)
    @rule(who=st.integers(0, 3), course=st.sampled_from([0, 0, 0, 1, 1, 2, SOON]), stop=STOPS)
    def a_student_books(self, who: int, course: int, stop: Stop) -> None:
        if self.alone:
            who = course = 0
        student, wanted = self.scenario.students[who], self.scenario.courses[course]
        ask = self.ask(student, "/api/stripe/checkout", json={"course_id": wanted.id})
        self.act("book", ask, stop)

    @precondition(has_steps_left)
    @rule(who=st.integers(0, 3), course=st.sampled_from([0, 1]), card=CARDS, told=st.booleans())
    def a_student_books_and_pays(self, who: int, course: int, card: str, told: bool) -> None:
        self.a_student_books(who, course, None)
        self.somebody_pays_on_an_open_page(-1, card)
        if told:
            self.the_newest_event_comes()

    @precondition(when("bookings"))
    @rule(which=INDEX, stop=STOPS)
    def a_student_tries_again(self, which: int, stop: Stop) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        owner = self.scenario.owners[booking.user_id]
        self.act("retry", self.ask(owner, f"/api/bookings/{booking.id}/retry"), stop)

    @precondition(when("bookings"))
    @rule(which=INDEX, by_operator=st.sampled_from([False, False, True]), stop=STOPS)
    def a_booking_is_cancelled(self, which: int, by_operator: bool, stop: Stop) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        who = OPERATOR if by_operator else self.scenario.owners[booking.user_id]
        self.act("cancel", self.ask(who, f"/api/bookings/{booking.id}/cancel"), stop)

    @precondition(when("bookings"))
    @rule(which=INDEX, thirds=st.sampled_from([1, 2, 3]), ends=st.booleans(), stop=STOPS)
    def an_operator_gives_back(self, which: int, thirds: int, ends: bool, stop: Stop) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        amount = max(1, self._kept(booking) * thirds // 3)
        more = {"amount": amount, "reason": "Only a part.", "cancel_place": ends, "agreed": True}
        if ends:
            self._choose(booking, {"amount": amount})
        self._managed(booking, "refund", more, stop)

    @precondition(when("bookings"))
    @rule(which=INDEX, give_back=GIVE_BACK, stop=STOPS)
    def an_operator_cancels_with_a_choice(self, which: int, give_back: Any, stop: Stop) -> None:
        booking = one_of(self.scenario.books.bookings, which)
        more = {"give_back": give_back, "reason": "Our choice.", "agreed": True}
        self._choose(booking, give_back)
        self._managed(booking, "cancel", more, stop)

    def _choose(self, booking: Booking, give_back: Any) -> None:
        self.scenario.choices.setdefault(booking.id, []).append(give_back)

    def _managed(self, booking: Booking, act: str, more: dict[str, Any], stop: Stop) -> None:
        """Act on the money of a booking, bound to what is kept now."""
        expect = {"amount": self._kept(booking), "currency": booking.currency}
        path, body = f"/api/manage/bookings/{booking.id}/{act}", more | {"expect": expect}
        self.act(f"operator: {act}", self.ask(OPERATOR, path, json=body), stop)

    def _kept(self, booking: Booking) -> int:
        books = self.scenario.books
        refunds = [refund for refund in books.refunds if refund.booking_id == booking.id]
        return balance_of(booking, books.attempts_of(booking.id), refunds).net_received

    @precondition(has_steps_left)
    @rule(
        who=INDEX,
        thirds=st.sampled_from([1, 3]),
        then=st.sampled_from(["student cancels", "operator cancels", "again"]),
    )
    def somebody_pays_and_the_school_gives_back(self, who: int, thirds: int, then: str) -> None:
        """Give back a part of a payment, then cancel or give back more."""
        self.a_student_books_and_pays(who % 4, 0, cards.VISA, True)
        if not self.scenario.books.bookings:
            return
        self.an_operator_gives_back(-1, thirds, False, None)
        if then == "student cancels":
            self.a_booking_is_cancelled(-1, False, None)
        elif then == "operator cancels":
            self.an_operator_cancels_with_a_choice(-1, "none", None)
        else:
            self.an_operator_gives_back(-1, 2, True, None)

    @precondition(has_steps_left)
    @rule(who=INDEX, goodwill=st.sampled_from([0, 1000]), minutes=st.sampled_from([0, 36]))
    def somebody_pays_and_cancels(self, who: int, goodwill: int, minutes: int) -> None:
        """Cancel after a goodwill refund, or after a promised step has passed."""
        self.a_student_books_and_pays(who % 4, 0, cards.VISA, True)
        if goodwill:
            self.money_goes_back_in_the_dashboard(-1, goodwill)
            self.the_newest_event_comes()
        if minutes and self.scenario.passed < MAX_ELAPSED:
            self.time_passes(minutes, True)
        if self.scenario.books.bookings:
            self.a_booking_is_cancelled(-1, False, None)

    @precondition(when("attempts"))
    @rule(which=INDEX, card=CARDS)
    def somebody_pays_on_an_open_page(self, which: int, card: str) -> None:
        pages = self.scenario.sessions(status="open")
        if pages:
            page = one_of(pages, which)["id"]
            self.control(f"sessions/{page}/pay", card=card, wait=False)
            self.count(f"pay {card[-4:]}")

    @precondition(when("attempts"))
    @rule(card=CARDS)
    def a_forgotten_page_is_paid(self, card: str) -> None:
        self._pay_forgotten(self.scenario.forgotten, card)

    @precondition(has_steps_left)
    @rule(
        who=INDEX,
        card=AT_THE_START,
        before=st.booleans(),
        with_stripe=st.booleans(),
        heard=HEARD,
    )
    def somebody_pays_as_the_course_begins(
        self, who: int, card: str, before: bool, with_stripe: bool, heard: str | None
    ) -> None:
        """Pay before the start and report it later, or pay after the start."""
        if self.scenario.passed:  # otherwise the session would last longer than Stripe allows
            return
        self.a_student_books(who % 4, SOON, None)
        if before:
            self.somebody_pays_on_an_open_page(-1, card)
        self.the_course_begins(with_stripe)
        if not before:
            self.somebody_pays_on_an_open_page(-1, card)
        if heard == "event":
            self.the_newest_event_comes()
        if heard == "return" and self.scenario.books.attempts:
            self._comes_back(self.scenario.books.attempts[-1], None)

    @precondition(when("bookings"))
    @rule(with_stripe=st.booleans())
    def the_course_begins(self, with_stripe: bool) -> None:
        self.scenario.run(self.scenario.begin(with_stripe=with_stripe))
        self.looked("the course begins")

    def _pay_forgotten(self, pages: set[str], card: str) -> None:
        still_open = [s["id"] for s in self.scenario.sessions(status="open") if s["id"] in pages]
        if still_open:
            self.control(f"sessions/{still_open[0]}/pay", card=card, wait=False)
            self.count(f"pay forgotten {card[-4:]}")

    @precondition(has_steps_left)
    @rule(which=INDEX, way=FORGETTING, card=ON_FORGOTTEN, heard=HEARD)
    def a_page_is_forgotten(
        self,
        which: int,
        way: tuple[Callable[..., Any], str],
        card: str | None,
        heard: str | None,
    ) -> None:
        """Leave an open session that no attempt refers to, as a bug of an older version could."""
        if not self._held():
            self.a_student_books(which % 4, 0, None)
        held = self._held()
        booking = one_of(held, which) if held else None
        attempts = self.scenario.books.attempts_of(booking.id) if booking else []
        if booking and len(attempts) == 1 and attempts[0].state == AttemptState.OPEN.value:
            owner, (how, then) = self.scenario.owners[booking.user_id], way
            page = attempts[0].session_id or ""
            self.scenario.forgotten.add(page)
            started = Started(owner, 201, booking.id, page, "", None)
            self.act(how.__name__, how(self.scenario.harness, started))
            if then == "others take the place":
                self._others_take_the_place(booking)
            if then == "the course is called off":
                self._call_off(self._course_of(booking), True)
            if then == "the other is paid":
                self.somebody_pays_on_an_open_page(self._newest_page_of(booking), cards.VISA)
                self.the_newest_event_comes()
            if then == "the first ends" and self.scenario.passed < MAX_ELAPSED:
                self.time_passes(36, True)
            if card:
                self._pay_forgotten({page}, card)
            if heard == "event":
                self.the_newest_event_comes()
            if heard == "return":
                self._comes_back(attempts[0], None)

    def _newest_page_of(self, booking: Booking) -> int:
        """Return the position of the booking's newest open session."""
        pages = enumerate(self.scenario.sessions(status="open"))
        mine = [n for n, s in pages if s["metadata"]["booking_id"] == booking.id]
        return max(mine, default=-1)

    def _course_of(self, booking: Booking) -> int:
        return [each.id for each in self.scenario.courses].index(booking.course_id)

    def _others_take_the_place(self, booking: Booking) -> None:
        """Let the other students book the same course and pay."""
        for who, student in enumerate(self.scenario.students):
            if student != self.scenario.owners[booking.user_id] and not self.alone:
                self.a_student_books(who, self._course_of(booking), None)
        for page in self.scenario.sessions(status="open"):
            if page["id"] not in self.scenario.forgotten:
                self.control(f"sessions/{page['id']}/pay", card=cards.VISA, wait=False)
                self.count("pay 4242")

    def _held(self) -> list[Booking]:
        """Return the bookings that await payment."""
        return [
            b for b in self.scenario.books.bookings if b.place == SeatState.HELD.value and b.price
        ]

    @precondition(when("attempts"))
    @rule(which=INDEX, stop=STOPS)
    def somebody_comes_back_from_stripe(self, which: int, stop: Stop) -> None:
        attempt = one_of(self.scenario.books.attempts, which)
        self._comes_back(attempt, stop)

    def _comes_back(self, attempt: PaymentAttempt, stop: Stop) -> None:
        if attempt.session_id is not None:
            booking = next(b for b in self.scenario.books.bookings if b.id == attempt.booking_id)
            owner = self.scenario.owners[booking.user_id]
            self.act("success page", self._come_back(owner, attempt.session_id), stop)

    @precondition(when("bookings"))
    @rule(values=EDITS)
    def the_school_edits_a_course(self, values: dict[str, Any]) -> None:
        self.act("edit", self._edit(0, values))

    @precondition(when("bookings"))
    @rule(course=st.sampled_from([0, 0, 1]), hours=HOURS, told=st.sampled_from([True, True, False]))
    def the_dates_change(self, course: int, hours: float, told: bool) -> None:
        self.act("dates", self._edit(course, {"hours": hours}, tell=told))

    @precondition(when("bookings"))
    @rule(act=st.sampled_from([CourseAct.OPEN, CourseAct.CLOSE]))
    def booking_is_opened_or_closed(self, act: CourseAct) -> None:
        self.act(act.value, self._open_or_close(0, act))

    @precondition(when("bookings"))
    @rule(course=st.sampled_from([0, 0, 2, SOON]), stop=STOPS)
    def the_school_cancels_a_course(self, course: int, stop: Stop) -> None:
        """Cancel it with the sums that it had before Stripe was asked for its balance."""
        self.act("cancel course", self._cancel_course(course), stop)

    @precondition(when("bookings"))
    @rule(off=st.booleans())
    def the_course_is_called_off_or_not(self, off: bool) -> None:
        self._call_off(1, off)

    def _call_off(self, course: int, off: bool) -> None:
        status = CourseStatus.CANCELLED if off else CourseStatus.PUBLISHED
        self.scenario.run(self._change(course, status=status.value))
        self.looked("called off" if off else "on again")

    async def _come_back(self, owner: Any, session_id: str) -> None:
        principal = await self.scenario.harness.principal(owner)
        await self.scenario.harness.services.bookings.booking_of_session(principal, session_id)

    async def _edit(self, course: int, values: dict[str, Any], *, tell: bool = True) -> None:
        """Edit a course on the operator's side."""
        harness = self.scenario.harness
        row = await harness.course_now(self.scenario.courses[course])
        if "hours" in values:
            by = timedelta(hours=values["hours"])
            dates = {"starts_at": row.starts_at + by, "ends_at": row.ends_at + by}
            values = {name: moment.isoformat() for name, moment in dates.items()}
        olga = await harness.principal(OPERATOR)
        courses = harness.services.managed_courses
        await courses.patch(olga, row.id, values, row.version, tell=tell)

    async def _cancel_course(self, course: int) -> None:
        harness, course_id = self.scenario.harness, self.scenario.courses[course].id
        olga = await harness.principal(OPERATOR)
        cancellations = harness.services.course_cancellations
        count = (await cancellations.preview(olga, course_id)).count
        expected = ExpectedCancellation(
            people=count.people.total,
            give_back={money.currency: money.amount for money in count.give_back},
            by_hand={money.currency: money.amount for money in count.by_hand_sums},
        )
        await cancellations.cancel(olga, course_id, reason="The kiln broke.", expected=expected)

    async def _open_or_close(self, course: int, act: CourseAct) -> None:
        harness = self.scenario.harness
        olga = await harness.principal(OPERATOR)
        await harness.services.managed_courses.act(olga, self.scenario.courses[course].id, act)

    async def _change(self, course: int, **values: Any) -> None:
        async with writing(self.scenario.harness.services.context.database) as work:
            row = await work.courses.lock(self.scenario.courses[course].id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)
