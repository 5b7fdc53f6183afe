"""The public catalog: list, search and read courses without signing in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.domain.external_text import clean_id
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.persistence.course_search.course_filter import CourseFilter
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import COLUMNS, Sort, is_public
from coursebook.persistence.course_search.index import Terms
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.cache import MicroCache
from coursebook.services.catalog.course_query import CourseQuery, Order
from coursebook.services.catalog.search_terms import any_of, understood
from coursebook.services.context import Context
from coursebook.services.pagination import read_cursor, read_place, write_cursor, write_place
from coursebook.services.presenters import course_detail, course_view
from coursebook.services.rate_limits import Limits
from coursebook.services.views import (
    CourseDetailView,
    CoursePage,
    CourseView,
    Hint,
    NothingFits,
    OtherDates,
)

MAX_NAME_LENGTH = 200
MAX_COUNTED = 500
"""Beyond this number, only "more than" is shown."""
MAX_SLUGS = 50_000
SLUGS_SECONDS = 60.0
"""The list is public and made for search engines, so it is read at most once a minute."""
SIMILAR = 3
MAX_OTHER_DATES = 6
FILTERS = ("category", "level", "days", "price", "where", "available")
"""The filters that a person can remove one by one."""


@dataclass(frozen=True)
class Facets:
    """The words to choose from in the filters, of courses that are still to come."""

    categories: tuple[str, ...]
    levels: tuple[str, ...]
    currencies: tuple[str, ...]


class CourseMoved(CourseNotFound):
    """The course had this slug before. `slug` is its slug now."""

    def __init__(self, course_id: str, slug: str) -> None:
        self.course_id, self.slug = course_id, slug
        super().__init__()


class Catalog:
    """The published courses."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits
        clock = context.clock
        self._slugs = MicroCache[list[str]](SLUGS_SECONDS, 1, lambda: clock().timestamp())

    async def slugs(self, most: int) -> list[str]:
        """Return the slugs of published courses to come, at most `most`, read once a minute."""
        return (await self._slugs.get("", self._read_slugs))[:most]

    async def _read_slugs(self) -> list[str]:
        async with reading(self._context.database) as work:
            return await work.courses.slugs(self._context.clock(), MAX_SLUGS)

    async def count_search(self, address: str, who: Principal | None = None, tab: str = "") -> None:
        """Count one search by words. Raises RateLimited."""
        if who is not None:
            await self._limits.count("search", who.user_id)
        else:
            await self._limits.count_stranger("search", address, tab)

    async def list_courses(
        self, query: CourseQuery, address: str = "", who: Principal | None = None, tab: str = ""
    ) -> CoursePage:
        """Return one page of published courses. Raises Invalid for a bad cursor, RateLimited.

        Courses that have started are only listed when the query begins in the past. A search by
        words counts towards the limit of the person, or of the `tab` and network `address` of an
        anonymous visitor ("" does not count).
        """
        if query.q and address:
            await self.count_search(address, who, tab)
        now = self._context.clock()  # taken before reading, so that a later change counts as newer
        async with reading(self._context.database) as work:
            terms, read_as = await understood(work, query.q)
            if terms is None:
                return CoursePage((), None, 0, query.q)
            course_filter = await self._course_filter(work, query, terms)
            if course_filter is None:
                return CoursePage((), None, 0, "")
            rows, next_cursor = await _page(work, course_filter, query)
            total = await _count(work, course_filter) if query.is_counted else 0
            views = await _views(work, rows, now)
        return CoursePage(views, next_cursor, total, read_as)

    async def nothing_fits(self, query: CourseQuery) -> NothingFits:
        """Return hints for an empty result: the filter that hides most, and similar courses.

        The filter is None when no single filter is the reason.
        """
        async with reading(self._context.database) as work:
            terms, _ = await understood(work, query.q)
            names = (*FILTERS, *(match.name for match in query.extra))
            set_filters = [name for name in names if query.without(name) != query]
            hints = []
            for name in set_filters if terms is not None else ():
                course_filter = await self._course_filter(work, query.without(name), terms or ())
                if course_filter is not None:
                    hints.append(Hint(name, await _count(work, course_filter)))
            best = max(hints, key=lambda hint: hint.count, default=None)
            views = await self._similar(work, query, terms)
        return NothingFits(best if best and best.count else None, views)

    async def course(self, id_or_slug: str) -> CourseDetailView:
        """Return one course by id or slug.

        Raises CourseMoved for a slug that the course had before, CourseNotFound for any other, and
        for a draft or an archived course.
        """
        if clean_id(id_or_slug, MAX_NAME_LENGTH) is None:
            raise CourseNotFound
        now = self._context.clock()
        async with reading(self._context.database) as work:
            course = await work.courses.find(id_or_slug)
            if course is None:
                course = await _formerly(work, id_or_slug)
                raise CourseMoved(course.id, course.slug)
            if not is_public(course):
                raise CourseNotFound
            return course_detail(course, now, await work.meetings.of_course(course.id))

    async def other_dates(self, course: CourseView) -> OtherDates:
        """Return the next dates of the same series that are public and still to come."""
        if course.series_id is None:
            return OtherDates()
        now = self._context.clock()
        listed = CourseFilter(starts_from=now, series_id=course.series_id)
        async with reading(self._context.database) as work:
            rows = await work.courses.published(listed, "starts_at", None, MAX_OTHER_DATES + 2)
            others = [row for row in rows if row.id != course.id]
            views = await _views(work, others[:MAX_OTHER_DATES], now)
        return OtherDates(views, len(others) > MAX_OTHER_DATES)

    async def some(self, course_ids: set[str]) -> tuple[CourseView, ...]:
        """Return these courses without their meetings; hidden courses are left out."""
        now = self._context.clock()
        async with reading(self._context.database) as work:
            courses = await work.courses.by_ids(course_ids)
        return tuple(course_view(course, now) for course in courses.values() if is_public(course))

    async def facets(self) -> Facets:
        """Return the categories, levels and currencies of published courses still to come."""
        now = self._context.clock()
        async with reading(self._context.database) as work:
            return Facets(
                categories=tuple(await work.courses.words("category", now)),
                levels=tuple(await work.courses.words("level", now)),
                currencies=tuple(await work.courses.words("currency", now)),
            )

    async def _course_filter(
        self, work: UnitOfWork, query: CourseQuery, terms: Terms
    ) -> CourseFilter | None:
        """Return the filter of a query, None when there is no such series."""
        now = self._context.clock()
        series = await work.series.find(query.series) if query.series else None
        if query.series and series is None:
            return None
        asks_for_the_past = query.day_from is not None and query.day_from < now.date()
        return CourseFilter(
            terms=terms,
            categories=await _spelled_as(work, "category", query.category),
            levels=await _spelled_as(work, "level", query.level),
            starts_from=query.starts_from or (None if asks_for_the_past else now),
            starts_to=query.starts_to,
            day_from=query.day_from,
            day_to=query.day_to,
            price_max=query.price_max,
            currency=query.currency,
            is_online=query.is_online,
            available=query.available,
            extra=query.extra,
            series_id=series.id if series is not None else "",
            grouped_at=now if query.is_grouped and series is None else None,
        )

    async def _similar(
        self, work: UnitOfWork, query: CourseQuery, terms: Terms | None
    ) -> tuple[CourseView, ...]:
        """Return a few similar courses: by all words, by one of them, by category or level."""
        now = self._context.clock()
        tries: list[tuple[CourseQuery, Terms]] = []
        if terms:
            tries += [(CourseQuery(), terms), (CourseQuery(), any_of(terms))]
        if query.category:
            tries.append((CourseQuery(category=query.category), ()))
        for near, words in [*tries, (CourseQuery(), ())]:
            similar = replace(near, is_grouped=query.is_grouped)
            course_filter = await self._course_filter(work, similar, words)
            assert course_filter is not None, "no series is asked for"
            order: Order = "relevance" if words else "starts_at"
            rows, _ = await _page(work, course_filter, replace(near, sort=order, limit=SIMILAR))
            if rows:
                return await _views(work, rows, now)
        return ()


async def _page(
    work: UnitOfWork, course_filter: CourseFilter, query: CourseQuery
) -> tuple[list[ListedCourse], str | None]:
    """Return the courses of one page, and the cursor of the next one."""
    most = query.limit + 1
    sort: Order = query.sort
    if course_filter.terms and sort in ("relevance", "starts_at"):
        kind = f"courses:found:{sort}"
        after = read_place(query.cursor, kind)
        matches = await work.word_search.page(
            course_filter, after, most, closest_first=sort == "relevance"
        )
        last = matches[query.limit - 1][1] if len(matches) == most else None
        next_cursor = write_place(kind, last) if last else None
        return [course for course, _ in matches[: query.limit]], next_cursor
    plain: Sort = "starts_at" if sort == "relevance" else sort
    kind = f"courses:{plain}"
    page_of = work.word_search.page_in_order if course_filter.terms else work.courses.published
    rows = await page_of(course_filter, plain, read_cursor(query.cursor, kind), most)
    shown = rows[: query.limit]
    if len(rows) < most:
        return shown, None
    return shown, write_cursor(kind, getattr(shown[-1], COLUMNS[plain].key), shown[-1].id)


async def _formerly(work: UnitOfWork, slug: str) -> Course:
    """Return the public course that had this slug before. Raises CourseNotFound."""
    course_id = await work.slug_redirects.course_id_of(slug)
    course = await work.courses.find(course_id) if course_id else None
    if course is None or not is_public(course):
        raise CourseNotFound
    return course


async def _views(
    work: UnitOfWork, courses: Sequence[ListedCourse], now: datetime
) -> tuple[CourseView, ...]:
    """Return the views of one page of courses.

    One query at most reads their meetings.
    """
    ids = [course.id for course in courses if course.has_own_meetings]
    meetings = await work.meetings.of_courses(ids) if ids else {}
    return tuple(
        replace(course_view(course, now, meetings.get(course.id, ())), more_dates=_others(course))
        for course in courses
    )


def _others(course: ListedCourse) -> int:
    """Return how many other dates of its series the list has."""
    return max(0, course.dates - 1)


async def _count(work: UnitOfWork, course_filter: CourseFilter) -> int:
    """Count up to one more than the number shown."""
    if course_filter.terms:
        return await work.word_search.count(course_filter, MAX_COUNTED + 1)
    return await work.courses.count_published(course_filter, MAX_COUNTED + 1)


async def _spelled_as(work: UnitOfWork, name: str, value: str) -> tuple[str, ...]:
    """Return the spellings of a category (or level) that differ in case; the value if none."""
    if not value:
        return ()
    words = await work.courses.words("category" if name == "category" else "level")
    return tuple(word for word in words if word.casefold() == value.casefold()) or (value,)
