"""The one row that says which installation this database belongs to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import InstallationRow

ONLY = 1


class Installations:
    """The table `installation`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self) -> InstallationRow | None:
        """Return the row, fresh from the database; None before the first start."""
        query = sa.select(InstallationRow).where(col(InstallationRow.number) == ONLY)
        fresh = query.execution_options(populate_existing=True)
        return (await self._session.scalars(fresh)).first()

    async def ensure(self, address: str, now: datetime, *, has_keys: bool) -> InstallationRow:
        """Return the row, made with a new id when there is none; two makers get the same one."""
        row = await self.find()
        if row is None:
            values = {
                "number": ONLY,
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
