"""One line on the terminal for each long step, with the time it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from coursebook.run.output import say, speaks_json


@contextmanager
def step(words: str) -> Iterator[None]:
    """Print `words ...` at once and the elapsed seconds (or how it ended) when the body is done."""
    if not speaks_json():  # a line of JSON is written whole
        say(f"{words} ...", end=" ")
    started = time.monotonic()
    ended = "stopped"  # by Ctrl-C, which is not an Exception
    try:
        yield
        ended = f"{time.monotonic() - started:.1f} s"
    except Exception:  # passed on; it only decides the word
        ended = "failed"
        raise
    finally:
        say(f"{words}: {ended}" if speaks_json() else ended)
