"""The refund that a booking was promised if it is cancelled: moments, each with a share.

The list is made from the terms and the start of the course when the place is held, and stored with
the booking. A later change of either never removes a moment; a new start only adds some. Besides,
the school may let people cancel free of charge for a while after it has changed a course.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from coursebook.domain.money import WHOLE, Money
from coursebook.domain.terms import Terms


@dataclass(frozen=True)
class Share:
    """Until this moment, `percent` of the price is refunded."""

    until: datetime
    percent: int

    def __post_init__(self) -> None:
        if self.until.tzinfo is None:
            raise ValueError("A promised moment needs a time zone.")
        if not 0 <= self.percent <= WHOLE:
            raise ValueError("A share is 0 to 100 per cent.")


@dataclass(frozen=True)
class Promise:
    """The shares of one booking, earliest first."""

    shares: tuple[Share, ...] = ()

    def percent_at(self, now: datetime) -> int:
        """Return the share at a moment: the largest of those that are not over."""
        return max((s.percent for s in self.shares if now <= s.until), default=0)

    def ahead(self, now: datetime) -> tuple[Share, ...]:
        """Return the shares that still count after `now`, each smaller than the one before."""
        counted: list[Share] = []
        for share in reversed(self.shares):
            if share.until < now:
                break
            if share.percent > (counted[-1].percent if counted else 0):
                counted.append(share)
        return tuple(reversed(counted))

    def ahead_until(self, now: datetime, starts_at: datetime) -> tuple[Share, ...]:
        """Return the shares that still count, as people read them: none ends after the start.

        A start that moved forward may lie before a promised moment, and nobody cancels after it.
        """
        return until_start(self.ahead(now), starts_at)

    def grown(self, other: "Promise") -> "Promise":
        """Return both promises together. Nothing is ever taken off."""
        return Promise(_ordered([*self.shares, *other.shares]))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the form that is kept in a booking row."""
        return [{"until": _written(s.until), "percent": s.percent} for s in self.shares]

    @classmethod
    def from_json(cls, data: Sequence[dict[str, Any]]) -> "Promise":
        """Read the kept form back."""
        shares = [Share(datetime.fromisoformat(d["until"]), int(d["percent"])) for d in data]
        return cls(_ordered(shares))


@dataclass(frozen=True)
class BookedPromise:
    """What cancelling one booking gives back: its promise, and everything while that is free."""

    promise: Promise
    free_cancel_until: datetime | None = None

    @property
    def whole(self) -> Promise:
        """Both as one list of moments."""
        if self.free_cancel_until is None:
            return self.promise
        return self.promise.grown(Promise((Share(self.free_cancel_until, WHOLE),)))

    def after_edit(
        self, moments: Promise, starts_at: datetime, free_cancel_until: datetime | None
    ) -> "BookedPromise":
        """Return it after an edit of the course, whose start is `starts_at` now.

        `moments` are those of a new start; `free_cancel_until` only moves the end of free
        cancelling later. That end never lies beyond the start, so an earlier start cuts it.
        """
        ends = [at for at in (self.free_cancel_until, free_cancel_until) if at is not None]
        until = min(max(ends), starts_at) if ends else None
        return BookedPromise(self.promise.grown(moments), until)


def until_start(shares: Sequence[Share], starts_at: datetime) -> tuple[Share, ...]:
    """Return shares, the earliest and largest first, without what lies beyond the start."""
    whole = [share for share in shares if share.until < starts_at]
    cut = [Share(starts_at, share.percent) for share in shares if share.until >= starts_at]
    return (*whole, *cut[:1])


def promise_of(terms: Terms, starts_at: datetime) -> Promise:
    """Return the promise of these terms for a course with this start."""
    shares = [
        Share(starts_at - timedelta(hours=step.hours_before), step.percent) for step in terms.steps
    ]
    return Promise(_ordered(shares))


def due_on_cancel(price: Money, net_received: int, percent: int) -> int:
    """Return the part of `net_received` that is refunded on cancelling, in minor units.

    `net_received` is the amount received and not refunded. An earlier refund of the price, such as
    goodwill, counts towards the promised share.
    """
    already_refunded = max(0, price.amount - net_received)
    return max(0, min(price.percent(percent).amount - already_refunded, net_received))


def _ordered(shares: Sequence[Share]) -> tuple[Share, ...]:
    return tuple(sorted(set(shares), key=lambda s: (s.until, s.percent)))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
