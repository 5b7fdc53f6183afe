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
    SchoolSetting,
    User,
    WebhookEvent,
)

TERMS_LOOKED_AT = "terms_looked_at"
"""The row of `school_setting` that says when somebody looked at the terms."""


@dataclass(frozen=True)
class ReadinessFacts:
    """What has happened at least once. Sample students and their bookings do not count."""

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

    async def facts(self, sample_subject: str) -> ReadinessFacts:
        """Return what has happened; `sample_subject` begins the subject of sample students."""
        published = sa.select(1).where(
            col(Course.status) == CourseStatus.PUBLISHED.value, col(Course.archived_at).is_(None)
        )
        people = sa.select(1).where(~col(User.subject).startswith(sample_subject, autoescape=True))
        mails = sa.select(1).where(
            col(OutboxMessage.kind).startswith("mail:", autoescape=True),
            col(OutboxMessage.done_at).is_not(None),
            col(OutboxMessage.is_dead).is_(False),
        )
        questions = (
            published,
            published.where(col(Course.image) != ""),
            sa.select(1).select_from(WebhookEvent),
            mails,
            people.select_from(User).limit(1).offset(1),
            people.join_from(Booking, User, col(Booking.user_id) == col(User.id)),
            sa.select(1).where(col(SchoolSetting.name) == TERMS_LOOKED_AT),
        )
        row = await self._session.execute(sa.select(*map(sa.exists, questions)))
        return ReadinessFacts(*map(bool, row.one()))
