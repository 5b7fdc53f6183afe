"""What a page has just read from the services, for the server that draws it (`ui/ssr`).

Its data for search engines are made of the same views; without this they would be read twice.
In a browser's own tab nobody listens, and nothing is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from coursebook.services.views import CourseView

_heard: ContextVar[list[CourseView] | None] = ContextVar("heard", default=None)


def note(*courses: CourseView) -> None:
    """Tell whoever listens that the page shows these courses."""
    heard = _heard.get()
    if heard is not None:
        heard.extend(courses)


@contextmanager
def listening() -> Iterator[list[CourseView]]:
    """Give the list of courses that are noted inside of the block."""
    heard: list[CourseView] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
