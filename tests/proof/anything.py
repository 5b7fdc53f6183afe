"""Whatever people may do, in any order: the first half of the rules that hypothesis plays."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import Place
from coursebook.persistence.tables import Booking, CourseStatus
from coursebook.persistence.work import writing
from tests.proof.elsewhere import Elsewhere
from tests.proof.machine import CARDS, INDEX, PAYS, STOPS, Stop, goes_on, one_of, when
from tests.support.moves import cancel_behind_the_page, lose_place, second_page
from tests.support.world import OPERATOR, Started

FORGETTING = st.sampled_from([lose_place, cancel_behind_the_page, second_page])
ON_FORGOTTEN = st.sampled_from(
    [None, PAYS, "4000000000000002", "DE08370400440532013003", "DE78370400440532013004"]
)
"""What is tried there: nothing, what pays, is declined, or is a debit that succeeds or fails."""


class Anything(Elsewhere):
    """After every step the books must be right; when nobody does anything more, everything must
    come to rest by itself, and our books and Stripe's must agree to the cent.
    """

    @precondition(goes_on)
    @rule(who=st.integers(0, 3), course=st.sampled_from([0, 0, 0, 1, 1, 2]), stop=STOPS)
    def a_student_books(self, who: int, course: int, stop: Stop) -> None:
        if self.alone:
            who = course = 0
        student, wanted = self.stage.students[who], self.stage.courses[course]
        ask = self.ask(student, "/api/stripe/checkout", json={"course_id": wanted.id})
        self.act("book", ask, stop)

    @precondition(goes_on)
    @rule(who=st.integers(0, 3), course=st.sampled_from([0, 1]), card=CARDS, told=st.booleans())
    def a_student_books_and_pays(self, who: int, course: int, card: str, told: bool) -> None:
        self.a_student_books(who, course, None)
        self.somebody_pays_on_an_open_page(-1, card)
        if told:
            self.the_newest_event_comes()

    @precondition(when("bookings"))
    @rule(which=INDEX, stop=STOPS)
    def a_student_tries_again(self, which: int, stop: Stop) -> None:
        booking = one_of(self.stage.books.bookings, which)
        owner = self.stage.owners[booking.user_id]
        self.act("retry", self.ask(owner, f"/api/bookings/{booking.id}/retry"), stop)

    @precondition(when("bookings"))
    @rule(which=INDEX, by_operator=st.sampled_from([False, False, True]), stop=STOPS)
    def a_booking_is_cancelled(self, which: int, by_operator: bool, stop: Stop) -> None:
        booking = one_of(self.stage.books.bookings, which)
        who = OPERATOR if by_operator else self.stage.owners[booking.user_id]
        self.act("cancel", self.ask(who, f"/api/bookings/{booking.id}/cancel"), stop)

    @precondition(when("attempts"))
    @rule(which=INDEX, card=CARDS)
    def somebody_pays_on_an_open_page(self, which: int, card: str) -> None:
        pages = self.stage.sessions(status="open")
        if pages:
            page = one_of(pages, which)["id"]
            self.pull(f"sessions/{page}/pay", card=card, wait=False)
            self.count(f"pay {card[-4:]}")

    @precondition(when("attempts"))
    @rule(card=CARDS)
    def a_forgotten_page_is_paid(self, card: str) -> None:
        forgotten = self.stage.forgotten
        pages = [s for s in self.stage.sessions(status="open") if s["id"] in forgotten]
        if pages:
            self.pull(f"sessions/{pages[0]['id']}/pay", card=card, wait=False)
            self.count(f"pay forgotten {card[-4:]}")

    @precondition(goes_on)
    @rule(which=INDEX, how=FORGETTING, card=ON_FORGOTTEN, told=st.booleans())
    def a_page_is_forgotten(
        self, which: int, how: Callable[..., Any], card: str | None, told: bool
    ) -> None:
        """As by a mistake of an older program: a page can be paid that nobody waits for."""
        if not self._held():
            self.a_student_books(which % 4, 0, None)
        held = self._held()
        booking = one_of(held, which) if held else None
        tried = self.stage.books.attempts_of(booking.id) if booking else []
        if booking and len(tried) == 1 and tried[0].state == AttemptState.OPEN.value:
            owner = self.stage.owners[booking.user_id]
            self.stage.forgotten.add(tried[0].session_id or "")
            started = Started(owner, 201, booking.id, tried[0].session_id, "", None)
            self.act(how.__name__, how(self.stage.world, started))
            if card:
                self.a_forgotten_page_is_paid(card)
            if card and told:
                self.the_newest_event_comes()

    def _held(self) -> list[Booking]:
        """Return the bookings that wait for money."""
        return [b for b in self.stage.books.bookings if b.place == Place.HELD.value and b.price]

    @precondition(when("attempts"))
    @rule(which=INDEX, stop=STOPS)
    def somebody_comes_back_from_stripe(self, which: int, stop: Stop) -> None:
        attempt = one_of(self.stage.books.attempts, which)
        if attempt.session_id is not None:
            booking = next(b for b in self.stage.books.bookings if b.id == attempt.booking_id)
            owner = self.stage.owners[booking.user_id]
            self.act("success page", self._come_back(owner, attempt.session_id), stop)

    @precondition(when("bookings"))
    @rule(price=st.sampled_from([3000, 4500, 9900]))
    def the_price_changes(self, price: int) -> None:
        self.stage.run(self._change(0, price=price))
        self.looked("price")

    @precondition(when("bookings"))
    @rule(off=st.booleans())
    def the_course_is_called_off_or_not(self, off: bool) -> None:
        status = CourseStatus.CANCELLED if off else CourseStatus.PUBLISHED
        self.stage.run(self._change(1, status=status.value))
        self.looked("called off" if off else "on again")

    async def _come_back(self, owner: Any, session_id: str) -> None:
        principal = await self.stage.world.principal(owner)
        await self.stage.world.services.bookings.booking_of_session(principal, session_id)

    async def _change(self, course: int, **values: Any) -> None:
        async with writing(self.stage.world.services.tools.database) as work:
            row = await work.courses.lock(self.stage.courses[course].id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)
