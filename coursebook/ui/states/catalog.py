"""The catalog: search and filters, which live in the address of the page."""

from dataclasses import replace

import reflex as rx

from coursebook.errors import Invalid
from coursebook.services.views import CoursePage
from coursebook.ui import present, present_catalog
from coursebook.ui.filters import Filters, filters_of
from coursebook.ui.live import watching
from coursebook.ui.rows import Chip, Choice, CourseRow, Hint
from coursebook.ui.states import checks
from coursebook.ui.states.events import Events
from coursebook.ui.states.noted import note
from coursebook.ui.states.problems import sentence_of
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

CHOSEN = ("category", "level", "day_from", "day_to", "price", "where", "available", "sort")
"""What can be chosen beside the search box."""


class CatalogState(SessionState):
    """The list of courses. `face` is `loading`, `content`, `empty` or `error`.

    `filters` is what the fields show at first; `form_key` changes when the filters were changed
    by something else than the form.
    """

    face: str = "loading"
    is_searching: bool = False
    filters: Filters = Filters()
    form_key: int = 0
    categories: list[str] = []
    levels: list[Choice] = []
    prices: list[Choice] = []
    sorts: list[Choice] = []
    chips: list[Chip] = []
    clear_href: str = ""
    courses: list[CourseRow] = []
    count: str = ""
    read_as: str = ""
    order_note: str = ""
    is_mended: bool = False
    more_href: str = ""
    first_href: str = ""
    hint: Hint = Hint()
    error: str = ""

    _written: list[str] = []

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Show what the address asks for. Our own change of the address asks for nothing new."""
        self._share(self._path())
        filters, is_mended = filters_of(self.router.url.query_parameters)
        if self._is_own(filters.address(self._path())):
            return
        if filters.narrowing != self.filters.narrowing or filters.sort != self.filters.sort:
            self.form_key += 1
        self.filters, self.is_mended = filters, is_mended
        await self._load()

    @rx.event(supersedes=True)
    async def search_changed(self, q: str) -> Events:
        """Search for the words; a newer search ends an older one."""
        q = checks.text(q, 200)
        if q is None:
            return
        is_typing_on = bool(self.filters.q)
        changed = self.filters.changed(q=q)
        if changed == self.filters:
            return
        yield self._change(changed, replace_it=is_typing_on)
        await self._load()

    @rx.event(supersedes=True)
    async def filter_chosen(self, name: str, value: str) -> Events:
        """Narrow the list by one more thing, or another value of it; "" takes the filter off."""
        value = checks.text(value, 60)
        if name not in CHOSEN or value is None:
            return
        changed = self.filters.changed(**{name: value})
        if changed == self.filters:
            return
        yield self._change(changed, replace_it=False)
        await self._load()

    @rx.event
    async def again_clicked(self) -> None:
        """Try to load once more."""
        await self._load()

    async def _load(self) -> None:
        self.is_searching = False
        filters, catalog = self.filters, services().catalog
        try:
            page = await self._page()
            facets = await catalog.facets()
            nothing = None if page.items else await catalog.nothing_fits(filters.to_query())
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.face, self.error = "error", sentence_of(problem, self._language())
            return
        language, path = self._language(), self._path()
        self.categories, self.error = list(facets.categories), ""
        self.levels = present_catalog.levels(facets, language)
        self.prices = present_catalog.prices(facets, filters.price, language)
        self.order_note = present_catalog.order_note(facets, filters, language)
        self._show(page, language, path)
        self.hint = Hint()
        if nothing is not None:
            self.hint = present_catalog.hint(nothing, filters, path, language)
            self.courses = [present.course_row(c, language) for c in nothing.similar]
        watching.watch_courses(self._tab(), language, [row.id for row in self.courses])

    async def _page(self) -> CoursePage:
        """Return the page of the filters; the first one when nobody made such a cursor."""
        query = self.filters.to_query()
        try:
            return await services().catalog.list_courses(query, self._address(), self._who())
        except Invalid:
            self.filters, self.is_mended = replace(self.filters, after=""), True
            return await services().catalog.list_courses(replace(query, cursor=None))

    def _show(self, page: CoursePage, language: str, path: str) -> None:
        note(*page.items)
        filters = self.filters
        self.sorts = present_catalog.sorts(filters, language)
        self.chips = present_catalog.chips(filters, path, language)
        self.clear_href = Filters(sort=filters.sort).changed().address(path)
        self.courses = [present.course_row(course, language) for course in page.items]
        self.count = present_catalog.found(page, language)
        self.read_as = present_catalog.read_as(page, filters, language)
        self.more_href = present_catalog.more(page, filters, path)
        self.first_href = replace(filters, show="", after="").address(path) if filters.after else ""
        self.face = "content" if page.items else "empty"

    def _change(self, filters: Filters, *, replace_it: bool) -> rx.event.EventSpec:
        """Take changed filters and write them into the address.

        The address before stays behind «Back», except while somebody goes on typing.
        """
        self.filters, self.is_mended = filters, False
        self.is_searching = True
        address = filters.address(self._path())
        self._written = [*self._written[-9:], address]
        return rx.redirect(address, replace=replace_it)

    def _is_own(self, address: str) -> bool:
        """Tell whether we wrote this address, now or before a newer one that is yet to come."""
        if address not in self._written:
            self._written = []
            return False
        if address == self._written[-1]:
            self._written = []
        return True

    def _path(self) -> str:
        return "/courses" if self.router.url.path.startswith("/courses") else "/"
