"""One line on the terminal for each long step, with the time it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(words: str) -> Iterator[None]:
    """Print `words ...` at once and the elapsed seconds (or how it ended) when the body is done."""
    print(f"{words} ...", end=" ", flush=True)
    started = time.monotonic()
    ended = "stopped"  # by Ctrl-C, which is not an Exception
    try:
        yield
        ended = f"{time.monotonic() - started:.1f} s"
    except Exception:  # passed on; it only decides the word
        ended = "failed"
        raise
    finally:
        print(ended, flush=True)
