"""The last run of each periodic job."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.insert import insert_once, insert_or_update
from coursebook.persistence.schema.tables import Pulse

MAX_AHEAD = timedelta(minutes=1)
"""A turn that is further ahead was taken by a clock that has been set back since."""


class Heartbeats:
    """The table `pulse`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def beat(self, name: str, now: datetime) -> None:
        """Record that the job ran now."""
        await insert_or_update(self._session, Pulse, {"name": name, "at": now}, ["name"])

    async def take_turn(self, name: str, now: datetime, pause: timedelta) -> bool:
        """Take the next turn of a job that all processes share; False when it is too soon."""
        first = {"name": name, "at": now - pause}
        await insert_once(self._session, Pulse, first, ["name"])
        is_due = sa.or_(col(Pulse.at) <= now - pause, col(Pulse.at) > now + MAX_AHEAD)
        query = sa.update(Pulse).where(col(Pulse.name) == name, is_due).values(at=now)
        return bool((await self._session.execute(query)).rowcount)  # type: ignore[attr-defined]

    async def last(self, name: str) -> datetime | None:
        """Return when the job last ran, or None."""
        pulse = await self._session.get(Pulse, name)
        return pulse.at if pulse else None
