"""The history of one course: what happened to it and to its bookings."""

from coursebook.domain.rights import Permission
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.history.lines import HistoryPage, Sight, lines_of
from coursebook.services.pagination import read_cursor, write_cursor

CURSOR = "history:found:"


class CourseHistories:
    """The use case."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def page(
        self, who: Principal | None, course_id: str, limit: int = 20, cursor: str | None = None
    ) -> HistoryPage:
        """Return one page of a course's history, the newest line first.

        Somebody who may not see money reads what happened to places; who may not see people reads
        numbers of bookings. Raises Unauthenticated, Forbidden, CourseNotFound, Invalid for a bad
        cursor, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_COURSES, course_id)
        kind = f"{CURSOR}{course_id}"
        after, sight = read_cursor(cursor, kind), Sight.of(rights, course_id)
        async with reading(self._context.database) as work:
            if not await work.courses.by_ids({course_id}):
                raise CourseNotFound
            entries = await work.audit.page_of_course(
                course_id, after[0] if after else None, limit + 1, hidden=sight.hidden
            )
            shown = entries[:limit]
            lines = await lines_of(work, shown, sight)
        is_more = len(entries) > limit
        next_cursor = write_cursor(kind, shown[-1].id or 0, "") if is_more else None
        return HistoryPage(lines, next_cursor)
