"""The list of courses in the console: its filters in the address, and its rows in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from coursebook.cldr import date_text, number_text
from coursebook.domain.course_edits.course_state import CourseList, CourseWord
from coursebook.domain.rights import Permission, Rights
from coursebook.services.manage.course_query import ManagedQuery
from coursebook.services.manage.views import ListedManagedCourse
from coursebook.services.views import LocationView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.courses_and_bookings import thumbnail, where

NAMES = ("list", "q")
"""The fields of the address, in their order."""
MAX_WORDS = 200
PAGE_SIZE = 20
MANY_MEETINGS = 2
"""From this number on, a row says how many meetings a course has."""
NOTHING = "\N{EN DASH}"
MAX_COUNTED = 999
"""More courses of a list are not counted."""


@dataclass(frozen=True)
class ListFilters:
    """The query of the page. Empty values: upcoming courses, no search."""

    list: str = ""
    q: str = ""

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}

    def to_query(self, cursor: str | None = None, limit: int | None = None) -> ManagedQuery:
        """Return the filters as the service takes them."""
        state = CourseList(self.list) if self.list else CourseList.UPCOMING
        return ManagedQuery(state=state, q=self.q, limit=limit or PAGE_SIZE, cursor=cursor)


def filters_of(parameters: Mapping[str, str]) -> ListFilters:
    """Return the filters of a query; an invalid value counts as empty."""
    chosen = parameters.get("list", "")
    is_list = chosen in {item.value for item in CourseList if item is not CourseList.UPCOMING}
    words = validation.text(parameters.get("q", ""), MAX_WORDS) or ""
    return ListFilters(list=chosen if is_list else "", q=words.strip())


@dataclass(frozen=True)
class ManagedCourseRow:
    """One course in the list.

    `taken` and `of_places` are "17" and "of 20"; `confirmed_part` and `taken_part` are the widths
    of the bar. `badge` is the state in a word, "" for a course that is open; its `tone` is `good`
    or `plain`. `meetings` is "4 meetings" of a course with several, `missing` what a draft lacks,
    such as "3 missing". `received` are the sums that are kept, "" for people who may not see them.
    `acts` are what the menu offers, by the names of `CourseAct`.
    """

    id: str = ""
    title: str = ""
    href: str = ""
    people_href: str = ""
    duplicate_href: str = ""
    repeat_href: str = ""
    public_href: str = ""
    cancel_href: str = ""
    is_cancelled: bool = False
    place: str = ""
    image: str = ""
    when: str = ""
    meetings: str = ""
    taken: str = ""
    of_places: str = ""
    confirmed_part: str = "0%"
    taken_part: str = "0%"
    state: str = ""
    badge: str = ""
    missing: str = ""
    received: str = ""
    tone: str = "plain"
    menu_label: str = ""
    menu_id: str = ""
    may_edit: bool = False
    acts: list[str] = field(default_factory=list)


def course_row(
    course: ListedManagedCourse, rights: Rights, now: datetime, language: str
) -> ManagedCourseRow:
    """Return one course in words."""
    words, title = i18n.manage_of(language), _title(course, language)
    may_edit = rights.allows(Permission.WRITE_COURSES, course.id)
    may_see_people = rights.allows(Permission.SEE_PEOPLE, course.id)
    may_publish = rights.allows(Permission.PUBLISH_COURSES, course.id)
    form = f"/manage/courses/{course.id}/edit"
    has_date = may_edit and course.starts_at is not None
    row = ManagedCourseRow(
        id=course.id,
        title=title,
        href=form,
        people_href=f"/manage/courses/{course.id}/people" if may_see_people else "",
        duplicate_href=f"{form}?duplicate=yes",
        repeat_href=f"/manage/courses/{course.id}/repeat" if has_date else "",
        public_href=f"/courses/{course.slug}" if course.state != "draft" else "",
        cancel_href=_cancel_href(course, rights),
        is_cancelled=course.state == "cancelled",
        place=_place(course, language),
        image=thumbnail(course),
        when=_when(course, now, language),
        meetings=_meetings(course, language),
        missing=_missing(course, language),
        received=_received(course, language),
        state=words.COURSE_STATE[course.state],
        badge="" if course.state == "open" else words.COURSE_STATE[course.state],
        tone="good" if course.state == "full" else "plain",
        menu_label=words.ROW_MENU.format(title=title),
        menu_id=f"menu-{course.id}",
        may_edit=may_edit,
        acts=_acts(course) if may_publish else [],
    )
    return replace(row, **_places(course, language))


def _cancel_href(course: ListedManagedCourse, rights: Rights) -> str:
    """Return the page that cancels a course, or shows how that went; "" when there is none."""
    is_possible = course.state not in ("draft", "finished") and not course.is_archived
    is_report = course.state == "cancelled"
    may = rights.allows(Permission.CANCEL_COURSES, course.id)
    shown = may and (is_possible or is_report)
    return f"/manage/courses/{course.id}/cancel" if shown else ""


def _title(course: ListedManagedCourse, language: str) -> str:
    return course.title or str(i18n.manage_of(language).UNTITLED)


def _place(course: ListedManagedCourse, language: str) -> str:
    place = course.location
    return where(LocationView(place.kind, place.name or "", place.address or ""), language)


def _when(course: ListedManagedCourse, now: datetime, language: str) -> str:
    """Return the start in the course's own zone; the year only when it is not this one."""
    starts, zone = course.starts_at, course.timezone or "UTC"
    if starts is None:
        return str(i18n.manage_of(language).NO_DATE)
    words, place = i18n.of(language), say.zone_of(zone)
    local = starts.astimezone(place)
    is_this_year = local.year == now.astimezone(place).year
    pattern = words.DAY_SHORT_PATTERN if is_this_year else words.DAY_PATTERN
    day = date_text(local.date(), pattern, language)
    form = i18n.manage_of(language).WHEN_FORM
    return str(form.format(day=day, clock=say.clock(starts, zone, language)))


def _meetings(course: ListedManagedCourse, language: str) -> str:
    if course.meeting_count < MANY_MEETINGS:
        return ""
    return say.counted(course.meeting_count, i18n.of(language).MEETINGS, language)


def _missing(course: ListedManagedCourse, language: str) -> str:
    """Return how many values a draft lacks; what lies in the archive is not published."""
    words = i18n.manage_of(language)
    if course.state != CourseWord.DRAFT or course.is_archived:
        return ""
    if not course.missing:
        return str(words.NOTHING_MISSING)
    return say.counted(len(course.missing), words.MISSING_VALUES, language)


def _received(course: ListedManagedCourse, language: str) -> str:
    """Return what is kept, one sum for each currency; "Free" for a course without a price."""
    sums = course.counts.revenue
    if sums is None:
        return ""
    if sums:
        return " · ".join(say.price(sum_.amount, sum_.currency, language) for sum_ in sums)
    is_free = course.price is not None and course.price.amount == 0
    return str(i18n.of(language).FREE) if is_free else NOTHING


def _places(course: ListedManagedCourse, language: str) -> dict[str, Any]:
    if course.capacity is None:
        return {}
    counts, words = course.counts, i18n.manage_of(language)
    taken = counts.confirmed + counts.held
    return {
        "taken": number_text(taken, language),
        "of_places": words.OF_PLACES.format(all=number_text(course.capacity, language)),
        "confirmed_part": _part(counts.confirmed, course.capacity),
        "taken_part": _part(taken, course.capacity),
    }


def _part(count: int, whole: int) -> str:
    return f"{100 * count / whole:.4g}%"


def _acts(course: ListedManagedCourse) -> list[str]:
    """Return the acts that may be possible; the service decides."""
    if course.is_archived:
        return ["restore"]
    return {
        "draft": ["archive"],
        "open": ["close", "unpublish"],
        "full": ["close", "unpublish"],
        "closed": ["open", "unpublish"],
        "running": [],
        "finished": ["archive"],
        "cancelled": ["archive"],
    }.get(course.state, [])


def count_mark(count: int) -> str:
    """Return the number beside a list: "12", "999+", "" for none."""
    if count > MAX_COUNTED:
        return f"{MAX_COUNTED}+"
    return str(count) if count else ""


def count_words(shown: int, has_more: bool, language: str) -> str:
    """Return how many courses are shown; the number of all of them is not counted."""
    words = i18n.manage_of(language)
    return say.counted(shown, words.FIRST_COURSES if has_more else words.COURSES_SHOWN, language)


def read_as_words(read_as: str, typed: str, language: str) -> str:
    """Return how misspelt words were read; "" when they were right."""
    if not read_as or not typed:
        return ""
    return str(i18n.of(language).READ_AS.format(typed=typed, read=read_as))


def empty_words(filters: ListFilters, language: str) -> str:
    """Return the sentence of a list without courses."""
    words = i18n.manage_of(language)
    if filters.q:
        return str(words.NO_HIT.format(words=filters.q))
    return str(words.EMPTY_LIST[filters.list or CourseList.UPCOMING.value])
