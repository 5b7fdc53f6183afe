"""Finding courses: what everybody may see, without signing in."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.errors import CourseNotFound
from coursebook.persistence.courses import CourseFilter, Sort
from coursebook.persistence.tables import CourseStatus
from coursebook.persistence.work import reading
from coursebook.services.cursors import read_cursor, write_cursor
from coursebook.services.present import course_detail, course_view
from coursebook.services.tools import Tools
from coursebook.services.views import CourseDetailView, CoursePage, CourseView

LONGEST_NAME = 200


@dataclass(frozen=True)
class CourseQuery:
    """What somebody looks for. Empty values do not narrow; `price_max` is in minor units."""

    q: str = ""
    category: str = ""
    level: str = ""
    starts_from: datetime | None = None
    starts_to: datetime | None = None
    price_max: int | None = None
    available: bool = False
    sort: Sort = "starts_at"
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True)
class Facets:
    """The words to choose from in the filters."""

    categories: tuple[str, ...]
    levels: tuple[str, ...]


class Catalog:
    """The published courses."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def list_courses(self, query: CourseQuery) -> CoursePage:
        """Return one page of published courses. Raises Invalid for a bad cursor."""
        kind = f"courses:{query.sort}"
        after = read_cursor(query.cursor, kind)
        chosen = CourseFilter(
            q=query.q,
            category=query.category,
            level=query.level,
            starts_from=query.starts_from,
            starts_to=query.starts_to,
            price_max=query.price_max,
            available=query.available,
        )
        now = self._tools.clock()  # before reading: what is newer then counts as newer
        async with reading(self._tools.database) as work:
            rows = await work.courses.published(chosen, query.sort, after, query.limit + 1)
            total = await work.courses.count_published(chosen)
        shown = rows[: query.limit]
        last = shown[-1] if len(rows) > query.limit else None
        following = write_cursor(kind, getattr(last, query.sort), last.id) if last else None
        return CoursePage(tuple(course_view(row, now) for row in shown), following, total)

    async def course(self, id_or_slug: str) -> CourseDetailView:
        """Return one course by id or slug. Raises CourseNotFound."""
        if not 0 < len(id_or_slug) <= LONGEST_NAME or "\x00" in id_or_slug:
            raise CourseNotFound
        now = self._tools.clock()
        async with reading(self._tools.database) as work:
            course = await work.courses.find(id_or_slug)
        if course is None or course.status == CourseStatus.DRAFT.value:
            raise CourseNotFound
        return course_detail(course, now)

    async def some(self, course_ids: set[str]) -> tuple[CourseView, ...]:
        """Return these courses as everybody may see them; those that are hidden are left out."""
        now = self._tools.clock()
        async with reading(self._tools.database) as work:
            found = await work.courses.by_ids(course_ids)
        shown = (c for c in found.values() if c.status != CourseStatus.DRAFT.value)
        return tuple(course_view(course, now) for course in shown)

    async def facets(self) -> Facets:
        """Return the categories and levels that published courses have."""
        async with reading(self._tools.database) as work:
            categories, levels = await work.courses.words()
        return Facets(tuple(categories), tuple(levels))
