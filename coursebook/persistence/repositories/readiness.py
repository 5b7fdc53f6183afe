"""What shows that a school is ready to sell: whether things have happened at least once."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseStatus,
    OutboxMessage,
    RoleGrant,
    SchoolSetting,
    User,
    WebhookEvent,
)

TERMS_LOOKED_AT = "terms_looked_at"
"""The row of `school_setting` that says when somebody looked at the terms."""


@dataclass(frozen=True)
class ReadinessFacts:
    """What has happened at least once. Sample people and their bookings do not count."""

    has_published: bool
    has_picture: bool
    has_webhook: bool
    has_mail: bool
    has_second_person: bool
    has_booking: bool
    has_seen_terms: bool


class ReadinessQueries:
    """Queries that stop at the first row."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def facts(self, viewer: str, *, sample_subject: str, seeder: str) -> ReadinessFacts:
        """Return what has happened.

        `viewer` is the subject of the person who asks, `sample_subject` begins that of sample
        students, `seeder` is the actor that gives roles to sample people.
        """
        published = sa.select(1).where(
            col(Course.status) == CourseStatus.PUBLISHED.value, col(Course.archived_at).is_(None)
        )
        is_real = ~col(User.subject).startswith(sample_subject, autoescape=True)
        is_other = col(User.subject) != viewer
        booked = (
            sa.select(1)
            .join_from(Booking, User, col(Booking.user_id) == col(User.id))
            .where(is_real)
        )
        joined = (
            sa.select(1)
            .join_from(RoleGrant, User, col(RoleGrant.user_id) == col(User.id))
            .where(col(RoleGrant.accepted_at).is_not(None), col(RoleGrant.invited_by) != seeder)
        )
        mails = sa.select(1).where(
            col(OutboxMessage.kind).startswith("mail:", autoescape=True),
            col(OutboxMessage.done_at).is_not(None),
            col(OutboxMessage.is_dead).is_(False),
        )
        second = sa.or_(sa.exists(booked.where(is_other)), sa.exists(joined.where(is_other)))
        answers = (
            sa.exists(published),
            sa.exists(published.where(col(Course.image) != "")),
            sa.exists(sa.select(1).select_from(WebhookEvent)),
            sa.exists(mails),
            second,
            sa.exists(booked),
            sa.exists(sa.select(1).where(col(SchoolSetting.name) == TERMS_LOOKED_AT)),
        )
        row = await self._session.execute(sa.select(*answers))
        return ReadinessFacts(*map(bool, row.one()))
