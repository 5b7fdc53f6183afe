"""Filters of a course list, as SQL conditions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.admission import BEFORE_START
from coursebook.domain.course_fields import FieldMatch
from coursebook.domain.search import ANYWHERE
from coursebook.persistence.course_search.course_list_row import DATES
from coursebook.persistence.course_search.index import Terms, matching_course_ids, row_has
from coursebook.persistence.schema.columns import UtcDateTime
from coursebook.persistence.schema.search_tables import CourseSearch
from coursebook.persistence.schema.tables import Course, CourseStatus

STARTS_FROM, NOW, BOOKED_UNTIL = "starts_from", "grouped_at", "booked_until"
"""The bind parameters of a cached query whose values differ at each call."""
ANY_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
MAX_CACHED_CONDITIONS = 256
_OTHER = aliased(Course)
EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""The largest offsets from UTC at which a day begins earlier or ends later."""


@dataclass(frozen=True)
class CourseFilter:
    """The filters. Empty values match all. Prices in minor units; days in each course's zone.

    `currency` matches courses in that currency and free ones. `categories` and `levels` match any
    of their values. A course must have all `terms`. `grouped_at`: the list has each series once, as
    the date that can be booked soonest at that moment, among those that match.
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
    series_id: str = ""
    grouped_at: datetime | None = None

    @property
    def has_words_only(self) -> bool:
        """Whether nothing but the words decides which upcoming courses match."""
        return replace(self, terms=(), starts_from=None, grouped_at=None) == CourseFilter()

    @property
    def moments(self) -> dict[str, datetime]:
        """The values of the bind parameters that are set."""
        moments = {}
        if self.starts_from:
            moments[STARTS_FROM] = self.starts_from
        if self.grouped_at:
            moments |= {NOW: self.grouped_at, BOOKED_UNTIL: self.grouped_at + BEFORE_START}
        return moments

    def without_moments(self) -> "CourseFilter":
        """Return the filter for a cached query, which takes `moments` when it is executed."""
        return replace(
            self,
            starts_from=ANY_MOMENT if self.starts_from else None,
            grouped_at=ANY_MOMENT if self.grouped_at else None,
        )

    def conditions(self, course: Any = Course) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401
        """Return the conditions of a listed course, or of an alias, without the words."""
        clauses: list[sa.ColumnElement[bool]] = [*public_conditions(course)]
        if self.categories:
            clauses.append(col(course.category).in_(self.categories))
        if self.levels:
            clauses.append(col(course.level).in_(self.levels))
        if self.currency:
            is_free = col(course.price) == 0
            clauses.append(sa.or_(col(course.currency) == self.currency, is_free))
        if self.price_max is not None:
            clauses.append(col(course.price) <= self.price_max)
        if self.is_online is not None:
            clauses.append(col(course.is_online) == self.is_online)
        if self.available:
            clauses.append(_has_free_place(course))
        if self.series_id:
            clauses.append(col(course.series_id) == self.series_id)
        extra = [_extra(match, course) for match in self.extra]
        return [*clauses, *extra, *_times(self, course)]

    def fitting(self, course: Any, *, is_sqlite: bool) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401
        """Return all conditions of one row, with the words, for rows that are already few."""
        clauses = self.conditions(course)
        if self.terms:
            search = aliased(CourseSearch)
            clauses.append(
                sa.exists().where(
                    col(search.course_id) == col(course.id),
                    row_has(col(search.lexemes), self.terms, ANYWHERE, is_sqlite=is_sqlite),
                )
            )
        return clauses

    def grouping(
        self, *, is_sqlite: bool, is_counting: bool = False
    ) -> list[sa.ColumnElement[bool]]:
        """Return the condition that lists each series once, if there is one.

        No other date of the series that matches comes first: one that can be booked comes before
        one that cannot, then the earlier one. For counting any one date of the series will do.
        """
        if self.grouped_at is None:
            return []
        condition = _is_earliest_of_series if is_counting else _is_first_of_series
        return [condition(self.without_moments(), is_sqlite)]


def with_dates(
    page: sa.Select[Any],
    chosen: CourseFilter,
    order: Sequence[str],
    *,
    is_sqlite: bool,
    is_descending: bool = False,
) -> sa.Select[Any]:
    """Return the query of a page of a grouped list with the dates of each series counted.

    They are counted for the rows of the page only, and without another round trip. `order` names
    the columns that the page is sorted by.
    """
    if chosen.grouped_at is None:
        return page
    rows = page.subquery("page")
    dates = (
        sa.select(sa.func.count())
        .select_from(_OTHER)
        .where(
            col(_OTHER.series_id) == rows.c.series_id,
            *chosen.without_moments().fitting(_OTHER, is_sqlite=is_sqlite),
        )
        .scalar_subquery()
    )
    columns = [dates if column.key == DATES else column for column in rows.c]
    sorted_by = [rows.c[name].desc() if is_descending else rows.c[name] for name in order]
    return sa.select(*columns).order_by(*sorted_by)


@lru_cache(maxsize=MAX_CACHED_CONDITIONS)
def _is_first_of_series(
    chosen: CourseFilter,
    is_sqlite: bool,  # noqa: FBT001 - a key of the cache
) -> sa.ColumnElement[bool]:
    """Return the condition of `grouping`. Building it takes longer than most queries.

    Most courses are decided by the dates before them, which the index of a series has in order:
    a range of it is read, and only until the first date that comes before.
    """
    assert chosen.grouped_at is not None, "the list is grouped"
    now = chosen.grouped_at
    is_bookable = _is_bookable(now, Course)
    earlier = _other_date(chosen, is_sqlite, sa.or_(_is_bookable(now, _OTHER), ~is_bookable))
    later = _other_date(chosen, is_sqlite, _is_bookable(now, _OTHER), is_earlier=False)
    is_first = sa.and_(~earlier, sa.or_(is_bookable, ~later))
    return sa.or_(col(Course.series_id).is_(None), is_first)


@lru_cache(maxsize=MAX_CACHED_CONDITIONS)
def _is_earliest_of_series(
    chosen: CourseFilter,
    is_sqlite: bool,  # noqa: FBT001 - a key of the cache
) -> sa.ColumnElement[bool]:
    """Return the condition that leaves the earliest date that matches of each series."""
    earlier = _other_date(chosen, is_sqlite)
    return sa.or_(col(Course.series_id).is_(None), ~earlier)


def _other_date(
    chosen: CourseFilter,
    is_sqlite: bool,  # noqa: FBT001
    *more: sa.ColumnElement[bool],
    is_earlier: bool = True,
) -> sa.ColumnElement[bool]:
    """Return whether a series has a date that matches, earlier or later than a course of it."""
    other, course = (sa.tuple_(col(c.starts_at), col(c.id)) for c in (_OTHER, Course))
    return sa.exists().where(
        col(_OTHER.series_id) == col(Course.series_id),
        other < course if is_earlier else other > course,
        *chosen.fitting(_OTHER, is_sqlite=is_sqlite),
        *more,
    )


def _has_free_place(course: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - Course or an alias
    return col(course.held) + col(course.confirmed) < col(course.capacity)


def _is_bookable(now: datetime, course: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    """Return whether a course takes bookings now; never NULL."""
    moment = sa.bindparam(NOW, now, UtcDateTime())
    booked_until = sa.bindparam(BOOKED_UNTIL, now + BEFORE_START, UtcDateTime())
    closes = col(course.booking_closes_at)
    return sa.and_(
        col(course.is_open),
        sa.or_(closes.is_(None), closes > moment),
        col(course.starts_at) > booked_until,
        _has_free_place(course),
    )


def public_conditions(
    course: Any = Course,  # noqa: ANN401 - Course or an alias
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Return the conditions of a course that everybody may see."""
    return (
        col(course.status) == CourseStatus.PUBLISHED.value,
        col(course.archived_at).is_(None),
    )


def conditions(
    chosen: CourseFilter, *, is_sqlite: bool, is_counting: bool = False
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a listed course."""
    clauses = chosen.conditions()
    if chosen.terms:
        clauses.append(
            col(Course.id).in_(matching_course_ids(chosen.terms, ANYWHERE, is_sqlite=is_sqlite))
        )
    return [*clauses, *chosen.grouping(is_sqlite=is_sqlite, is_counting=is_counting)]


def _extra(match: FieldMatch, course: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    """Return the condition of a school's field. It has no index: see the architecture."""
    stored = sa.cast(col(course.extra)[match.name].as_string(), sa.String)
    if match.is_other:
        return sa.or_(stored.is_(None), stored.not_in(match.values))
    return stored.in_(match.values)


def _times(chosen: CourseFilter, course: Any) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401
    """Return the time conditions. Days are also given as moments, which the index has."""
    clauses: list[sa.ColumnElement[bool]] = []
    starts = col(course.starts_at)
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
        clauses.append(sa.exists().where(col(search.course_id) == col(course.id), *days))
    return clauses


def _moment(day: date, time_of_day: time, offset: timedelta) -> datetime:
    try:
        return datetime.combine(day, time_of_day, UTC) + offset
    except OverflowError:  # the first or last day of the calendar
        return datetime.combine(day, time_of_day, UTC)
