"""The query of the catalog."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from coursebook.domain.course_fields import FieldMatch

Order = Literal["starts_at", "price", "title", "price_down", "newest", "relevance"]


@dataclass(frozen=True)
class CourseQuery:
    """Filters, order and page of a list of courses. Empty values do not narrow.

    `price_max` is in minor units; with a `currency`, only courses of that currency match. Days are
    those in each course's own zone. `extra` has conditions of a school's fields. `relevance`
    without words is `starts_at`. Without counting, the total is 0. `series` is the id or the slug
    of a series. A grouped list has each series once, as its next date.
    """

    q: str = ""
    category: str = ""
    level: str = ""
    starts_from: datetime | None = None
    starts_to: datetime | None = None
    day_from: date | None = None
    day_to: date | None = None
    price_max: int | None = None
    currency: str = ""
    is_online: bool | None = None
    available: bool = False
    extra: tuple[FieldMatch, ...] = ()
    series: str = ""
    is_grouped: bool = False
    sort: Order = "starts_at"
    limit: int = 20
    cursor: str | None = None
    is_counted: bool = True

    def without(self, name: str) -> "CourseQuery":
        """Return the first page of the same without one filter."""
        empty: dict[str, dict[str, Any]] = {
            "days": {"day_from": None, "day_to": None, "starts_from": None, "starts_to": None},
            "price": {"price_max": None, "currency": ""},
            "where": {"is_online": None},
            "available": {"available": False},
            **{
                match.name: {"extra": tuple(other for other in self.extra if other != match)}
                for match in self.extra
            },
        }
        return replace(self, cursor=None, **empty.get(name, {name: ""}))
