"""Hypothesis rules for waiting lists: join, leave, take a place, and the acts of the school."""

from collections.abc import Coroutine
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coursebook.domain.waiting_list.entry import LIVE, EntryState
from coursebook.persistence.schema.tables import WaitingListEntry
from tests.fuzz.environment_rules import EnvironmentRules
from tests.fuzz.state_machine import INDEX, STOPS, Stop, has_steps_left, one_of
from tests.support.harness import OPERATOR, Student

COURSES = st.sampled_from([0, 0, 0, 1, 1])
ACTS = st.sampled_from(["offer", "offer", "first", "remove"])


class WaitingRules(EnvironmentRules):
    """What people who wait do, and what the school does with its list."""

    @precondition(has_steps_left)
    @rule(who=st.integers(0, 3), course=COURSES, stop=STOPS)
    def a_student_joins_the_list(self, who: int, course: int, stop: Stop) -> None:
        student, wanted = self.scenario.students[who], self.scenario.courses[course]
        self.act("join", self.ask(student, f"/api/courses/{wanted.id}/waiting"), stop)

    @precondition(has_steps_left)
    @rule(course=st.sampled_from([0, 1]), first=st.integers(0, 3))
    def a_course_is_full_and_others_wait(self, course: int, first: int) -> None:
        everybody = [(first + who) % 4 for who in range(4)]
        for who in everybody[: 2 - course]:
            self.a_student_books(who, course, None)  # type: ignore[attr-defined]
        for who in everybody:
            self.a_student_joins_the_list(who, course, None)

    @precondition(has_steps_left)
    @rule(which=INDEX, stop=STOPS)
    def somebody_leaves_or_declines(self, which: int, stop: Stop) -> None:
        entries = self._entries()
        if not entries:
            return
        entry = one_of(entries, which)
        owner = self.scenario.owners.get(entry.user_id)
        if owner is not None:
            path = f"/api/courses/{entry.course_id}/waiting"
            self.act("leave", self._delete(owner, path), stop)

    @precondition(has_steps_left)
    @rule(which=INDEX, act=ACTS, stop=STOPS)
    def the_school_acts_on_an_entry(self, which: int, act: str, stop: Stop) -> None:
        entries = self._entries()
        if not entries:
            return
        entry = one_of(entries, which)
        body = {"offer": {"one_more": bool(which % 2)}, "first": {"reason": "Ours."}}.get(act)
        path = f"/api/manage/courses/{entry.course_id}/waiting/{entry.id}/{act}"
        more: dict[str, Any] = {"json": body} if body else {}
        self.act(f"waiting: {act}", self.ask(OPERATOR, path, **more), stop)

    @precondition(has_steps_left)
    @rule(which=INDEX, stop=STOPS)
    def somebody_opens_the_page_of_an_offer(self, which: int, stop: Stop) -> None:
        offers = [e for e in self._entries() if e.state == EntryState.OFFERED.value]
        if not offers:
            return
        entry = one_of(offers, which)
        owner = self.scenario.owners.get(entry.user_id)
        if owner is not None:
            self.act("take", self.ask(owner, f"/api/bookings/{entry.booking_id}/retry"), stop)

    def _entries(self) -> list[WaitingListEntry]:
        live = [state.value for state in LIVE]
        return [entry for entry in self.scenario.books.waiting if entry.state in live]

    def _delete(self, who: Student, path: str) -> Coroutine[Any, Any, httpx.Response]:
        return self.scenario.harness.call("DELETE", path, who)
