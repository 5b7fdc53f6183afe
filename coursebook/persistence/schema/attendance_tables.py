"""The tables of check-in: who came to which meeting, and every line that a phone sent about it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.check_in.attendance import AttendanceState, CheckInWay, LineAnswer
from coursebook.persistence.schema.columns import ID_LENGTH, moment, one_of

MAX_CLIENT_ID_LENGTH = 40


class Attendance(SQLModel, table=True):
    """What is recorded of one person at one meeting.

    `at`: when the server heard of it; `phone_at`: when the phone was tapped. `client_id`: that of
    the line that made it so. A meeting of a course without rows in `meeting` has an id but no row,
    so `meeting_id` is no foreign key. `seat` is 1 until a booking has several places.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        one_of("state", AttendanceState),
        one_of("how", CheckInWay),
        sa.Index("ix_attendance_meeting_id", "meeting_id"),
    )

    booking_id: str = Field(primary_key=True, foreign_key="booking.id", max_length=ID_LENGTH)
    meeting_id: str = Field(primary_key=True, max_length=ID_LENGTH)
    seat: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str = Field(max_length=10)
    at: datetime = Field(sa_column=moment())
    phone_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    by: str = Field(max_length=160)
    how: str = Field(max_length=10)
    client_id: str = Field(unique=True, max_length=MAX_CLIENT_ID_LENGTH)


class AttendanceLine(SQLModel, table=True):
    """A line that a phone sent, and its answer. Rows are only ever added.

    The phone's own id is the key: a line that is sent twice changes nothing and gets its answer.
    """

    __tablename__ = "attendance_line"
    __table_args__ = (
        one_of("state", AttendanceState),
        one_of("answer", LineAnswer),
        one_of("how", CheckInWay),
        sa.Index("ix_attendance_line_booking_id_meeting_id", "booking_id", "meeting_id"),
    )

    client_id: str = Field(primary_key=True, max_length=MAX_CLIENT_ID_LENGTH)
    booking_id: str = Field(foreign_key="booking.id", max_length=ID_LENGTH)
    meeting_id: str = Field(max_length=ID_LENGTH)
    state: str = Field(max_length=10)
    answer: str = Field(max_length=12)
    at: datetime = Field(sa_column=moment())
    phone_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    by: str = Field(max_length=160)
    how: str = Field(max_length=10)
