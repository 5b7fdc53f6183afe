"""What lists show of a course: plain columns, without its long description, and not kept track of.

Making whole objects of twenty courses costs more than asking for them.
"""

from datetime import datetime
from typing import Any, NamedTuple

from coursebook.persistence.schema.tables import Course


class ListedCourse(NamedTuple):
    """A course as it stands in a list; the names are those of `Course`."""

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
"""The columns to ask for, in the order of the fields."""
