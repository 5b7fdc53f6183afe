"""The catalog: search and filters, which are kept in the address of the page."""

from dataclasses import replace

import reflex as rx

from coursebook.domain.rights import Permission
from coursebook.errors import Invalid
from coursebook.extensions.loader import course_fields
from coursebook.services.views import CoursePage, CourseView
from coursebook.ui import subscriptions
from coursebook.ui.presenters import catalog as present_catalog
from coursebook.ui.presenters import course_fields as present_fields
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.presenters.catalog_filters import Filters, filters_of
from coursebook.ui.presenters.rows import Chip, Choice, CourseRow, Hint
from coursebook.ui.ssr_recording import note
from coursebook.ui.states.error_messages import sentence_of
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services


class CatalogState(SessionState):
    """The list of courses. `view_state` is `loading`, `content`, `empty` or `error`.

    The address is the only source of the filters: the browser writes them there when a visitor
    chooses, and each list is the answer to one address. `filters` is the parsed query,
    `answered_query` the query itself. `card_fields` are lines for cards by course id, from the
    fields of the school.
    """

    view_state: str = "loading"
    filters: Filters = Filters()
    applied: dict[str, str] = {}
    answered_query: str = ""
    categories: list[str] = []
    levels: list[Choice] = []
    prices: list[Choice] = []
    sorts: list[Choice] = []
    chips: list[Chip] = []
    clear_href: str = ""
    courses: list[CourseRow] = []
    card_fields: dict[str, list[str]] = {}
    count: str = ""
    read_as: str = ""
    order_note: str = ""
    is_mended: bool = False
    more_href: str = ""
    has_next_page: bool = False
    first_href: str = ""
    hint: Hint = Hint()
    empty_title: str = ""
    empty_text: str = ""
    new_course_href: str = ""
    error: str = ""

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Load the courses of the address; a newer address cancels the load of an older one."""
        await self._open()

    @rx.event
    async def again_clicked(self) -> None:
        """Load again after an error."""
        await self._open()

    async def _open(self) -> None:
        self._share(self._path())
        self.filters, self.is_mended = filters_of(self.router.url.query_parameters)
        await self._load()
        self.applied, self.answered_query = self.filters.set_values, self.router.url.query

    async def _load(self) -> None:
        filters, catalog = self.filters, services().catalog
        try:
            page = await self._page()
            facets = await catalog.facets()
            nothing = None if page.items else await catalog.nothing_fits(filters.to_query())
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
            return
        language, path = self._language(), self._path()
        self.categories, self.error = present_catalog.categories(facets, filters.category), ""
        self.levels = present_catalog.levels(facets, filters.level, language)
        self.prices = present_catalog.prices(facets, filters.price, language)
        self.order_note = present_catalog.order_note(facets, filters, language)
        self._show(page, language, path)
        self.hint = Hint()
        if nothing is not None:
            rights = await self._rights()
            self.empty_title, self.empty_text, self.new_course_href = present_catalog.empty_words(
                filters, language, may_add=rights.allows(Permission.WRITE_COURSES)
            )
            self.hint = present_catalog.hint(nothing, filters, path, language)
            self._show_cards(nothing.similar, language)
        subscriptions.watch_courses(self._tab(), language, [row.id for row in self.courses])

    async def _page(self) -> CoursePage:
        """Return the page of the filters; the first page when the cursor is invalid."""
        query = self.filters.to_query()
        try:
            return await services().catalog.list_courses(
                query, self._address(), self._who(), self._tab()
            )
        except Invalid:
            self.filters, self.is_mended = replace(self.filters, after="", at=""), True
            return await services().catalog.list_courses(replace(query, cursor=None))

    def _show(self, page: CoursePage, language: str, path: str) -> None:
        note(*page.items)
        filters = self.filters
        self.sorts = present_catalog.sorts(filters, language)
        self.chips = present_catalog.chips(filters, path, language)
        self.clear_href = Filters(sort=filters.sort).changed().address(path)
        self._show_cards(page.items, language)
        self.count = present_catalog.count_words(page, filters, language)
        self.read_as = present_catalog.read_as(page, filters, language)
        self.more_href = present_catalog.more(page, filters, path)
        first = replace(filters, show="", after="", at="").address(path)
        self.first_href = first if filters.after else ""
        self.has_next_page = "after=" in self.more_href
        self.view_state = "content" if page.items else "empty"

    def _show_cards(self, views: tuple[CourseView, ...], language: str) -> None:
        self.courses = [courses_and_bookings.course_row(view, language) for view in views]
        if fields := [declared for declared in course_fields() if declared.is_on_card]:
            self.card_fields = {
                view.id: present_fields.card_lines(fields, view.extra, language) for view in views
            }

    def _path(self) -> str:
        return "/courses" if self.router.url.path.startswith("/courses") else "/"
