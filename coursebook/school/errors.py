"""Mistakes in the school's folder: raised at the first one, or all of them collected."""

from collections.abc import Iterator
from contextlib import contextmanager


class SchoolError(Exception):
    """A file of the school is wrong. The message is one sentence that names the file and key."""


_open: list[list[Exception]] = []


@contextmanager
def collecting() -> Iterator[list[Exception]]:
    """Collect mistakes reported during the block, each once, instead of raising them.

    For `coursebook school check`. What is wrong is left out, and reading goes on after it.
    """
    mistakes: list[Exception] = []
    _open.append(mistakes)
    try:
        yield mistakes
    finally:
        _open.remove(mistakes)


def report(error: Exception) -> None:
    """Raise a mistake. While mistakes are collected, add it to them and return."""
    if not _open:
        raise error
    if str(error) not in map(str, _open[-1]):
        _open[-1].append(error)
