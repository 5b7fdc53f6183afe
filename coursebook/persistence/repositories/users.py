"""People, made at their first signed-in call."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import User

SEEN_EVERY = timedelta(hours=1)

_OF_SUBJECT = sa.select(User).where(col(User.subject) == sa.bindparam("asked"))


class Users:
    """The table `user_account`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._made_here: set[str] = set()

    def was_made_here(self, user: User) -> bool:
        """Tell whether this transaction made the person: nobody knows of them yet."""
        return user.id in self._made_here

    async def by_subject(self, subject: str) -> User | None:
        """Return the person with this Clerk user id."""
        return (await self._session.scalars(_OF_SUBJECT, {"asked": subject})).first()

    async def by_id(self, user_id: str) -> User | None:
        """Return a person by our own id."""
        return await self._session.get(User, user_id)

    async def by_email(self, email: str) -> list[User]:
        """Return every account with this address, the newest first."""
        mine = sa.func.lower(col(User.email)) == email.strip().lower()
        query = sa.select(User).where(mine).order_by(col(User.seen_at).desc())
        return list((await self._session.scalars(query)).all())

    async def ensure(self, subject: str, email: str, name: str, now: datetime) -> User:
        """Return the person, made or refreshed; two first calls at once make one row."""
        user = await self.by_subject(subject)
        if user is None:
            user = await self._insert(subject, email, name, now)
        changed = (email and email != user.email) or (name and name != user.name)
        if changed or now - user.seen_at > SEEN_EVERY:
            user.email = email or user.email
            user.name = name or user.name
            user.seen_at = now
        return user

    async def _insert(self, subject: str, email: str, name: str, now: datetime) -> User:
        """Return the new person as they were just written, or who was quicker."""
        row = User(
            id=new_id("usr"), subject=subject, email=email, name=name, created_at=now, seen_at=now
        )
        if await insert_once(self._session, User, row.model_dump(), ["subject"]):
            self._made_here.add(row.id)
            return row
        user = await self.by_subject(subject)
        assert user is not None, "inserted or already there"
        return user
