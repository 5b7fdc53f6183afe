"""Pages of courses on the operator's side."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.domain.course import MAX_DURATION
from coursebook.domain.course_edits.course_state import CourseList
from coursebook.domain.course_fields import CourseField
from coursebook.domain.rights import Permission, Rights
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import COLUMNS, Sort
from coursebook.persistence.course_search.managed_list import ManagedFilter
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.catalog.search_terms import understood
from coursebook.services.manage.course_views import (
    has_date,
    is_draft,
    kept_money,
    listed_view,
    publish_problems,
)
from coursebook.services.manage.views import ListedManagedCourse, ManagedPage
from coursebook.services.pagination import read_cursor, read_place, write_cursor, write_place
from coursebook.services.views import MoneyView

__all__ = ["USUAL_ORDER", "CourseList", "ManagedQuery", "managed_page"]

USUAL_ORDER: dict[CourseList, Sort] = {
    CourseList.UPCOMING: "starts_at",
    CourseList.DRAFTS: "newest",
}
"""The order of a list unless another one is asked for; the others show the latest start first."""


@dataclass(frozen=True)
class ManagedQuery:
    """The filters, order and page of a list. Empty values do not narrow.

    `teacher` is the name that courses show. Without a `sort` a list has its usual order.
    `sisters_of`: only the other dates of the series of this course (its id).
    """

    state: CourseList = CourseList.UPCOMING
    q: str = ""
    teacher: str = ""
    sort: Sort | None = None
    limit: int = 20
    sisters_of: str = ""
    cursor: str | None = None


async def managed_page(
    work: UnitOfWork,
    query: ManagedQuery,
    rights: Rights,
    fields: Sequence[CourseField],
    now: datetime,
) -> ManagedPage:
    """Return one page of the courses that a person may see. Raises Invalid for a bad cursor."""
    sort = query.sort or USUAL_ORDER.get(query.state, "starts_at_down")
    terms, read_as = await understood(work, query.q)
    if terms is None:
        return ManagedPage((), None, query.q)
    chosen = ManagedFilter(query.state, now, terms, query.teacher, rights.courses)
    if query.sisters_of:
        course = await work.courses.find(query.sisters_of)
        if course is None or course.series_id is None:
            return ManagedPage((), None, "")
        chosen = replace(chosen, series_id=course.series_id)
    if terms and query.state is CourseList.UPCOMING and sort == "starts_at":
        rows, next_cursor = await _soonest_with_words(work, chosen, query)
    else:
        rows, next_cursor = await _in_order(work, chosen, query, sort)
    return ManagedPage(await _views(work, rows, rights, fields, now), next_cursor, read_as)


async def kept_of(
    work: UnitOfWork, course_ids: Collection[str], rights: Rights
) -> dict[str, tuple[MoneyView, ...]]:
    """Return what is kept for courses, by id; those whose money the person may not see are missing.

    It is one query for all of them.
    """
    shown = [i for i in course_ids if rights.allows(Permission.SEE_MONEY, i)]
    kept = await work.attempts.kept_by_course(shown) if shown else {}
    return {i: kept_money(kept.get(i, {})) for i in shown}


async def _views(
    work: UnitOfWork,
    rows: Sequence[ListedCourse],
    rights: Rights,
    fields: Sequence[CourseField],
    now: datetime,
) -> tuple[ListedManagedCourse, ...]:
    """Return the courses of a page. Each kind of figure is one query for all of them."""
    kept = await kept_of(work, [row.id for row in rows], rights)
    holding = [row.id for row in rows if row.held]
    reserved = await work.bookings.reserved_of(holding) if holding else {}
    several = [row.id for row in rows if row.has_own_meetings]
    meetings = await work.meetings.of_courses(several) if several else {}
    drafts = [row.id for row in rows if is_draft(row)]
    whole = await work.managed_list.whole(drafts) if drafts else []
    missing = {course.id: publish_problems(course, fields, now) for course in whole}
    return tuple(
        listed_view(
            row,
            now,
            meeting_count=len(meetings.get(row.id, ())) or int(has_date(row)),
            missing=missing.get(row.id, ()),
            revenue=kept.get(row.id),
            reserved=reserved.get(row.id, 0),
        )
        for row in rows
    )


async def _in_order(
    work: UnitOfWork, chosen: ManagedFilter, query: ManagedQuery, sort: Sort
) -> tuple[list[ListedCourse], str | None]:
    kind = f"manage:{query.state}:{sort}"
    after = read_cursor(query.cursor, kind)
    page_of = work.word_search.page_in_order if chosen.terms else work.managed_list.page
    rows = await page_of(chosen, sort, after, query.limit + 1)
    shown = rows[: query.limit]
    if len(rows) == len(shown):
        return shown, None
    return shown, write_cursor(kind, getattr(shown[-1], COLUMNS[sort].key), shown[-1].id)


async def _soonest_with_words(
    work: UnitOfWork, chosen: ManagedFilter, query: ManagedQuery
) -> tuple[list[ListedCourse], str | None]:
    """Walk the search index by time: a common word would have too many courses to sort."""
    kind = f"manage:found:{query.state}"
    after, most = read_place(query.cursor, kind), query.limit + 1
    from_then = replace(chosen, starts_from=chosen.now - MAX_DURATION)
    matches = await work.word_search.page(from_then, after, most, closest_first=False)
    last = matches[query.limit - 1][1] if len(matches) == most else None
    rows = [course for course, _ in matches[: query.limit]]
    return rows, write_place(kind, last) if last else None
