"""Users, created at their first signed-in call."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.reader import UNKNOWN_READER, Reader
from coursebook.persistence.people_search.index import index_new_user
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import User

SEEN_INTERVAL = timedelta(hours=1)

_OF_SUBJECT = sa.select(User).where(col(User.subject) == sa.bindparam("subject"))


class Users:
    """The table `user_account`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_subject(self, subject: str) -> User | None:
        """Return the user with this Clerk user id."""
        return (await self._session.scalars(_OF_SUBJECT, {"subject": subject})).first()

    async def by_id(self, user_id: str) -> User | None:
        """Return a user by our own id."""
        return await self._session.get(User, user_id)

    async def names_of(self, subjects: set[str]) -> dict[str, str]:
        """Return the names, else the addresses, of these people by Clerk user id, in one query."""
        if not subjects:
            return {}
        query = sa.select(col(User.subject), col(User.name), col(User.email))
        rows = await self._session.execute(query.where(col(User.subject).in_(sorted(subjects))))
        return {subject: name or email for subject, name, email in rows.all()}

    async def by_ids(self, user_ids: Collection[str]) -> dict[str, User]:
        """Return these users by our own ids, in one query."""
        query = sa.select(User).where(col(User.id).in_(user_ids))
        return {user.id: user for user in (await self._session.scalars(query)).all()}

    async def by_email(self, email: str) -> list[User]:
        """Return every account with this address, the newest first."""
        has_email = sa.func.lower(col(User.email)) == email.strip().lower()
        query = sa.select(User).where(has_email).order_by(col(User.seen_at).desc())
        return list((await self._session.scalars(query)).all())

    async def ensure(
        self,
        subject: str,
        email: str,
        name: str,
        now: datetime,
        reader: Reader = UNKNOWN_READER,
        *,
        is_looked_up: bool = False,
        user: User | None = None,
    ) -> User:
        """Return the user, created or updated. Two concurrent first calls create one row.

        What is unknown of the `reader` stays as it is. `is_looked_up`: the caller has asked for the
        subject, and found `user`.
        """
        if not is_looked_up:
            user = await self.by_subject(subject)
        if user is None:
            user = await self._insert(subject, email, name, now, reader)
        changed = (email and email != user.email) or (name and name != user.name)
        if changed or now - user.seen_at > SEEN_INTERVAL:
            user.email = email or user.email
            user.name = name or user.name
            user.seen_at = now
        user.language = reader.language or user.language
        user.timezone = reader.timezone or user.timezone
        return user

    async def _insert(
        self, subject: str, email: str, name: str, now: datetime, reader: Reader
    ) -> User:
        """Insert a user. Return the existing row when another process was faster."""
        row = User(
            id=new_id("usr"),
            subject=subject,
            email=email,
            name=name,
            language=reader.language,
            timezone=reader.timezone,
            created_at=now,
            seen_at=now,
        )
        if await insert_once(self._session, User, row.model_dump(), ["subject"]):
            await self._session.run_sync(lambda session: index_new_user(session.connection(), row))
            return row
        user = await self.by_subject(subject)
        assert user is not None, "inserted or already there"
        return user
