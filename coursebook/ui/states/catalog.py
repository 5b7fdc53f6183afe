"""The catalog: search and filters, which live in the address of the page."""

from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx

from coursebook.services.catalog import CourseQuery
from coursebook.services.views import CoursePage
from coursebook.ui import format as say
from coursebook.ui import present
from coursebook.ui.live import watching
from coursebook.ui.rows import CourseRow
from coursebook.ui.states import checks
from coursebook.ui.states.events import Events
from coursebook.ui.states.noted import note
from coursebook.ui.states.problems import sentence_of
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PAGE_SIZE = 12


@dataclass(frozen=True)
class Filters:
    """What is searched for. Written into the query of the address; only what is set."""

    q: str = ""
    category: str = ""
    level: str = ""
    available: bool = False

    def address(self, path: str) -> str:
        """Return the address of the page with these filters."""
        given = {"q": self.q, "category": self.category, "level": self.level}
        given["available"] = "true" if self.available else ""
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{query}" if query else path


class CatalogState(SessionState):
    """The list of courses. `face` is `loading`, `content`, `empty` or `error`.

    `form_key` changes when the filters were changed by something else than the form.
    """

    face: str = "loading"
    is_searching: bool = False
    q: str = ""
    category: str = ""
    level: str = ""
    available: bool = False
    is_filtered: bool = False
    form_key: int = 0
    courses: list[CourseRow] = []
    count: str = ""
    has_more: bool = False
    error: str = ""
    categories: list[str] = []
    levels: list[str] = []

    _cursor: str = ""
    _written: list[str] = []

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Show what the address asks for. Our own change of the address asks for nothing new."""
        self._share(self._path())
        filters = self._filters_of_address()
        if self._is_own(filters.address(self._path())):
            return
        if filters != self._filters():
            self.form_key += 1
        self._take(filters)
        await self._load()

    @rx.event(supersedes=True)
    async def search_changed(self, q: str) -> Events:
        """Search for the words; a newer search ends an older one."""
        q = checks.text(q, 200)
        if q is None:
            return
        yield self._change(q=q.strip())
        await self._load()

    @rx.event(supersedes=True)
    async def category_chosen(self, category: str) -> Events:
        """Show one category, or all for ""."""
        category = checks.text(category, 60)
        if category is None:
            return
        yield self._change(category=category)
        await self._load()

    @rx.event(supersedes=True)
    async def level_chosen(self, level: str) -> Events:
        """Show one level, or all for ""."""
        level = checks.text(level, 30)
        if level is None:
            return
        yield self._change(level=level)
        await self._load()

    @rx.event(supersedes=True)
    async def available_toggled(self, available: bool) -> Events:
        """Show only courses with places left, or all."""
        yield self._change(available=available is True)
        await self._load()

    @rx.event(supersedes=True)
    async def filters_cleared(self) -> Events:
        """Show everything."""
        self.form_key += 1
        yield self._change(q="", category="", level="", available=False)
        await self._load()

    @rx.event
    async def more_clicked(self) -> None:
        """Show the next courses below."""
        if not self._cursor:
            return
        try:
            self._append(await services().catalog.list_courses(self._query(self._cursor)))
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.error = sentence_of(problem, self._language())

    @rx.event
    async def again_clicked(self) -> None:
        """Try to load once more."""
        await self._load()

    async def _load(self) -> None:
        self.is_searching = False
        try:
            page = await services().catalog.list_courses(self._query(None))
            facets = await services().catalog.facets()
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.face, self.error = "error", sentence_of(problem, self._language())
            return
        self.categories, self.levels = list(facets.categories), list(facets.levels)
        self.courses, self.error = [], ""
        self.count = say.courses(page.total, self._language())
        self._append(page)
        self.face = "content" if page.items else "empty"

    def _append(self, page: CoursePage) -> None:
        note(*page.items)
        language = self._language()
        self.courses = [*self.courses, *(present.course_row(c, language) for c in page.items)]
        watching.watch_courses(self._tab(), language, [row.id for row in self.courses])
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor)

    def _change(self, **changed: str | bool) -> rx.event.EventSpec:
        """Take changed filters and write them into the address, in place of the old one."""
        now = {"q": self.q, "category": self.category, "level": self.level}
        self._take(Filters(**{**now, "available": self.available, **changed}))
        self.is_searching = True
        address = self._filters().address(self._path())
        self._written = [*self._written[-9:], address]
        return rx.redirect(address, replace=True)

    def _is_own(self, address: str) -> bool:
        """Tell whether we wrote this address, now or before a newer one that is yet to come."""
        if address not in self._written:
            self._written = []
            return False
        if address == self._written[-1]:
            self._written = []
        return True

    def _take(self, filters: Filters) -> None:
        self.q, self.category = filters.q, filters.category
        self.level, self.available = filters.level, filters.available
        self.is_filtered = filters != Filters()

    def _filters(self) -> Filters:
        return Filters(self.q, self.category, self.level, self.available)

    def _filters_of_address(self) -> Filters:
        given = self.router.url.query_parameters
        return Filters(
            q=(checks.text(given.get("q"), 200) or "").strip(),
            category=checks.text(given.get("category"), 60) or "",
            level=checks.text(given.get("level"), 30) or "",
            available=given.get("available") == "true",
        )

    def _path(self) -> str:
        return "/courses" if self.router.url.path.startswith("/courses") else "/"

    def _query(self, cursor: str | None) -> CourseQuery:
        return CourseQuery(
            q=self.q,
            category=self.category,
            level=self.level,
            available=self.available,
            limit=PAGE_SIZE,
            cursor=cursor,
        )
