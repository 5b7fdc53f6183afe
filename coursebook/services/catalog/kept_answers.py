"""Public answers about courses, kept as bytes until something that they show changes.

A booking in this process shows at once, one in another process when its notification arrives. What
only time changes, such as a start, is up to a second late.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from coursebook.live.topics import AT_ONCE, EVERYTHING

SECONDS = 1.0
MAX_BYTES = 4_000_000
"""Of all kept answers together; the ones asked for the longest time ago go first."""
MAX_NAME_LENGTH = 400
OF_COURSE = ("course", "waiting")
"""The kinds of topics that name a course whose answers change."""
ANY_COURSE = "course:*"
"""Watched by an answer whose choice of courses depends on the places of all."""
MAX_CHANGES = 2_000


@dataclass(frozen=True)
class KeptAnswer:
    """The body of an answer, its entity tag, and the route that made it.

    `since` is the moment before its data was read; `course_ids` are the courses that it shows,
    None when any course matters.
    """

    body: bytes
    etag: str
    route: Any
    since: datetime
    course_ids: frozenset[str] | None


class KeptAnswers:
    """The kept answers of one process, by the path and the query of the request.

    `is_deaf` returns whether changes of other processes do not arrive; then nothing is kept.
    """

    def __init__(self, clock: Callable[[], datetime], is_deaf: Callable[[], bool]) -> None:
        self._clock = clock
        self._is_deaf = is_deaf
        self._answers: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._size = 0
        self._changed_at: dict[str, datetime] = {}
        self._all_changed_at = datetime.min.replace(tzinfo=UTC)

    def topics_changed(self, topics: Collection[str]) -> None:
        """Hear of committed changes."""
        now = self._clock()
        for topic in topics:
            kind, _, course_id = topic.partition(":")
            if topic == EVERYTHING or topic in AT_ONCE:
                self._forget_all(now)
            elif kind in OF_COURSE:
                self._changed_at[course_id] = self._changed_at[ANY_COURSE] = now
        if len(self._changed_at) > MAX_CHANGES:
            self._forget_all(now)

    def find(self, name: str) -> KeptAnswer | None:
        """Return the answer of a request, None if there is none that is still true."""
        answer = self._answers.get(name)
        if answer is None:
            return None
        if not self._is_true(answer):
            self._drop(name)
            return None
        self._answers.move_to_end(name)
        return answer

    def keep(self, name: str, answer: KeptAnswer) -> None:
        """Keep the answer of a request."""
        if len(name) > MAX_NAME_LENGTH or not self._is_true(answer):
            return
        self._drop(name)
        self._answers[name] = answer
        self._size += len(answer.body)
        while self._size > MAX_BYTES:
            self._drop(next(iter(self._answers)))

    def _is_true(self, answer: KeptAnswer) -> bool:
        age = (self._clock() - answer.since).total_seconds()
        is_fresh = 0 <= age < SECONDS  # a clock can be set back
        if not is_fresh or answer.since <= self._all_changed_at or self._is_deaf():
            return False
        course_ids = {ANY_COURSE} if answer.course_ids is None else answer.course_ids
        changes = (self._changed_at.get(course_id) for course_id in course_ids)
        return all(changed_at is None or changed_at < answer.since for changed_at in changes)

    def _drop(self, name: str) -> None:
        answer = self._answers.pop(name, None)
        if answer is not None:
            self._size -= len(answer.body)

    def _forget_all(self, now: datetime) -> None:
        self._all_changed_at = now
        self._answers.clear()
        self._changed_at.clear()
        self._size = 0


def etag_of(body: bytes) -> str:
    """Return the entity tag of a body: the same bytes have the same tag in every process."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'
