"""The columns of a course that lists show, as a plain tuple without the long description.

Building twenty ORM objects costs more than the query itself.
"""

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from coursebook.persistence.schema.tables import Course, Meeting

NOT_LISTED = (
    "description",
    "join_url",
    "terms",
    "updated_at",
    "published_at",
    "cancelled_at",
    "cancel_reason",
    "attendee_info",
    "internal_note",
    "reminder_minutes",
    "created_by",
    "updated_by",
)
"""The columns that no list shows."""
DATES = "dates"
_NAMES = [name for name in Course.model_fields if name not in NOT_LISTED]

if TYPE_CHECKING:

    class ListedCourse(Course):
        """A course in a list: a named tuple of the columns of `Course` without `NOT_LISTED`.

        `has_own_meetings`: its meetings are not just one from its start to its end at its place.
        `dates`: how many dates of its series fit, in a list that has each series once; else 0.
        """

        has_own_meetings: bool
        dates: int

        @classmethod
        def _make(cls, values: Any) -> "ListedCourse": ...  # noqa: ANN401 - a row of the database
else:
    ListedCourse = namedtuple("ListedCourse", [*_NAMES, "has_own_meetings", DATES])  # noqa: PYI024 - typed above

_OWN_MEETINGS = sa.exists().where(
    col(Meeting.course_id) == col(Course.id),
    sa.or_(
        col(Meeting.number) > 1,
        col(Meeting.place_name) != "",
        col(Meeting.place_address) != "",
        col(Meeting.cancelled_at).is_not(None),
    ),
)
LISTED: tuple[Any, ...] = (
    *(getattr(Course, name) for name in _NAMES),
    _OWN_MEETINGS.correlate(Course).label("has_own_meetings"),
    sa.literal_column("0", sa.Integer).label(DATES),
)
"""The expressions to select, in the order of the fields."""
