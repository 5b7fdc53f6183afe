"""Whom a message goes to: a rule, which is resolved when the message is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

JUST_CANCELLED = timedelta(days=30)
"""Who cancelled longer ago has no more to do with the course, so no message reaches them."""
MAX_CHOSEN = 200
"""Bookings that may be chosen one by one."""


class AudienceKind(StrEnum):
    """The rule.

    all: with a confirmed or a held place · coming: with a confirmed one · paying: with a held one ·
    owes: coming, and has paid less than the price · cancelled: had a place that was cancelled
    within 30 days · waiting: on the waiting list, without an offer · chosen: these bookings, as
    long as they are coming, paying or were cancelled like that.
    """

    ALL = "all"
    COMING = "coming"
    PAYING = "paying"
    OWES = "owes"
    CANCELLED = "cancelled"
    WAITING = "waiting"
    CHOSEN = "chosen"


LASTING = (AudienceKind.ALL, AudienceKind.COMING, AudienceKind.PAYING, AudienceKind.OWES)
"""The rules that somebody who books later can come under."""


@dataclass(frozen=True)
class Audience:
    """A rule about the people of one course. `booking_ids` only for `chosen`."""

    kind: AudienceKind
    booking_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Audience":
        """Build it from what is stored."""
        return cls(AudienceKind(stored["kind"]), tuple(stored.get("booking_ids", ())))

    @property
    def json(self) -> dict[str, Any]:
        """It as it is stored."""
        chosen = {"booking_ids": list(self.booking_ids)} if self.booking_ids else {}
        return {"kind": self.kind.value, **chosen}
