"""Pushes changes to the browsers: seats left as data, and a reload for what else has changed.

The seats left are the same for every visitor. Each process reads them once, serialises them once
for all tabs that show the same courses, and sends them over the sockets without the tabs' states,
so that a busy tab delays nothing. Private data is never sent from here: the tab's own handler is
called and loads what its person may see. A course page whose course was edited, or is public no
more, loads itself again in the same way.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import reflex as rx

from coursebook.live import topics
from coursebook.live.batcher import cancel_and_wait
from coursebook.live.subscriptions import Subscription
from coursebook.services.views import CourseView
from coursebook.ui.live.fan_out import Sockets
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.reflex_compat.events import call_handler, event_name
from coursebook.ui.reflex_compat.state_tree import in_browser
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.live import LiveState
from coursebook.ui.states.manage.booking import ManagedBookingState
from coursebook.ui.states.manage.course_cancel import CourseCancelState
from coursebook.ui.states.manage.course_list import ManagedCoursesState
from coursebook.ui.states.manage.messages import MessageState
from coursebook.ui.states.manage.money import MoneyState
from coursebook.ui.states.manage.people import PeopleState
from coursebook.ui.states.manage.today import TodayState
from coursebook.ui.states.manage.waiting_list import WaitingListState
from coursebook.ui.subscriptions import CourseWatch, ManagedWatch, PersonWatch
from coursebook.wiring import Services, services

SWEEP_SECONDS = 30
BATCH_SIZE = 8
Shown = tuple[tuple[str, ...], str, str]
"""The content of a message to a tab: course ids, language, announcement."""
LOOK_AGAIN = event_name(LiveState.event_handlers["person_changed"])
LOAD_AGAIN = event_name(CourseState.event_handlers["edited_elsewhere"])

LIST_AGAIN = event_name(ManagedCoursesState.event_handlers["changed_elsewhere"])
PEOPLE_AGAIN = event_name(PeopleState.event_handlers["changed_elsewhere"])
CANCEL_AGAIN = event_name(CourseCancelState.event_handlers["changed_elsewhere"])
INBOX_AGAIN = event_name(MoneyState.event_handlers["changed_elsewhere"])
TODAY_AGAIN = event_name(TodayState.event_handlers["changed_elsewhere"])
WAITING_AGAIN = event_name(WaitingListState.event_handlers["changed_elsewhere"])
BOOKING_AGAIN = event_name(ManagedBookingState.event_handlers["changed_elsewhere"])
MESSAGE_AGAIN = event_name(MessageState.event_handlers["changed_elsewhere"])
MANAGED_AGAIN = {
    "courses": LIST_AGAIN,
    "people": PEOPLE_AGAIN,
    "cancel": CANCEL_AGAIN,
    "booking": BOOKING_AGAIN,
    "message": MESSAGE_AGAIN,
    "inbox": INBOX_AGAIN,
    "waiting": WAITING_AGAIN,
    "today": TODAY_AGAIN,
}
WATCHES = (CourseWatch, ManagedWatch, PersonWatch)


class Pusher:
    """Pushes changes to the tabs of this process."""

    def __init__(self, app: rx.App, app_services: Services) -> None:
        self._app, self._services = app, app_services
        self._sockets = Sockets(app)
        self._watchers = app_services.live.subscriptions
        self._newest: dict[str, CourseView] = {}
        self._last_seats_left: dict[str, int] = {}

    async def tell(self, changed: frozenset[str]) -> None:
        """Push these changes to the tabs that are subscribed to them. Raises Unavailable."""
        watchers = [watcher for watcher in self._watchers.of(changed) if self._is_here(watcher)]
        await self._read(changed, watchers)
        for shown, tabs in self._by_what_is_shown(watchers).items():
            await self._sockets.send_all(self._delta(*shown), tabs)
        now = time.time()
        people = [
            watcher.about.tab
            for watcher in watchers
            if isinstance(watcher.about, PersonWatch) and watcher.about.until > now
        ]
        edited = [
            watcher.about.tab
            for watcher in watchers
            if isinstance(watcher.about, CourseWatch) and self._is_edited(watcher.about, changed)
        ]
        managed = [w.about for w in watchers if isinstance(w.about, ManagedWatch)]
        await self._call(LOAD_AGAIN, edited)
        for page, handler in MANAGED_AGAIN.items():
            await self._call(handler, [watch.tab for watch in managed if watch.page == page])
        await self._call(LOOK_AGAIN, people)

    def sweep(self) -> None:
        """Remove the subscriptions of tabs that have disconnected."""
        for key in self._watchers.keys:
            watcher = self._watchers.find(key)
            if watcher is not None:
                self._is_here(watcher)
        keys = set(self._watchers.keys)
        self._last_seats_left = {
            key: left for key, left in self._last_seats_left.items() if key in keys
        }

    async def _read(self, changed: Collection[str], watchers: Iterable[Subscription]) -> None:
        """Read the changed courses that tabs show, and drop those that no tab shows any more."""
        watched = self._watchers.topics
        self._newest = {i: c for i, c in self._newest.items() if topics.course(i) in watched}
        course_ids = {
            i
            for watcher in watchers
            if isinstance(watcher.about, CourseWatch)
            for i in watcher.about.courses
        }
        if topics.EVERYTHING not in changed:
            course_ids = {i for i in course_ids if topics.course(i) in changed}
        courses = await self._services.catalog.some(course_ids) if course_ids else ()
        hidden = course_ids - {course.id for course in courses}
        self._newest = {i: course for i, course in self._newest.items() if i not in hidden}
        self._newest |= {course.id: course for course in courses}

    def _is_edited(self, watch: CourseWatch, changed: Collection[str]) -> bool:
        """Tell whether a course page shows an older version than one that was just read."""
        for course_id, version in zip(watch.courses, watch.versions, strict=False):
            is_read = topics.EVERYTHING in changed or topics.course(course_id) in changed
            newest = self._newest.get(course_id)
            if is_read and (newest is None or newest.version != version):
                return True
        return False

    def _by_what_is_shown(self, watchers: Iterable[Subscription]) -> dict[Shown, list[str]]:
        """Return the tabs grouped by their message: the same courses, language and announcement."""
        tabs = defaultdict[Shown, list[str]](list)
        for watcher in watchers:
            if isinstance(watcher.about, CourseWatch):
                courses = tuple(i for i in watcher.about.courses if i in self._newest)
                if courses:
                    announcement = self._announcement(watcher.key, watcher.about)
                    tabs[courses, watcher.about.language, announcement].append(watcher.about.tab)
        return tabs

    def _announcement(self, key: str, watch: CourseWatch) -> str:
        """Return the announcement for a course page, compared with what the tab showed before."""
        newest = self._newest.get(watch.courses[0])
        if watch.left is None or newest is None:
            return ""
        before = self._last_seats_left.get(key, watch.left)
        self._last_seats_left[key] = newest.seats_left
        return courses_and_bookings.places_announcement(before, newest, watch.language)

    def _delta(
        self, courses: tuple[str, ...], language: str, announcement: str
    ) -> dict[str, dict[str, Any]]:
        rows = {
            i: asdict(courses_and_bookings.places_row(self._newest[i], language)) for i in courses
        }
        delta = {LiveState.get_full_name(): in_browser({"places": rows})}
        if announcement:
            delta[CourseState.get_full_name()] = in_browser({"announcement": announcement})
        return delta

    async def _call(self, handler: str, tabs: Sequence[str]) -> None:
        """Call a handler of these tabs as their browsers would; it authorises itself."""
        for first in range(0, len(tabs), BATCH_SIZE):
            batch = tabs[first : first + BATCH_SIZE]
            await asyncio.gather(*(call_handler(self._app, tab, handler) for tab in batch))

    def _is_here(self, watcher: Subscription) -> bool:
        """Tell whether the tab has its socket at this process; end its subscription if not."""
        tab = watcher.about.tab if isinstance(watcher.about, WATCHES) else ""
        if self._sockets.has(tab):
            return True
        self._watchers.unsubscribe(watcher.key)
        return False


@asynccontextmanager
async def pushing(app: rx.App) -> AsyncIterator[None]:
    """Push changes to the open pages while the application runs."""
    pusher = Pusher(app, services())
    async with services().live.notifying(pusher.tell):
        sweeping = asyncio.create_task(_sweep(pusher), name="live sweeps")
        try:
            yield
        finally:
            await cancel_and_wait(sweeping)


async def _sweep(pusher: Pusher) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        pusher.sweep()
