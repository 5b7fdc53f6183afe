"""Cancellation terms: steps of time before the start, each with the share that is refunded.

They are shown before paying. A booking stores its promise as moments (`promise.py`), so a later
edit of the terms or the start does not change it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coursebook.domain.money import WHOLE, Money

MAX_STEPS = 10
MAX_HOURS = 366 * 24
"""The earliest step, in hours before the start."""


@dataclass(frozen=True)
class TermStep:
    """Until `hours_before` hours before the start, `percent` of the price is refunded."""

    hours_before: int
    percent: int


@dataclass(frozen=True)
class Terms:
    """Steps from the earliest to the latest. After the last step nothing is refunded."""

    steps: tuple[TermStep, ...] = ()

    def __post_init__(self) -> None:
        hours = [s.hours_before for s in self.steps]
        shares = [s.percent for s in self.steps]
        if hours != sorted(hours, reverse=True) or len(set(hours)) != len(hours):
            raise ValueError("Terms go from the earliest step to the latest.")
        if any(h < 0 for h in hours) or any(not 0 <= p <= WHOLE for p in shares):
            raise ValueError("A step has hours of 0 or more and a share of 0 to 100 per cent.")
        if shares != sorted(shares, reverse=True):
            raise ValueError("The share given back cannot grow as the course comes nearer.")

    def percent_at(self, now: datetime, starts_at: datetime) -> int:
        """Return the share (0 to 100) that is refunded on cancelling at `now`."""
        for step in self.steps:
            if now <= starts_at - timedelta(hours=step.hours_before):
                return step.percent
        return 0

    def ahead(self, now: datetime, starts_at: datetime) -> "Terms":
        """Return the steps that are not over: an expired share must not be promised."""
        return Terms(
            tuple(s for s in self.steps if now <= starts_at - timedelta(hours=s.hours_before))
        )

    def refund_of(self, paid: Money, now: datetime, starts_at: datetime) -> Money:
        """Return the part of `paid` that is refunded on cancelling at `now`."""
        return paid.percent(self.percent_at(now, starts_at))

    def sentence(self) -> str:
        """Return the terms as one sentence, as shown before paying."""
        steps = [s for s in self.steps if s.percent]
        if not steps:
            return "This booking cannot be refunded after payment."
        parts = [f"{s.percent} % back until {_before(s.hours_before)}" for s in steps]
        return f"If you cancel: {', then '.join(parts)}; nothing after that."

    def to_json(self) -> list[dict[str, int]]:
        """Return the form that is kept in a course row."""
        return [{"hours_before": s.hours_before, "percent": s.percent} for s in self.steps]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> "Terms":
        """Read the kept form back."""
        return cls(tuple(TermStep(int(d["hours_before"]), int(d["percent"])) for d in data))


def _before(hours: int) -> str:
    if hours == 0:
        return "the start"
    if hours % 24 == 0:
        days = hours // 24
        return f"{days} {'day' if days == 1 else 'days'} before the start"
    return f"{hours} {'hour' if hours == 1 else 'hours'} before the start"


STANDARD = Terms((TermStep(14 * 24, 100), TermStep(2 * 24, 50)))
"""The terms of a course whose operator chose none."""
