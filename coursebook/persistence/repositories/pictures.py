"""Pictures of courses, under the hash of their content."""

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import Picture


class Pictures:
    """The table `picture`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_once(self, values: dict[str, Any]) -> bool:
        """Add a picture unless it is there already. Returns whether it was added."""
        return await insert_once(self._session, Picture, values, ["id"])

    async def file(self, picture_id: str, form: Literal["large", "small"]) -> bytes | None:
        """Return one file of a picture, without reading the other one."""
        query = sa.select(col(getattr(Picture, form))).where(col(Picture.id) == picture_id)
        return await self._session.scalar(query)

    async def exists(self, picture_id: str) -> bool:
        """Whether a picture with this id is stored."""
        query = sa.select(col(Picture.id)).where(col(Picture.id) == picture_id)
        return await self._session.scalar(query) is not None
