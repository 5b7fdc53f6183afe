"""The tables behind the operator's side: meetings, series, changes of courses, roles, settings."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.rights import Role
from coursebook.persistence.schema.columns import (
    ID_LENGTH,
    json,
    json_list,
    moment,
    one_of,
    text,
)


class Meeting(SQLModel, table=True):
    """One date of a course. An empty place or link is that of the course.

    A course without rows counts as one meeting from its start to its end.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.UniqueConstraint("course_id", "number"),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    course_id: str = Field(foreign_key="course.id", max_length=ID_LENGTH)
    number: int
    starts_at: datetime = Field(sa_column=moment(index=True))
    ends_at: datetime = Field(sa_column=moment())
    place_name: str = Field(default="", sa_column=text(160, server_default=""))
    place_address: str = Field(default="", sa_column=text(300, server_default=""))
    join_url: str = Field(default="", sa_column=text(300, server_default=""))
    cancelled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class Series(SQLModel, table=True):
    """A group of courses that are dates of one another. It has no values that they inherit.

    `slug` is the beginning of the addresses of its dates.
    """

    __tablename__ = "series"

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    slug: str = Field(unique=True, max_length=120)
    title: str = Field(max_length=160)
    created_at: datetime = Field(sa_column=moment())
    archived_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class SlugRedirect(SQLModel, table=True):
    """An address that a course had before. No other course may have it again."""

    __tablename__ = "slug_redirect"

    slug: str = Field(primary_key=True, max_length=120)
    course_id: str = Field(foreign_key="course.id", max_length=ID_LENGTH)
    until: datetime = Field(sa_column=moment())


class CourseTeacher(SQLModel, table=True):
    """A person who may see this course with the role `teacher`."""

    __tablename__ = "course_teacher"

    course_id: str = Field(primary_key=True, foreign_key="course.id", max_length=ID_LENGTH)
    user_id: str = Field(
        primary_key=True, foreign_key="user_account.id", index=True, max_length=ID_LENGTH
    )
    added_at: datetime = Field(sa_column=moment())
    added_by: str = Field(max_length=160)


class CourseChange(SQLModel, table=True):
    """A change of something that people with a booking were promised.

    `told`: the number of people who get a mail. `free_cancel_until`: until then they may cancel
    free of charge.
    """

    __tablename__ = "course_change"
    __table_args__ = (sa.Index("ix_course_change_course_id_at", "course_id", "at"),)

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    course_id: str = Field(foreign_key="course.id", max_length=ID_LENGTH)
    revision: int
    at: datetime = Field(sa_column=moment())
    actor: str = Field(max_length=160)
    reason: str = Field(default="", sa_column=text(server_default=""))
    before: dict[str, Any] = Field(sa_column=json())
    after: dict[str, Any] = Field(sa_column=json())
    told: int
    free_cancel_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class Reminder(SQLModel, table=True):
    """A start of a course of which people were reminded, so that nobody is reminded again.

    `mails`: the number of reminders; 0 when a mail about the new date stood for them.
    """

    __tablename__ = "reminder"

    course_id: str = Field(primary_key=True, foreign_key="course.id", max_length=ID_LENGTH)
    starts_at: datetime = Field(sa_column=moment(primary_key=True))
    at: datetime = Field(sa_column=moment())
    mails: int


class CourseCancellation(SQLModel, table=True):
    """The school's decision to cancel a course, and what it meant at that moment.

    `percent`: the share of the price that is given back. `counted` is the preview as it was
    confirmed (`services.manage.cancellation_preview`). `finished_at`: when the last place had
    ended; until then the worker looks for places to end.
    """

    __tablename__ = "course_cancellation"
    __table_args__ = (
        sa.CheckConstraint("percent >= 0 AND percent <= 100", name="percent_within"),
        sa.Index(
            "ix_course_cancellation_open",
            "course_id",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
    )

    course_id: str = Field(primary_key=True, foreign_key="course.id", max_length=ID_LENGTH)
    at: datetime = Field(sa_column=moment())
    actor: str = Field(max_length=160)
    reason: str = Field(sa_column=text())
    message: str = Field(default="", sa_column=text(server_default=""))
    percent: int
    counted: dict[str, Any] = Field(sa_column=json())
    finished_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class RoleGrant(SQLModel, table=True):
    """A role of a person, or an invitation to it until `accepted_at`.

    `code_hash`: SHA-256 of the code in the invitation's link. `course_ids`: the courses of an
    invited teacher, who gets rows of `course_teacher` by accepting.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        one_of("role", Role),
        sa.Index(
            "uq_role_grant_live",
            "user_id",
            "role",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index("uq_role_grant_code_hash", "code_hash", unique=True),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    user_id: str | None = Field(default=None, foreign_key="user_account.id", max_length=ID_LENGTH)
    email: str = Field(max_length=320)
    role: str = Field(max_length=20)
    course_ids: list[str] = Field(default_factory=list, sa_column=json_list())
    invited_by: str = Field(max_length=160)
    invited_at: datetime = Field(sa_column=moment())
    code_hash: str | None = Field(default=None, max_length=64)
    expires_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    accepted_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    revoked_by: str | None = Field(default=None, max_length=160)


class SchoolSetting(SQLModel, table=True):
    """One value that an owner set on the settings page."""

    __tablename__ = "school_setting"

    name: str = Field(primary_key=True, max_length=60)
    value: Any = Field(sa_column=json())
    changed_at: datetime = Field(sa_column=moment())
    changed_by: str = Field(max_length=160)
