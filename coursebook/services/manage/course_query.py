"""Pages of courses on the operator's side."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.course_edits.course_state import CourseList
from coursebook.persistence.course_search.courses import COLUMNS, Sort
from coursebook.persistence.course_search.managed_list import ManagedFilter
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.catalog.search_terms import understood
from coursebook.services.manage.course_views import listed_view
from coursebook.services.manage.views import ManagedPage
from coursebook.services.pagination import read_cursor, write_cursor

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
    kind = f"manage:{query.state}:{sort}"
    after = read_cursor(query.cursor, kind)
    terms, read_as = await understood(work, query.q)
    if terms is None:
        return ManagedPage((), None, query.q)
    chosen = ManagedFilter(query.state, now, terms, query.teacher, course_ids)
    page_of = work.word_search.page_in_order if terms else work.managed_list.page
    rows = await page_of(chosen, sort, after, query.limit + 1)
    shown = rows[: query.limit]
    next_cursor = None
    if len(rows) > query.limit:
        last = shown[-1]
        next_cursor = write_cursor(kind, getattr(last, COLUMNS[sort].key), last.id)
    return ManagedPage(tuple(listed_view(row, now) for row in shown), next_cursor, read_as)
