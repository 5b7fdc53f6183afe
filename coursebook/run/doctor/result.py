"""What `coursebook doctor` found: one line for each part."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Word(StrEnum):
    """How a part is."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """One part: how it is, what was seen, and what to do about it. Never a key or a password."""

    word: Word
    part: str
    seen: str
    remedy: str = ""

    def line(self) -> str:
        """Return the line for the terminal."""
        remedy = f" → {self.remedy}" if self.remedy else ""
        return f"{self.word:<6} {self.part:<14} {self.seen}{remedy}"


def fine(part: str, seen: str) -> Finding:
    """Return that a part is well."""
    return Finding(Word.OK, part, seen)


def judged_clock(part: str, ahead: timedelta, most: int) -> Finding:
    """Judge how far our clock is ahead of another one, or behind."""
    seconds = round(ahead.total_seconds())
    seen = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} theirs"
    if abs(seconds) > most:
        return wrong(part, seen, "synchronise the clock (systemd-timesyncd, chrony)")
    return fine(part, seen)


def note(part: str, seen: str, remedy: str = "") -> Finding:
    """Return something to know about a part that does not stop anything."""
    return Finding(Word.NOTE, part, seen, remedy)


def wrong(part: str, seen: str, remedy: str) -> Finding:
    """Return what is wrong with a part, and the way out."""
    return Finding(Word.WRONG, part, seen, remedy)
