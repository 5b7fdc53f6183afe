"""One line on the terminal for each long step, with the time it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(words: str) -> Iterator[None]:
    """Print `words ...` at once and the elapsed seconds (or how it ended) when the body is done."""
    print(f"{words} ...", end=" ", flush=True)
    started = time.monotonic()
    try:
        yield
    except Exception:
        print("failed", flush=True)
        raise
    except BaseException:
        print("stopped", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)
