"""The row that names the installation of this database."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import InstallationRow

ROW_NUMBER = 1


class Installations:
    """The table `installation`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self) -> InstallationRow | None:
        """Return the row, fresh from the database; None before the first start."""
        query = sa.select(InstallationRow).where(col(InstallationRow.number) == ROW_NUMBER)
        fresh = query.execution_options(populate_existing=True)
        return (await self._session.scalars(fresh)).first()

    async def ensure(self, address: str, now: datetime, *, has_keys: bool) -> InstallationRow:
        """Return the row. Create it if needed; concurrent callers get the same row."""
        row = await self.find()
        if row is None:
            values = {
                "number": ROW_NUMBER,
                "id": new_id("ins"),
                "public_address": address,
                "has_keys": has_keys,
                "created_at": now,
                "updated_at": now,
            }
            await insert_once(self._session, InstallationRow, values, ["number"])
            row = await self.find()
        assert row is not None, "inserted or already there"
        return row
