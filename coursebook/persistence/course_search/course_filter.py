"""What a list of courses is narrowed by, as conditions of the database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.search import ANYWHERE
from coursebook.persistence.course_search.index import Terms, found_by
from coursebook.persistence.schema.search_tables import CourseSearch
from coursebook.persistence.schema.tables import Course, CourseStatus

STARTS_FROM = "starts_from"
"""The name of the value that differs from call to call: a question that is kept takes another."""
EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""How much earlier and later than in UTC a day begins and ends somewhere."""


@dataclass(frozen=True)
class CourseFilter:
    """Empty values do not narrow. Prices in minor units; days in the zone of each course.

    With a `currency` the prices are those of it, and nothing in another; what is free is free in
    any. Of `categories` and `levels` one must be the course's; `terms` are the words it must have.
    """

    terms: Terms = ()
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    starts_from: datetime | None = None
    starts_to: datetime | None = None
    day_from: date | None = None
    day_to: date | None = None
    price_max: int | None = None
    currency: str = ""
    is_online: bool | None = None
    available: bool = False


def conditions(chosen: CourseFilter, *, is_sqlite: bool) -> list[sa.ColumnElement[bool]]:
    """Return what a course must be to be listed."""
    found = narrowed(chosen)
    if chosen.terms:
        found.append(col(Course.id).in_(found_by(chosen.terms, ANYWHERE, is_sqlite=is_sqlite)))
    return found


def narrowed(chosen: CourseFilter) -> list[sa.ColumnElement[bool]]:
    """Return the same without the words."""
    found: list[sa.ColumnElement[bool]] = [col(Course.status) == CourseStatus.PUBLISHED.value]
    if chosen.categories:
        found.append(col(Course.category).in_(chosen.categories))
    if chosen.levels:
        found.append(col(Course.level).in_(chosen.levels))
    if chosen.currency:
        is_free = col(Course.price) == 0
        found.append(sa.or_(col(Course.currency) == chosen.currency, is_free))
    if chosen.price_max is not None:
        found.append(col(Course.price) <= chosen.price_max)
    if chosen.is_online is not None:
        found.append(col(Course.is_online) == chosen.is_online)
    if chosen.available:
        found.append(col(Course.held) + col(Course.confirmed) < col(Course.capacity))
    return found + _times(chosen)


def _times(chosen: CourseFilter) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of time; days first as moments that the index knows."""
    found: list[sa.ColumnElement[bool]] = []
    starts = col(Course.starts_at)
    if chosen.starts_from:
        found.append(starts >= sa.bindparam(STARTS_FROM, chosen.starts_from))
    if chosen.starts_to:
        found.append(starts <= chosen.starts_to)
    days, search = [], aliased(CourseSearch)  # not the one that a search by words is about
    if chosen.day_from:
        found.append(starts >= _moment(chosen.day_from, time.min, -EARLIEST_ZONE))
        days.append(col(search.starts_on) >= chosen.day_from)
    if chosen.day_to:
        found.append(starts <= _moment(chosen.day_to, time.max, LATEST_ZONE))
        days.append(col(search.starts_on) <= chosen.day_to)
    if days:
        found.append(sa.exists().where(col(search.course_id) == col(Course.id), *days))
    return found


def _moment(day: date, of_day: time, off: timedelta) -> datetime:
    try:
        return datetime.combine(day, of_day, UTC) + off
    except OverflowError:  # the first or last day of the calendar
        return datetime.combine(day, of_day, UTC)
