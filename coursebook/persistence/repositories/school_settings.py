"""What the owners of the school set on the settings page, by name."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.tables import SchoolSetting


class SchoolSettings:
    """The table `school_setting`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def texts(self) -> dict[str, str]:
        """Return every value that is a text, by its name."""
        query = sa.select(col(SchoolSetting.name), col(SchoolSetting.value))
        rows = (await self._session.execute(query)).all()
        return {name: value for name, value in rows if isinstance(value, str)}

    async def put(self, name: str, value: str, now: datetime, by: str) -> None:
        """Store a value in place of the one before."""
        row = await self._session.get(SchoolSetting, name)
        if row is None:
            row = SchoolSetting(name=name, value=value, changed_at=now, changed_by=by)
            self._session.add(row)
        row.value, row.changed_at, row.changed_by = value, now, by
