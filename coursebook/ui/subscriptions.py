"""The live subscriptions of a tab, kept in the hub of the process that has the tab's socket."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from coursebook.live import topics
from coursebook.services.views import CourseView
from coursebook.ui import ssr_recording
from coursebook.wiring import services

ManagedPageName = Literal[
    "courses", "people", "cancel", "booking", "message", "inbox", "waiting", "today"
]


@dataclass(frozen=True)
class CourseWatch:
    """A tab that shows courses.

    For a course page: the first of `courses` is its own, the others are other dates of it. `left`
    are the seats left that it showed at first, `versions` those of the courses that it shows.
    """

    tab: str
    language: str
    courses: tuple[str, ...]
    left: int | None = None
    versions: tuple[int, ...] = ()


@dataclass(frozen=True)
class PersonWatch:
    """A tab with a signed-in person, until the token expires (epoch seconds)."""

    tab: str
    subject: str
    until: float


@dataclass(frozen=True)
class ManagedWatch:
    """A tab that shows courses on the operator's side, the people of one, money, or the day.

    The handler of its page reads what the tab may show.
    """

    tab: str
    page: ManagedPageName = "courses"


def watch_managed(tab: str, course_ids: Collection[str], page: ManagedPageName = "courses") -> None:
    """Subscribe a tab to courses on the operator's side, with their bookings."""
    if tab:
        watched = [name(i) for i in course_ids for name in (topics.course, topics.roster)]
        services().live.subscriptions.subscribe(_key(tab), watched, ManagedWatch(tab, page))


def watch_inbox(tab: str) -> None:
    """Subscribe a tab to the money inbox."""
    if tab:
        watch = ManagedWatch(tab, "inbox")
        services().live.subscriptions.subscribe(_key(tab), [topics.INBOX], watch)


def watch_day(tab: str, course_ids: Collection[str], *, sees_inbox: bool) -> None:
    """Subscribe a tab to the courses of a day, and to the money inbox for who may see it."""
    if tab:
        watched = [name(i) for i in course_ids for name in (topics.course, topics.roster)]
        watched += [topics.INBOX] if sees_inbox else []
        services().live.subscriptions.subscribe(_key(tab), watched, ManagedWatch(tab, "today"))


def watch_courses(tab: str, language: str, course_ids: Collection[str]) -> None:
    """Subscribe a tab to the courses of a catalog; without courses end the subscription."""
    _watch(CourseWatch(tab, language, tuple(course_ids)))


def watch_course(
    tab: str, language: str, course: CourseView, others: Collection[CourseView] = ()
) -> None:
    """Subscribe a tab to the course of its page, and to its other dates that the page shows.

    Changes of the course itself are announced by screen readers.
    """
    shown = (course, *others)
    course_ids = tuple(view.id for view in shown)
    versions = tuple(view.version for view in shown)
    _watch(CourseWatch(tab, language, course_ids, course.seats_left, versions))


def watch_person(who: PersonWatch, watched: Collection[str], now: float) -> None:
    """Subscribe a tab to the bookings of its person.

    Reload the tab if its earlier subscription had expired: it may have missed changes.
    """
    before, hub = person_of(who.tab), services().live
    hub.subscriptions.subscribe(f"{who.tab}:person", watched, who)
    if before is not None and before.until < now:
        hub.publish_here(watched)


def person_of(tab: str) -> PersonWatch | None:
    """Return the person whose bookings a tab is subscribed to."""
    watcher = services().live.subscriptions.find(f"{tab}:person")
    return watcher.about if watcher and isinstance(watcher.about, PersonWatch) else None


def watch_waiting(tab: str, course_id: str) -> None:
    """Subscribe a tab to the waiting list on which its person is; "" ends the subscription."""
    key, who = f"{tab}:waiting", person_of(tab)
    if course_id and who is not None:
        services().live.subscriptions.subscribe(key, [topics.waiting(course_id)], who)
    else:
        services().live.subscriptions.unsubscribe(key)


def leave_person(tab: str) -> None:
    """End the subscription to the bookings of the tab's person."""
    services().live.subscriptions.unsubscribe(f"{tab}:person")


def _watch(watch: CourseWatch) -> None:
    key, watchers = _key(watch.tab), services().live.subscriptions
    if not watch.tab:  # rendered on the server: there is no tab yet
        ssr_recording.note_shown(watch.courses)
        return
    if watch.courses:
        watchers.subscribe(key, [topics.course(course_id) for course_id in watch.courses], watch)
    else:
        watchers.unsubscribe(key)


def _key(tab: str) -> str:
    """Return the key of the courses of a tab: a page that shows courses replaces those before."""
    return f"{tab}:courses"
