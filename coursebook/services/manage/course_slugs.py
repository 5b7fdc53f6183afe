"""The addresses of courses: one for each, and never that of another one, not even an old one."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from coursebook.domain.course import MAX_LENGTHS, slug_of
from coursebook.domain.course_edits.local_time import local_day
from coursebook.errors import FieldError, Invalid
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import UnitOfWork

MAX_NUMBERED = 50
TAKEN = "This address belongs to another course, or did once."


class SlugTaken(Invalid):
    """The refusal of a slug that another course has or had."""

    def __init__(self) -> None:
        super().__init__([FieldError("/slug", TAKEN)])


async def is_free(work: UnitOfWork, slug: str, course_id: str) -> bool:
    """Whether a course may have this slug."""
    holder = await work.courses.id_of_slug(slug) or await work.slug_redirects.course_id_of(slug)
    return holder in (None, course_id)


async def slug_for(
    work: UnitOfWork, title: str, starts_at: datetime | None, zone: str, course_id: str
) -> str:
    """Return a free slug made of the title: alone, with the day, or with a number."""
    for slug in _candidates(title, starts_at, zone):
        if await is_free(work, slug, course_id):
            return slug
    return new_slug()


def new_slug() -> str:
    """Return the slug of a course without a title."""
    return new_id("course").replace("_", "-")


async def move_slug(
    work: UnitOfWork, course: Course, slug: str, *, is_public: bool, now: datetime
) -> None:
    """Give a locked course another slug. People who have the old address still find it.

    Raises Invalid when it is not free.
    """
    old = course.slug
    course.slug = slug
    await work.flush()  # waits for another course that takes or leaves this slug just now
    holder = await work.slug_redirects.course_id_of(slug)
    if holder not in (None, course.id):
        raise SlugTaken
    await work.slug_redirects.drop(slug)
    if is_public:
        await work.slug_redirects.keep(old, course.id, now)


def _candidates(title: str, starts_at: datetime | None, zone: str) -> Iterator[str]:
    base = slug_of(title)
    if not base:
        return
    yield base
    if starts_at is not None:
        yield with_ending(base, local_day(starts_at, ZoneInfo(zone)).isoformat())
    for number in range(2, MAX_NUMBERED):
        yield with_ending(base, str(number))


def with_ending(base: str, ending: str) -> str:
    """Return a slug with an ending, as long as slugs may be."""
    room = MAX_LENGTHS["slug"] - len(ending) - 1
    return f"{base[:room].strip('-')}-{ending}"
