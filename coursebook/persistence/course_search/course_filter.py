"""Filters of a course list, as SQL conditions."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.course_fields import FieldMatch
from coursebook.domain.search import ANYWHERE
from coursebook.persistence.course_search.index import Terms, matching_course_ids
from coursebook.persistence.schema.search_tables import CourseSearch
from coursebook.persistence.schema.tables import Course, CourseStatus

STARTS_FROM = "starts_from"
"""The bind parameter of a cached query whose value differs at each call."""
EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""The largest offsets from UTC at which a day begins earlier or ends later."""


@dataclass(frozen=True)
class CourseFilter:
    """The filters. Empty values match all. Prices in minor units; days in each course's zone.

    `currency` matches courses in that currency and free ones. `categories` and `levels` match any
    of their values. A course must have all `terms`.
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
    extra: tuple[FieldMatch, ...] = ()

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions of a listed course, without the words."""
        clauses: list[sa.ColumnElement[bool]] = [*public_conditions()]
        if self.categories:
            clauses.append(col(Course.category).in_(self.categories))
        if self.levels:
            clauses.append(col(Course.level).in_(self.levels))
        if self.currency:
            is_free = col(Course.price) == 0
            clauses.append(sa.or_(col(Course.currency) == self.currency, is_free))
        if self.price_max is not None:
            clauses.append(col(Course.price) <= self.price_max)
        if self.is_online is not None:
            clauses.append(col(Course.is_online) == self.is_online)
        if self.available:
            clauses.append(col(Course.held) + col(Course.confirmed) < col(Course.capacity))
        return [*clauses, *map(_extra, self.extra), *_times(self)]


def public_conditions() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Return the conditions of a course that everybody may see."""
    return (
        col(Course.status) == CourseStatus.PUBLISHED.value,
        col(Course.archived_at).is_(None),
    )


def conditions(chosen: CourseFilter, *, is_sqlite: bool) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a listed course."""
    clauses = chosen.conditions()
    if chosen.terms:
        clauses.append(
            col(Course.id).in_(matching_course_ids(chosen.terms, ANYWHERE, is_sqlite=is_sqlite))
        )
    return clauses


def _extra(match: FieldMatch) -> sa.ColumnElement[bool]:
    """Return the condition of a school's field. It has no index: see the architecture."""
    stored = sa.cast(col(Course.extra)[match.name].as_string(), sa.String)
    if match.is_other:
        return sa.or_(stored.is_(None), stored.not_in(match.values))
    return stored.in_(match.values)


def _times(chosen: CourseFilter) -> list[sa.ColumnElement[bool]]:
    """Return the time conditions. Days are also given as moments, which the index has."""
    clauses: list[sa.ColumnElement[bool]] = []
    starts = col(Course.starts_at)
    if chosen.starts_from:
        clauses.append(starts >= sa.bindparam(STARTS_FROM, chosen.starts_from))
    if chosen.starts_to:
        clauses.append(starts <= chosen.starts_to)
    days, search = [], aliased(CourseSearch)  # not the alias that a search by words joins
    if chosen.day_from:
        clauses.append(starts >= _moment(chosen.day_from, time.min, -EARLIEST_ZONE))
        days.append(col(search.starts_on) >= chosen.day_from)
    if chosen.day_to:
        clauses.append(starts <= _moment(chosen.day_to, time.max, LATEST_ZONE))
        days.append(col(search.starts_on) <= chosen.day_to)
    if days:
        clauses.append(sa.exists().where(col(search.course_id) == col(Course.id), *days))
    return clauses


def _moment(day: date, time_of_day: time, offset: timedelta) -> datetime:
    try:
        return datetime.combine(day, time_of_day, UTC) + offset
    except OverflowError:  # the first or last day of the calendar
        return datetime.combine(day, time_of_day, UTC)
