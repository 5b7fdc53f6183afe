"""Hypothesis rules of the door: phones send ticks, again and late, and the day ends."""

from datetime import timedelta
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coursebook.domain.booking import SeatState
from coursebook.domain.check_in.attendance import AttendanceState, CheckInWay
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.services.check_in.absences import ABSENT_AFTER
from tests.fuzz.state_machine import INDEX, one_of, when
from tests.fuzz.user_rules import SOON, UserRules
from tests.support.booking_invariants import Books
from tests.support.harness import OPERATOR

PRESENT, ABSENT, UNDONE = (
    state.value
    for state in (AttendanceState.PRESENT, AttendanceState.ABSENT, AttendanceState.UNDONE)
)
CONFIRMED = SeatState.CONFIRMED.value
STATES = st.sampled_from([*[PRESENT] * 3, ABSENT, *[UNDONE] * 2, AttendanceState.EXCUSED.value])


class DoorRules(UserRules):
    """All other rules, and those of check-in.

    `sent` are the lines that phones have sent, each with its meeting and its first answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any], str]] = []

    @precondition(when("bookings"))
    @rule(which=INDEX, state=STATES, is_scanned=st.booleans(), undoes=st.none() | INDEX)
    def a_phone_at_the_door_sends(
        self, which: int, state: str, is_scanned: bool, undoes: int | None
    ) -> None:
        """Send a new line about somebody; an undo names an earlier line, or none.

        Two of three are about people with a place: few bookings have one.
        """
        bookings = self.scenario.books.bookings
        coming = [booking for booking in bookings if booking.place == CONFIRMED]
        booking = one_of(coming if coming and which % 3 else bookings, which)
        self._tick(booking, state, is_scanned, undoes)

    def _tick(self, booking: Booking, state: str, is_scanned: bool, undoes: int | None) -> None:
        line = {"client_id": f"line-{len(self.sent)}", "state": state}
        has_code = is_scanned and booking.ticket_code
        line |= {"code": booking.ticket_code} if has_code else {"booking_id": booking.id}
        if state == UNDONE and undoes is not None and self.sent:
            line["undoes"] = one_of(self.sent, undoes)[1]["client_id"]
        meeting = f"mtg_{booking.course_id.removeprefix('crs_')}"
        self.act(f"check in: {state}", self._send(meeting, line))

    @precondition(when("bookings"))
    @rule(which=INDEX, state=STATES)
    def a_phone_sends_what_it_kept(self, which: int, state: str) -> None:
        """Send one line about everybody of a course at once, as a phone that had no network."""
        course_id = one_of(self.scenario.books.bookings, which).course_id
        lines = [
            {"client_id": f"kept-{len(self.sent)}-{n}", "state": state, "booking_id": booking.id}
            for n, booking in enumerate(self.scenario.books.bookings)
            if booking.course_id == course_id
        ]
        meeting = f"mtg_{course_id.removeprefix('crs_')}"
        self.act(f"check in everybody: {state}", self._send_all(meeting, lines))

    @precondition(lambda self: self.left > 0 and self.sent)
    @rule(which=INDEX)
    def a_phone_sends_again(self, which: int) -> None:
        """Send a line once more: it changes nothing and gets its first answer."""
        meeting, line, answer = one_of(self.sent, which)
        before = _states(self.scenario.books)
        self.act("check in again", self._send(meeting, line, expected=answer))
        assert _states(self.scenario.books) == before, "a line counted twice"

    @precondition(when("bookings"))
    @rule(who=st.integers(0, 3))
    def the_evening_is_over(self, who: int) -> None:
        """Tick one person of the last course, and let its meeting end."""
        course = self.scenario.courses[SOON]
        coming = self.comers(course)
        if coming and who:  # without a tick nobody kept a list
            self._tick(coming[0], PRESENT, False, None)
        self.act("evening ends", self._end(course.ends_at))

    def comers(self, course: Course) -> list[Booking]:
        """Return the bookings that have a place on a course."""
        return [
            booking
            for booking in self.scenario.books.bookings
            if booking.course_id == course.id and booking.place == CONFIRMED
        ]

    async def _end(self, ends_at: Any) -> None:
        here = ends_at + ABSENT_AFTER - self.scenario.harness.clock() + timedelta(minutes=1)
        if here > timedelta():
            await self.scenario.time_passes(here, here)
        await self.scenario.harness.worker_round()

    async def _send(
        self, meeting: str, line: dict[str, Any], expected: str | None = None
    ) -> httpx.Response:
        path = f"/api/manage/meetings/{meeting}/attendance"
        answer = await self.ask(OPERATOR, path, json={"lines": [line]})
        if answer.status_code == 200:
            (result,) = answer.json()["lines"]
            if expected is None:
                self.sent.append((meeting, line, result["answer"]))
            elif "code" in line or result["answer"] == "not_allowed":
                pass  # the code was replaced, or the booking has moved since
            else:
                assert result["answer"] == expected
        return answer

    async def _send_all(self, meeting: str, lines: list[dict[str, Any]]) -> httpx.Response:
        path = f"/api/manage/meetings/{meeting}/attendance"
        answer = await self.ask(OPERATOR, path, json={"lines": lines})
        if answer.status_code == 200:
            results = answer.json()["lines"]
            self.sent += [
                (meeting, line, result["answer"])
                for line, result in zip(lines, results, strict=True)
            ]
        return answer

    def looked(self, name: str) -> None:
        """Check what is recorded of people as well."""
        before = getattr(self.scenario, "books", None)
        super().looked(name)
        if before is not None:
            _check_attendance(before, self.scenario.books)


def _states(books: Books) -> dict[tuple[str, str], str]:
    return {(row.booking_id, row.meeting_id): row.state for row in books.attendances}


def _check_attendance(before: Books, after: Books) -> None:
    """Present never becomes absent; the worker marks nobody where nobody was ticked."""
    earlier, now = _states(before), _states(after)
    confirmed = {booking.id for booking in after.bookings if booking.confirmed_at}
    here = {meeting for (_, meeting), state in (earlier | now).items() if state == PRESENT}
    for row in after.attendances:
        key = (row.booking_id, row.meeting_id)
        assert row.booking_id in confirmed, "somebody without a place was checked in"
        if row.state == ABSENT:
            assert earlier.get(key) != PRESENT, "somebody who was here is absent"
        is_new = earlier.get(key) != row.state
        if is_new and row.how == CheckInWay.WORKER.value:
            assert row.meeting_id in here, "absent where nobody was ticked"
