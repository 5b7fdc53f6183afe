"""Comparing our books with Stripe's: the stages, one difference, and how far a run has come."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """What is compared, in this order: four lists of Stripe's, then our own payments and places."""

    SESSIONS = "sessions"
    PAYMENTS = "payments"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    OURS = "ours"
    PLACES = "places"


STAGES = tuple(Stage)


@dataclass(frozen=True)
class Difference:
    """One thing on which the books differ. `key` is the same at every run.

    With a `session_id` it can be settled; without one a person has to look.
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
    """How far a comparison has come. `done` is a share of 0 to 1, for people to look at."""

    name: str
    since: datetime
    started_at: datetime
    stage: Stage = Stage.SESSIONS
    cursor: str | None = None
    looked_at: int = 0
    differences: tuple[Difference, ...] = field(default=())
    finished_at: datetime | None = None

    def done(self, oldest: datetime | None = None) -> float:
        """Return the share that is done; lists are newest first, so `oldest` tells how far."""
        if self.finished_at is not None:
            return 1.0
        whole = (self.started_at - self.since).total_seconds()
        inside = 0.0
        if oldest is not None and whole > 0:
            inside = min(1.0, max(0.0, (self.started_at - oldest).total_seconds() / whole))
        return (STAGES.index(self.stage) + inside) / len(STAGES)
