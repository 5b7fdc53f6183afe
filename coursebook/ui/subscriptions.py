"""The live subscriptions of a tab, kept in the hub of the process that has the tab's socket."""

from collections.abc import Collection
from dataclasses import dataclass

from coursebook.live import topics
from coursebook.services.views import CourseView
from coursebook.wiring import services


@dataclass(frozen=True)
class Looking:
    """A tab that shows courses. `left`: the seats left that a course page showed at first."""

    tab: str
    language: str
    courses: tuple[str, ...]
    left: int | None = None


@dataclass(frozen=True)
class Being:
    """A tab with a signed-in person, until the token expires (epoch seconds)."""

    tab: str
    subject: str
    until: float


def watch_courses(tab: str, language: str, shown: Collection[str]) -> None:
    """Subscribe a tab to the courses of a catalog; without courses end the subscription."""
    _watch(Looking(tab, language, tuple(shown)))


def watch_course(tab: str, language: str, shown: CourseView) -> None:
    """Subscribe a tab to the course of its page; changes are announced by screen readers."""
    _watch(Looking(tab, language, (shown.id,), shown.seats_left))


def watch_person(who: Being, watched: Collection[str], now: float) -> None:
    """Subscribe a tab to the bookings of its person.

    Reload the tab if its earlier subscription had expired: it may have missed changes.
    """
    before, hub = person_of(who.tab), services().live
    hub.subscriptions.subscribe(f"{who.tab}:person", watched, who)
    if before is not None and before.until < now:
        hub.publish_here(watched)


def person_of(tab: str) -> Being | None:
    """Return the person whose bookings a tab is subscribed to."""
    watcher = services().live.subscriptions.find(f"{tab}:person")
    return watcher.about if watcher and isinstance(watcher.about, Being) else None


def leave_person(tab: str) -> None:
    """End the subscription to the bookings of the tab's person."""
    services().live.subscriptions.unsubscribe(f"{tab}:person")


def _watch(looking: Looking) -> None:
    key, watchers = f"{looking.tab}:courses", services().live.subscriptions
    if not looking.tab:  # rendered on the server: there is no tab yet
        return
    if looking.courses:
        watchers.subscribe(
            key, [topics.course(course_id) for course_id in looking.courses], looking
        )
    else:
        watchers.unsubscribe(key)
