"""The findings of `coursebook doctor`, one line for each part."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Word(StrEnum):
    """The verdict on a part."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """The verdict on one part, the observation, and a remedy. Never holds a key or password."""

    word: Word
    part: str
    seen: str
    remedy: str = ""

    def line(self) -> str:
        """Return the line for the terminal."""
        remedy = f" → {self.remedy}" if self.remedy else ""
        return f"{self.word:<6} {self.part:<14} {self.seen}{remedy}"


def fine(part: str, seen: str) -> Finding:
    """Return the finding of a part that works."""
    return Finding(Word.OK, part, seen)


def compare_clocks(part: str, ahead: timedelta, max_seconds: int) -> Finding:
    """Return the finding for a clock difference; more than `max_seconds` is an error."""
    seconds = round(ahead.total_seconds())
    seen = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} theirs"
    if abs(seconds) > max_seconds:
        return wrong(part, seen, "synchronise the clock (systemd-timesyncd, chrony)")
    return fine(part, seen)


def note(part: str, seen: str, remedy: str = "") -> Finding:
    """Return a note about a part; it does not fail the check."""
    return Finding(Word.NOTE, part, seen, remedy)


def wrong(part: str, seen: str, remedy: str) -> Finding:
    """Return the finding of a part that fails, with its remedy."""
    return Finding(Word.WRONG, part, seen, remedy)
