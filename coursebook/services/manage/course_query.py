"""Pages of courses on the operator's side."""

from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.domain.course import MAX_DURATION
from coursebook.domain.course_edits.course_state import CourseList
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import COLUMNS, Sort
from coursebook.persistence.course_search.managed_list import ManagedFilter
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.catalog.search_terms import understood
from coursebook.services.manage.course_views import listed_view
from coursebook.services.manage.views import ManagedPage
from coursebook.services.pagination import read_cursor, read_place, write_cursor, write_place

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
    """

    state: CourseList = CourseList.UPCOMING
    q: str = ""
    teacher: str = ""
    sort: Sort | None = None
    limit: int = 20
    cursor: str | None = None


async def managed_page(
    work: UnitOfWork, query: ManagedQuery, course_ids: frozenset[str] | None, now: datetime
) -> ManagedPage:
    """Return one page of the courses that a person may see. Raises Invalid for a bad cursor."""
    sort = query.sort or USUAL_ORDER.get(query.state, "starts_at_down")
    terms, read_as = await understood(work, query.q)
    if terms is None:
        return ManagedPage((), None, query.q)
    chosen = ManagedFilter(query.state, now, terms, query.teacher, course_ids)
    if terms and query.state is CourseList.UPCOMING and sort == "starts_at":
        rows, next_cursor = await _soonest_with_words(work, chosen, query)
    else:
        rows, next_cursor = await _in_order(work, chosen, query, sort)
    return ManagedPage(tuple(listed_view(row, now) for row in rows), next_cursor, read_as)


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
