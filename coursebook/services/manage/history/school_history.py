"""The history of the whole school: courses, bookings, the team, settings, files that were taken."""

from coursebook.domain.rights import Permission
from coursebook.identity.principal import Principal
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.history.lines import HistoryPage, Sight, lines_of
from coursebook.services.pagination import read_cursor, write_cursor

CURSOR = "history:found:school"


class SchoolHistories:
    """The use case, for owners."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def page(
        self, who: Principal | None, limit: int = 20, cursor: str | None = None
    ) -> HistoryPage:
        """Return one page, the newest line first.

        Raises Unauthenticated, Forbidden, Invalid for a bad cursor, RateLimited, Unavailable.
        """
        (await self._access.rights_of(who)).require(Permission.MANAGE_SETTINGS)
        after = read_cursor(cursor, CURSOR)
        async with reading(self._context.database) as work:
            entries = await work.audit.page_of_all(after[0] if after else None, limit + 1)
            shown = entries[:limit]
            lines = await lines_of(work, shown, Sight(people=True, money=True), has_titles=True)
        is_more = len(entries) > limit
        next_cursor = write_cursor(CURSOR, shown[-1].id or 0, "") if is_more else None
        return HistoryPage(lines, next_cursor)
