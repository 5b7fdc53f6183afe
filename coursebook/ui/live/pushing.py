"""From a change to the browsers: places are sent as they are, people's pages look again.

Places are the same for everybody. They are read once for each process, and go over the sockets past
the states of the tabs: nothing waits for a busy tab, and two hundred watchers cost a few
milliseconds. What belongs to a person is never sent from here: the tab's own handler is called, and
shows what that person may see at that moment.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from coursebook.live import topics
from coursebook.live.gathering import ended
from coursebook.live.watchers import Watcher
from coursebook.services.views import CourseView
from coursebook.ui import present
from coursebook.ui.live.watching import Being, Looking
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.live import LiveState
from coursebook.wiring import Services, services

SWEEP_SECONDS = 30
PEOPLE_AT_ONCE = 8
LOOK_AGAIN = format_event_handler(LiveState.event_handlers["person_changed"])


class Pusher:
    """Brings changes to the tabs of this process."""

    def __init__(self, app: rx.App, known: Services) -> None:
        self._app, self._services = app, known
        self._watchers = known.live.watchers
        self._newest: dict[str, CourseView] = {}
        self._said_left: dict[str, int] = {}

    async def tell(self, changed: frozenset[str]) -> None:
        """Bring these changes to whoever watches them. Raises Unavailable."""
        there = [one for one in self._watchers.of(changed) if self._is_here(one)]
        await self._read(changed, there)
        for one in there:
            if isinstance(one.about, Looking):
                await self._push_places(one.key, one.about)
        now = time.time()
        people = [o.about for o in there if isinstance(o.about, Being) and o.about.until > now]
        for first in range(0, len(people), PEOPLE_AT_ONCE):
            some = people[first : first + PEOPLE_AT_ONCE]
            await asyncio.gather(*(self._look_again(who) for who in some))

    def sweep(self) -> None:
        """Forget the tabs that are gone."""
        for key in self._watchers.keys:
            watcher = self._watchers.find(key)
            if watcher is not None:
                self._is_here(watcher)
        keys = set(self._watchers.keys)
        self._said_left = {key: left for key, left in self._said_left.items() if key in keys}

    async def _read(self, changed: Collection[str], there: Iterable[Watcher]) -> None:
        """Read what changed and is looked at, and forget what nobody looks at any more."""
        watched = self._watchers.topics
        self._newest = {i: c for i, c in self._newest.items() if topics.course(i) in watched}
        asked = {i for one in there if isinstance(one.about, Looking) for i in one.about.courses}
        if topics.EVERYTHING not in changed:
            asked = {i for i in asked if topics.course(i) in changed}
        found = await self._services.catalog.some(asked) if asked else ()
        self._newest |= {course.id: course for course in found}

    async def _push_places(self, key: str, looking: Looking) -> None:
        newer = [self._newest[i] for i in looking.courses if i in self._newest]
        rows = {course.id: asdict(present.places_row(course, looking.language)) for course in newer}
        delta: dict[str, dict[str, Any]] = {LiveState.get_full_name(): _named("places", rows)}
        if looking.left is not None and newer:
            before = self._said_left.get(key, looking.left)
            self._said_left[key] = newer[0].seats_left
            said = present.places_said(before, newer[0], looking.language)
            if said:
                delta[CourseState.get_full_name()] = _named("said", said)
        if rows:
            await self._app.event_namespace.emit_update(StateUpdate(delta=delta), looking.tab)

    async def _look_again(self, who: Being) -> None:
        """Call the handler of the tab as if its browser had: it authorises itself."""
        with self._app.set_contexts():
            await (await self._app.event_processor.enqueue(who.tab, Event(name=LOOK_AGAIN)))

    def _is_here(self, watcher: Watcher) -> bool:
        """Tell whether the tab has its socket at this process; forget it if not."""
        known = self._app.event_namespace._token_manager  # noqa: SLF001 - Reflex offers no other way
        tab = watcher.about.tab if isinstance(watcher.about, Looking | Being) else ""
        socket = known.token_to_socket.get(tab)
        if socket is not None and socket.instance_id == known.instance_id:
            return True
        self._watchers.leave(watcher.key)
        return False


@asynccontextmanager
async def pushing(app: rx.App) -> AsyncIterator[None]:
    """Bring changes to the open pages for as long as the application runs."""
    pusher = Pusher(app, services())
    async with services().live.telling(pusher.tell):
        sweeping = asyncio.create_task(_sweep(pusher), name="live sweeps")
        try:
            yield
        finally:
            await ended(sweeping)


async def _sweep(pusher: Pusher) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        pusher.sweep()


def _named(name: str, value: object) -> dict[str, Any]:
    """Return a var under the name that it has in the browser."""
    return {f"{name}{FIELD_MARKER}": value}
