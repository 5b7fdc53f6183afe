"""Records the courses that a page loads while the server renders it (`ui/ssr`).

The structured data for search engines is built from the same views; without the recording they
would be read twice. Outside of server rendering nothing is recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from coursebook.services.views import CourseView

_recording: ContextVar[list[CourseView] | None] = ContextVar("recording", default=None)


def note(*courses: CourseView) -> None:
    """Add the courses to the recording, if there is one."""
    recording = _recording.get()
    if recording is not None:
        recording.extend(courses)


@contextmanager
def recording() -> Iterator[list[CourseView]]:
    """Yield the list that `note` adds courses to inside of the block."""
    courses: list[CourseView] = []
    token = _recording.set(courses)
    try:
        yield courses
    finally:
        _recording.reset(token)
