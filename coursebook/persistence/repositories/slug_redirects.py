"""Addresses that courses had before. They lead to the course, and no other course may have them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.insert import insert_or_update
from coursebook.persistence.schema.manage_tables import SlugRedirect
from coursebook.persistence.schema.tables import Course


class SlugRedirects:
    """The table `slug_redirect`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def course_id_of(self, slug: str) -> str | None:
        """Return the id of the course that once had this slug, or None."""
        query = sa.select(col(SlugRedirect.course_id)).where(col(SlugRedirect.slug) == slug)
        return await self._session.scalar(query)

    async def new_slug_of(self, slug: str) -> str | None:
        """Return the slug that the course of this old slug has now, or None."""
        query = sa.select(col(Course.slug)).join(
            SlugRedirect, col(SlugRedirect.course_id) == col(Course.id)
        )
        return await self._session.scalar(query.where(col(SlugRedirect.slug) == slug))

    async def keep(self, slug: str, course_id: str, now: datetime) -> None:
        """Let an old slug lead to the course from now on."""
        values = {"slug": slug, "course_id": course_id, "until": now}
        await insert_or_update(self._session, SlugRedirect, values, ["slug"])

    async def drop(self, slug: str) -> None:
        """Forget an old slug: its own course has it again."""
        await self._session.execute(sa.delete(SlugRedirect).where(col(SlugRedirect.slug) == slug))
