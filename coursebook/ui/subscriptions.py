"""What a tab looks at, kept with the hub of the process that has the tab's socket."""

from collections.abc import Collection
from dataclasses import dataclass

from coursebook.live import topics
from coursebook.services.views import CourseView
from coursebook.wiring import services


@dataclass(frozen=True)
class Looking:
    """A tab that shows courses. `left`: the places that a course page said at first."""

    tab: str
    language: str
    courses: tuple[str, ...]
    left: int | None = None


@dataclass(frozen=True)
class Being:
    """A tab that somebody is signed in at, until their token ends (epoch seconds)."""

    tab: str
    subject: str
    until: float


def watch_courses(tab: str, language: str, shown: Collection[str]) -> None:
    """Watch the courses of a catalog; none for a page that has none."""
    _watch(Looking(tab, language, tuple(shown)))


def watch_course(tab: str, language: str, shown: CourseView) -> None:
    """Watch the course of a page, whose changes are spoken."""
    _watch(Looking(tab, language, (shown.id,), shown.seats_left))


def watch_person(who: Being, watched: Collection[str], now: float) -> None:
    """Watch the bookings of the person of a tab.

    While a token was over nothing was heard: then the tab looks again.
    """
    before, hub = person_of(who.tab), services().live
    hub.subscriptions.subscribe(f"{who.tab}:person", watched, who)
    if before is not None and before.until < now:
        hub.publish_here(watched)


def person_of(tab: str) -> Being | None:
    """Return whose bookings a tab watches."""
    found = services().live.subscriptions.find(f"{tab}:person")
    return found.about if found and isinstance(found.about, Being) else None


def leave_person(tab: str) -> None:
    """Nobody is signed in at this tab any more: it hears of nobody."""
    services().live.subscriptions.unsubscribe(f"{tab}:person")


def _watch(looking: Looking) -> None:
    key, watchers = f"{looking.tab}:courses", services().live.subscriptions
    if not looking.tab:  # drawn on the server, for a browser that is yet to come
        return
    if looking.courses:
        watchers.subscribe(key, [topics.course(one) for one in looking.courses], looking)
    else:
        watchers.unsubscribe(key)
