"""The findings of `coursebook doctor`, one line for each part."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict on a part."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """The verdict on one part, the observation, and a remedy. Never holds a key or password."""

    verdict: Verdict
    part: str
    observation: str
    remedy: str = ""

    def line(self) -> str:
        """Return the line for the terminal."""
        remedy = f" → {self.remedy}" if self.remedy else ""
        return f"{self.verdict:<6} {self.part:<14} {self.observation}{remedy}"


def fine(part: str, observation: str) -> Finding:
    """Return the finding of a part that works."""
    return Finding(Verdict.OK, part, observation)


def compare_clocks(part: str, ahead: timedelta, max_seconds: int) -> Finding:
    """Return the finding for a clock difference; more than `max_seconds` is an error."""
    seconds = round(ahead.total_seconds())
    observation = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} theirs"
    if abs(seconds) > max_seconds:
        return wrong(part, observation, "synchronise the clock (systemd-timesyncd, chrony)")
    return fine(part, observation)


def note(part: str, observation: str, remedy: str = "") -> Finding:
    """Return a note about a part; it does not fail the check."""
    return Finding(Verdict.NOTE, part, observation, remedy)


def wrong(part: str, observation: str, remedy: str) -> Finding:
    """Return the finding of a part that fails, with its remedy."""
    return Finding(Verdict.WRONG, part, observation, remedy)
