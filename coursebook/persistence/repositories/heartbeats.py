"""The last run of each periodic job."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from coursebook.persistence.schema.tables import Pulse


class Heartbeats:
    """The table `pulse`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def beat(self, name: str, now: datetime) -> None:
        """Record that the job ran now."""
        await self._session.merge(Pulse(name=name, at=now))

    async def last(self, name: str) -> datetime | None:
        """Return when the job last ran, or None."""
        pulse = await self._session.get(Pulse, name)
        return pulse.at if pulse else None
