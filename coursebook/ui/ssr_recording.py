"""Records the courses that a page loads while the server renders it (`ui/ssr`).

The structured data for search engines is built from the same views; without the recording they
would be read twice. Outside of server rendering nothing is recorded.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from coursebook.services.views import CourseView

Head = Callable[[Sequence[CourseView], str], str]
"""Returns tags for the head of a rendered page, from its courses and the public address."""


@dataclass
class Recording:
    """What a page has loaded: its `courses`, and the ids of all courses that are `shown`.

    A page may show more courses than those that it is about, such as similar ones. `moved_to` is
    the path of the page that its address leads to now, "" for a page of its own. `school_name` is
    the name of the school that the page shows, "" for the built one.
    """

    courses: list[CourseView] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    moved_to: str = ""
    school_name: str = ""


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)


def note(*courses: CourseView) -> None:
    """Add the courses that the page is about to the recording, if there is one."""
    recording = _recording.get()
    if recording is not None:
        recording.courses.extend(courses)


def note_shown(course_ids: Collection[str]) -> None:
    """Add the ids of all courses that the page shows to the recording, if there is one."""
    recording = _recording.get()
    if recording is not None:
        recording.shown.extend(course_ids)


def note_moved(path: str) -> None:
    """Record that the address of the page leads to this path now, if there is a recording."""
    recording = _recording.get()
    if recording is not None:
        recording.moved_to = path


def with_school_name(head: Callable[[Sequence[CourseView], str, str], str]) -> Head:
    """Return `head` with the name of the school that the page shows as its third argument."""

    def named(courses: Sequence[CourseView], public_url: str) -> str:
        recording = _recording.get()
        return head(courses, public_url, recording.school_name if recording is not None else "")

    return named


@contextmanager
def recording(school_name: str = "") -> Iterator[Recording]:
    """Yield the recording of the block."""
    current = Recording(school_name=school_name)
    token = _recording.set(current)
    try:
        yield current
    finally:
        _recording.reset(token)
