"""The rules for a course. Every problem is reported at once.

A course that is not offered yet may be incomplete, but what it has must be well-formed. The limits
of length are those of the table; the rules of prices are those of `money.py`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from coursebook.domain.course_edits.reminder import WRONG_LEAD, is_lead
from coursebook.domain.course_fields import CourseField, Values, problems_of
from coursebook.domain.money import CURRENCIES, price_problem
from coursebook.domain.online_room import WEB_ADDRESS, has_link
from coursebook.domain.terms import STANDARD, Terms
from coursebook.domain.waiting_list.turn import WRONG_TURN, is_turn
from coursebook.errors import FieldError

LEVELS = ("Beginner", "Intermediate", "Advanced", "All levels")
MAX_LENGTHS = {
    "title": 160,
    "summary": 400,
    "category": 60,
    "instructor": 120,
    "place_name": 160,
    "place_address": 300,
    "join_url": 300,
    "image": 200,
    "slug": 120,
    "description": 20_000,
    "attendee_info": 5_000,
    "internal_note": 5_000,
}
"""Maximum characters of each text."""
REQUIRED = ("title", "summary", "description", "category", "instructor", "place_name", "slug")
"""The texts that a course needs to be offered."""
CHOSEN = {
    "timezone": "time zone",
    "starts_at": "start",
    "ends_at": "end",
    "price": "price",
    "capacity": "number of places",
}
"""The other values that a course needs to be offered, with their names in sentences."""
MAX_CAPACITY = 100_000
MAX_DURATION = timedelta(days=366)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
IMAGE = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


@dataclass(frozen=True)
class CourseDraft:
    """A course as it was entered, before validation.

    `place_name` is the venue, or for online courses the way to take part in words. `join_url` is
    the room of an online course, which only people with a confirmed place see. `price` is in minor
    units of `currency`; `image` is a path below `assets/`, or empty. `extra` has values of the
    school's fields; None removes one. `attendee_info` (Markdown) is for people who have booked,
    `internal_note` only for those who manage the course. Booking ends at `booking_closes_at`, or
    shortly before the start when it is None. People are reminded `reminder_minutes` before the
    start: 0 is never, None is as the school does.
    `has_waiting_list`: people may wait when it is full. A place that becomes free is offered to one
    of them for `offer_minutes` at most; None is as the school does.
    """

    slug: str
    title: str
    summary: str
    description: str
    category: str
    level: str
    instructor: str
    is_online: bool
    place_name: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    price: int
    currency: str
    capacity: int
    place_address: str = ""
    join_url: str = ""
    image: str = ""
    terms: Terms = field(default=STANDARD)
    extra: Values = field(default_factory=dict)
    attendee_info: str = ""
    internal_note: str = ""
    booking_closes_at: datetime | None = None
    reminder_minutes: int | None = None
    has_waiting_list: bool = True
    offer_minutes: int | None = None


def problems(
    draft: CourseDraft, now: datetime, fields: Sequence[CourseField] = ()
) -> tuple[FieldError, ...]:
    """Return every problem of a new course; empty when it can be offered."""
    return (*missing(draft, (), fields), *malformed(draft), *start_problems(draft, now))


def malformed(draft: CourseDraft) -> tuple[FieldError, ...]:
    """Return the values that no course may have, whether it is offered or not."""
    return (
        *_lengths(draft),
        *_words(draft),
        *_place(draft),
        *_capacity(draft),
        *_price(draft),
        *_dates(draft),
        *_reminder(draft),
        *_turn(draft),
    )


def missing(
    draft: CourseDraft, unset: Collection[str] = (), fields: Sequence[CourseField] = ()
) -> tuple[FieldError, ...]:
    """Return what a course lacks to be offered. `unset` names values that are placeholders."""
    return (
        *(
            FieldError(f"/{name}", f"The {_label(name)} is missing.")
            for name in (*REQUIRED, *CHOSEN)
            if name in unset or (name in REQUIRED and not getattr(draft, name).strip())
        ),
        *_missing_address(draft),
        *problems_of(fields, draft.extra),
    )


def start_problems(draft: CourseDraft, now: datetime) -> tuple[FieldError, ...]:
    """Return the problem of a start that is over. It is none of a course that has begun since."""
    if draft.starts_at.tzinfo is None or draft.starts_at > now:
        return ()
    return (FieldError("/starts_at", "The start is in the past."),)


def slug_of(title: str) -> str:
    """Return the slug of a title: `Ada's Café` → `adas-cafe`."""
    whole = title.replace("ß", "ss").replace("'", "")
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", plain.decode().lower())
    return "-".join(words)[: MAX_LENGTHS["slug"]].strip("-")


def _lengths(draft: CourseDraft) -> Iterator[FieldError]:
    for name, max_length in MAX_LENGTHS.items():
        if len(getattr(draft, name)) > max_length:
            yield FieldError(
                f"/{name}", f"The {_label(name)} may have {max_length} characters at most."
            )


def _words(draft: CourseDraft) -> Iterator[FieldError]:
    if draft.level not in LEVELS:
        yield FieldError("/level", f"The level must be one of: {', '.join(LEVELS)}.")
    if draft.slug and not SLUG.fullmatch(draft.slug):
        yield FieldError(
            "/slug", "The address may contain only a-z, 0-9 and single hyphens in between."
        )
    if draft.image and not IMAGE.fullmatch(draft.image):
        yield FieldError(
            "/image", "The picture must be a path on this site, such as /courses/bread.svg."
        )


def _missing_address(draft: CourseDraft) -> Iterator[FieldError]:
    if not draft.is_online and not draft.place_address.strip():
        yield FieldError("/place_address", "An in-person course needs an address.")


def _place(draft: CourseDraft) -> Iterator[FieldError]:
    yield from _join_url(draft)
    for name in ("place_name", "place_address"):
        if draft.is_online and has_link(getattr(draft, name)):
            yield FieldError(
                f"/{name}",
                f"Everybody can read the {_label(name)}. Put the link for joining into its own "
                "field, which only people with a confirmed place can see.",
            )


def _join_url(draft: CourseDraft) -> Iterator[FieldError]:
    if not draft.join_url or len(draft.join_url) > MAX_LENGTHS["join_url"]:
        return
    if not draft.is_online:
        yield FieldError("/join_url", "Only an online course has a link for joining.")
    elif not WEB_ADDRESS.fullmatch(draft.join_url):
        yield FieldError("/join_url", "The link for joining must begin with https://.")


def _capacity(draft: CourseDraft) -> Iterator[FieldError]:
    if isinstance(draft.capacity, bool) or not isinstance(draft.capacity, int):
        yield FieldError("/capacity", "The number of places must be a whole number.")
    elif not 1 <= draft.capacity <= MAX_CAPACITY:
        yield FieldError("/capacity", f"A course must have 1 to {MAX_CAPACITY} places.")


def _price(draft: CourseDraft) -> Iterator[FieldError]:
    problem = price_problem(draft.price, draft.currency)
    if problem is not None:
        yield FieldError("/price" if draft.currency in CURRENCIES else "/currency", problem)


def _dates(draft: CourseDraft) -> Iterator[FieldError]:
    if draft.timezone not in _zones():
        yield FieldError("/timezone", "The time zone must be a name such as Europe/Lisbon.")
    if draft.starts_at.tzinfo is None or draft.ends_at.tzinfo is None:
        yield FieldError("/starts_at", "Times need a time zone.")
        return
    if draft.ends_at <= draft.starts_at:
        yield FieldError("/ends_at", "The end must be after the start.")
    elif draft.ends_at - draft.starts_at > MAX_DURATION:
        yield FieldError("/ends_at", "A course can last a year at most.")
    closes_at = draft.booking_closes_at
    if closes_at is not None and closes_at > draft.starts_at:
        yield FieldError("/booking_closes_at", "Booking must close before the course starts.")


def _reminder(draft: CourseDraft) -> Iterator[FieldError]:
    if draft.reminder_minutes is not None and not is_lead(draft.reminder_minutes):
        yield FieldError("/reminder_minutes", WRONG_LEAD)


def _turn(draft: CourseDraft) -> Iterator[FieldError]:
    if draft.offer_minutes is not None and not is_turn(draft.offer_minutes):
        yield FieldError("/offer_minutes", WRONG_TURN)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _label(name: str) -> str:
    labels = {
        "place_name": "place",
        "place_address": "address",
        "join_url": "link for joining",
        "image": "picture",
        "attendee_info": "information for attendees",
        "internal_note": "internal note",
        **CHOSEN,
    }
    return labels.get(name, name)
