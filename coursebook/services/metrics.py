"""Gauges for Prometheus, read from the database so that every process reports the same values."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.booking import SeatState
from coursebook.persistence.repositories.statistics import Statistics, Waiting
from coursebook.persistence.unit_of_work import reading
from coursebook.services.cache import MicroCache
from coursebook.services.context import Context

CACHE_SECONDS = 1.0
"""The queries cost work, so the gauges are read at most once a second."""
STATUS = {
    SeatState.HELD.value: "pending",
    SeatState.CONFIRMED.value: "confirmed",
    SeatState.EXPIRED.value: "failed",
    SeatState.CANCELLED.value: "cancelled",
}
"""The public word for each state of a place."""


BACKUP = "backup"
"""The pulse that a good backup leaves."""


@dataclass(frozen=True)
class Gauge:
    """One number of now. Ages are seconds; an age of nothing is 0."""

    name: str
    meaning: str
    values: dict[str, float]
    label: str = ""


class Metrics:
    """Counts and ages."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cache = MicroCache[list[Gauge]](CACHE_SECONDS, 1, lambda: context.clock().timestamp())

    async def gauges(self) -> list[Gauge]:
        """Return every gauge. Raises Unavailable when the database does not answer."""
        return list(await self._cache.get("", self._look))

    async def _look(self) -> list[Gauge]:
        now = self._context.clock()
        async with reading(self._context.database) as work:
            ask = Statistics(work.session)
            places, pulses = await ask.bookings(), await ask.pulses()
            waiting = [
                ("webhook_events_waiting", "Stripe's events not handled yet", await ask.events()),
                ("outbox_waiting", "Outbox messages not done yet", await ask.outbox()),
                ("holds_overdue", "Held places past their time", await ask.overdue_holds(now)),
                ("refunds_waiting", "Refunds not through yet", await ask.refunds()),
                ("money_inbox_open", "Entries nobody has decided", await ask.money_inbox()),
            ]
            dead, last = await ask.dead_messages(), await ask.last_event()
            row = await work.installations.find()
        # Without any copy the age is that of the installation, so that the alert comes as well.
        saved = pulses.pop(BACKUP, None) or (row.created_at if row else None)
        statuses = {word: float(places.get(place, 0)) for place, word in STATUS.items()}
        beats = {name: _age(at, now) for name, at in pulses.items()}
        return [
            Gauge("bookings", "Bookings by status.", statuses, "status"),
            Gauge("pulse_age_seconds", "Since it last came round, seconds.", beats, "name"),
            Gauge("outbox_dead", "Promises that were given up.", {"": float(dead)}),
            Gauge("backup_age_seconds", "Since the last good backup, or since the first start.",
                  {"": _age(saved, now)}),
            Gauge("last_webhook_age_seconds", "Since Stripe last told us anything, seconds.",
                  {"": _age(last, now)}),
            *(gauge for name, meaning, of in waiting for gauge in _two(name, meaning, of, now)),
        ]  # fmt: skip


def _two(name: str, meaning: str, of: Waiting, now: datetime) -> list[Gauge]:
    return [
        Gauge(name, f"{meaning}.", {"": float(of.count)}),
        Gauge(f"{name}_age_seconds", f"{meaning}: age of the oldest.", {"": _age(of.since, now)}),
    ]


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
