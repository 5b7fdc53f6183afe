"""Print one line for each long step, with its duration."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from coursebook.run.output import is_json_output, say


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print `text ...`, then the elapsed seconds (or the failure) when the block ends."""
    if not is_json_output():  # a JSON line is written whole
        say(f"{text} ...", end=" ")
    started = time.monotonic()
    outcome = "stopped"  # by Ctrl-C, which is not an Exception
    try:
        yield
        outcome = f"{time.monotonic() - started:.1f} s"
    except Exception:  # re-raised; it only changes the outcome
        outcome = "failed"
        raise
    finally:
        say(f"{text}: {outcome}" if is_json_output() else outcome)
