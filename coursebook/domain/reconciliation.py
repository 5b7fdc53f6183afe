"""Comparing our records with Stripe's: the stages, a difference, and the progress of a run."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """The lists to compare, in order: five of Stripe's, then our own.

    payouts: fees of payments and refunds, and what was paid out ·
    ours: our payments by card · by_hand: money taken by hand · places: the counts of seats.
    """

    SESSIONS = "sessions"
    PAYMENTS = "payments"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    PAYOUTS = "payouts"
    OURS = "ours"
    BY_HAND = "by_hand"
    PLACES = "places"


STAGES = tuple(Stage)


@dataclass(frozen=True)
class Difference:
    """One difference between our records and Stripe's. `key` is the same in every run.

    With a `session_id` it can be settled; otherwise an operator has to look at it.
    """

    key: str
    cause: str
    session_id: str | None = None
    booking_id: str | None = None
    amount: int | None = None
    currency: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the form that is stored."""
        return asdict(self)


@dataclass(frozen=True)
class Run:
    """The progress of a comparison. `done` returns it as a share from 0 to 1."""

    name: str
    since: datetime
    started_at: datetime
    stage: Stage = Stage.SESSIONS
    cursor: str | None = None
    looked_at: int = 0
    differences: tuple[Difference, ...] = field(default=())
    finished_at: datetime | None = None

    def done(self, oldest: datetime | None = None) -> float:
        """Return the share that is done. Lists are newest first, so `oldest` marks the position."""
        if self.finished_at is not None:
            return 1.0
        whole = (self.started_at - self.since).total_seconds()
        inside = 0.0
        if oldest is not None and whole > 0:
            inside = min(1.0, max(0.0, (self.started_at - oldest).total_seconds() / whole))
        return (STAGES.index(self.stage) + inside) / len(STAGES)
