"""One course, and the click that books it."""

import reflex as rx

from coursebook.errors import CourseNotFound, Unauthenticated
from coursebook.ui import present
from coursebook.ui.live import watching
from coursebook.ui.rows import CourseDetailRow, Notice
from coursebook.ui.states import checks, leaving
from coursebook.ui.states.events import Events
from coursebook.ui.states.noted import note
from coursebook.ui.states.problems import notice_of, sentence_of
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services


class CourseState(SessionState):
    """The course of the page. `face` is `loading`, `content`, `missing` or `error`.

    `shown_slug` is the course that the rows belong to: while it differs from the address, the
    page shows its skeleton. `said` is spoken: what changed while the page is open.
    """

    face: str = "loading"
    shown_slug: str = ""
    course: CourseDetailRow = CourseDetailRow()
    title: str = ""
    summary: str = ""
    notice: Notice = Notice()
    said: str = ""
    is_busy: bool = False
    error: str = ""

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Show the course of the address."""
        self.is_busy, self.notice = False, Notice()
        await self._load()

    @rx.event
    async def again_clicked(self) -> None:
        """Try to load once more."""
        await self._load()

    @rx.event(background=True, temporal=True)
    async def book_clicked(self, token: str) -> Events:
        """Reserve a place for the person of this fresh token and lead to the payment page."""
        async with self:
            slug, address = self._slug(), self._address()
            if self.is_busy:
                return
            try:
                who = await self._fresh(token)
            except Unauthenticated:
                yield rx.redirect(f"/sign-in?next=/courses/{slug}")
                return
            except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
                self.notice = notice_of(problem, self._language())
                return
            self.is_busy, self.notice = True, Notice()
        try:
            course = await services().catalog.course(slug)
            checkout = await services().checkout.start_checkout(who, course.id, address=address)
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            async with self:
                self.is_busy, self.notice = False, notice_of(problem, self._language())
                await self._load()
            return
        yield leaving.way_to(checkout)
        await leaving.while_gone()
        async with self:
            self.is_busy = False

    async def _load(self) -> None:
        slug = self._slug()
        self.shown_slug, self.said = slug, ""
        try:
            view = await services().catalog.course(slug)
        except CourseNotFound:
            self.face, self.title = "missing", self._words().COURSE_MISSING_TITLE
            self.canonical = ""
            return
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.face, self.error = "error", sentence_of(problem, self._language())
            return
        self._share(f"/courses/{view.slug}")
        self.course = present.course_detail(view, self._language())
        note(view)
        self.title, self.summary = view.title, view.summary
        self.face = "content"
        watching.watch_course(self._tab(), self._language(), view)

    def _slug(self) -> str:
        """Return the slug in the address; "-" (no course) when it cannot be one."""
        return checks.identifier(self.router.url.path.rstrip("/").rsplit("/", 1)[-1]) or "-"
