"""The pulse of what runs by itself."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from coursebook.persistence.schema.tables import Pulse


class Heartbeats:
    """The table `pulse`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def beat(self, name: str, now: datetime) -> None:
        """Note that it came round now."""
        await self._session.merge(Pulse(name=name, at=now))

    async def last(self, name: str) -> datetime | None:
        """Return when it last came round."""
        found = await self._session.get(Pulse, name)
        return found.at if found else None
