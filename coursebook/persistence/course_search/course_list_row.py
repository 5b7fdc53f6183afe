"""The columns of a course that lists show, as a plain tuple without the long description.

Building twenty ORM objects costs more than the query itself.
"""

from datetime import datetime
from typing import Any, NamedTuple

from coursebook.persistence.schema.tables import Course


class ListedCourse(NamedTuple):
    """A course in a list. The names are those of `Course`."""

    id: str
    slug: str
    title: str
    summary: str
    category: str
    level: str
    instructor: str
    is_online: bool
    place_name: str
    place_address: str
    image: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    price: int
    currency: str
    capacity: int
    held: int
    confirmed: int
    status: str
    created_at: datetime


LISTED: tuple[Any, ...] = tuple(getattr(Course, name) for name in ListedCourse._fields)
"""The columns to select, in the order of the fields."""
