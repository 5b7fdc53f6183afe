"""The result of comparing one page."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.reconciliation import Difference


@dataclass(frozen=True)
class PageComparison:
    """The result of one page. `oldest` is the oldest item of Stripe's list that it reached."""

    differences: list[Difference]
    count: int
    next_cursor: str | None = None
    oldest: datetime | None = None
