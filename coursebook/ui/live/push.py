"""Pushes changes to the browsers: seats left as data, and a reload for pages of a person.

The seats left are the same for every visitor. Each process reads them once, serialises them once
for all tabs that show the same courses, and sends them over the sockets without the tabs' states,
so that a busy tab delays nothing. Private data is never sent from here: the tab's own handler is
called and loads what its person may see.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable
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
from coursebook.ui.subscriptions import Being, Looking
from coursebook.wiring import Services, services

SWEEP_SECONDS = 30
BATCH_SIZE = 8
Shown = tuple[tuple[str, ...], str, str]
"""The content of a message to a tab: course ids, language, announcement."""
LOOK_AGAIN = event_name(LiveState.event_handlers["person_changed"])


class Pusher:
    """Pushes changes to the tabs of this process."""

    def __init__(self, app: rx.App, known: Services) -> None:
        self._app, self._services = app, known
        self._sockets = Sockets(app)
        self._watchers = known.live.subscriptions
        self._newest: dict[str, CourseView] = {}
        self._said_left: dict[str, int] = {}

    async def tell(self, changed: frozenset[str]) -> None:
        """Push these changes to the tabs that are subscribed to them. Raises Unavailable."""
        there = [one for one in self._watchers.of(changed) if self._is_here(one)]
        await self._read(changed, there)
        for shown, tabs in self._by_what_is_shown(there).items():
            await self._sockets.send_all(self._delta(*shown), tabs)
        now = time.time()
        people = [o.about for o in there if isinstance(o.about, Being) and o.about.until > now]
        for first in range(0, len(people), BATCH_SIZE):
            some = people[first : first + BATCH_SIZE]
            await asyncio.gather(*(self._look_again(who) for who in some))

    def sweep(self) -> None:
        """Remove the subscriptions of tabs that have disconnected."""
        for key in self._watchers.keys:
            watcher = self._watchers.find(key)
            if watcher is not None:
                self._is_here(watcher)
        keys = set(self._watchers.keys)
        self._said_left = {key: left for key, left in self._said_left.items() if key in keys}

    async def _read(self, changed: Collection[str], there: Iterable[Subscription]) -> None:
        """Read the changed courses that tabs show, and drop those that no tab shows any more."""
        watched = self._watchers.topics
        self._newest = {i: c for i, c in self._newest.items() if topics.course(i) in watched}
        asked = {i for one in there if isinstance(one.about, Looking) for i in one.about.courses}
        if topics.EVERYTHING not in changed:
            asked = {i for i in asked if topics.course(i) in changed}
        found = await self._services.catalog.some(asked) if asked else ()
        self._newest |= {course.id: course for course in found}

    def _by_what_is_shown(self, there: Iterable[Subscription]) -> dict[Shown, list[str]]:
        """Return the tabs grouped by their message: the same courses, language and announcement."""
        found = defaultdict[Shown, list[str]](list)
        for one in there:
            if isinstance(one.about, Looking):
                courses = tuple(i for i in one.about.courses if i in self._newest)
                if courses:
                    said = self._said(one.key, one.about)
                    found[courses, one.about.language, said].append(one.about.tab)
        return found

    def _said(self, key: str, looking: Looking) -> str:
        """Return the announcement for a course page, compared with what the tab showed before."""
        if looking.left is None:
            return ""
        newest = self._newest[looking.courses[0]]
        before = self._said_left.get(key, looking.left)
        self._said_left[key] = newest.seats_left
        return courses_and_bookings.places_said(before, newest, looking.language)

    def _delta(
        self, courses: tuple[str, ...], language: str, said: str
    ) -> dict[str, dict[str, Any]]:
        rows = {
            i: asdict(courses_and_bookings.places_row(self._newest[i], language)) for i in courses
        }
        delta = {LiveState.get_full_name(): in_browser({"places": rows})}
        if said:
            delta[CourseState.get_full_name()] = in_browser({"said": said})
        return delta

    async def _look_again(self, who: Being) -> None:
        """Call the tab's handler as its browser would; the handler authorises itself."""
        await call_handler(self._app, who.tab, LOOK_AGAIN)

    def _is_here(self, watcher: Subscription) -> bool:
        """Tell whether the tab has its socket at this process; end its subscription if not."""
        tab = watcher.about.tab if isinstance(watcher.about, Looking | Being) else ""
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
