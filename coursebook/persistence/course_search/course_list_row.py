"""The columns of a course that lists show, as a plain tuple without the long description.

Building twenty ORM objects costs more than the query itself.
"""

from collections import namedtuple
from typing import TYPE_CHECKING, Any

from coursebook.persistence.schema.tables import Course

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
    "created_by",
    "updated_by",
)
"""The columns that no list shows."""
_NAMES = [name for name in Course.model_fields if name not in NOT_LISTED]

if TYPE_CHECKING:

    class ListedCourse(Course):
        """A course in a list: a named tuple of the columns of `Course` without `NOT_LISTED`."""

        @classmethod
        def _make(cls, values: Any) -> "ListedCourse": ...  # noqa: ANN401 - a row of the database
else:
    ListedCourse = namedtuple("ListedCourse", _NAMES)  # noqa: PYI024 - typed above

LISTED: tuple[Any, ...] = tuple(getattr(Course, name) for name in _NAMES)
"""The columns to select, in the order of the fields."""
