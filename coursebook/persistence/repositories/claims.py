"""Claims: mailed links that add a guest's bookings to an account."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.tables import Claim


class Claims:
    """The table `claim`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, code_hash: str) -> Claim | None:
        """Return the claim with this hash of its code."""
        return await self._session.get(Claim, code_hash)

    async def lock(self, code_hash: str) -> Claim | None:
        """Return a claim under its row lock."""
        query = (
            sa.select(Claim)
            .where(col(Claim.code_hash) == code_hash)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return (await self._session.scalars(query)).first()
