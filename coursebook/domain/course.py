"""The rules for a course that can be offered. Every problem of a draft is reported at once.

The limits of length are those of the table; the rules of prices are those of `money.py`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from coursebook.domain.course_fields import CourseField, Values, problems_of
from coursebook.domain.money import CURRENCIES, price_problem
from coursebook.domain.online_room import WEB_ADDRESS, has_link
from coursebook.domain.terms import STANDARD, Terms
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
}
"""Maximum characters of each text."""
REQUIRED = ("title", "summary", "description", "category", "instructor", "place_name", "slug")
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
    school's fields; None removes one.
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


def problems(
    draft: CourseDraft, now: datetime, fields: Sequence[CourseField] = ()
) -> tuple[FieldError, ...]:
    """Return every problem of a draft; empty when it can be offered."""
    return (
        *_texts(draft),
        *_words(draft),
        *_address(draft),
        *_places(draft),
        *_price(draft),
        *_dates(draft, now),
        *problems_of(fields, draft.extra),
    )


def slug_of(title: str) -> str:
    """Return the slug of a title: `Ada's Café` → `adas-cafe`."""
    whole = title.replace("ß", "ss").replace("'", "")
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", plain.decode().lower())
    return "-".join(words)[: MAX_LENGTHS["slug"]].strip("-")


def _texts(draft: CourseDraft) -> Iterator[FieldError]:
    for name, max_length in MAX_LENGTHS.items():
        value: str = getattr(draft, name)
        if name in REQUIRED and not value.strip():
            yield FieldError(f"/{name}", f"The {_label(name)} is missing.")
        elif len(value) > max_length:
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


def _address(draft: CourseDraft) -> Iterator[FieldError]:
    if not draft.is_online and not draft.place_address.strip():
        yield FieldError("/place_address", "An in-person course needs an address.")
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


def _places(draft: CourseDraft) -> Iterator[FieldError]:
    if isinstance(draft.capacity, bool) or not isinstance(draft.capacity, int):
        yield FieldError("/capacity", "The number of places must be a whole number.")
    elif not 1 <= draft.capacity <= MAX_CAPACITY:
        yield FieldError("/capacity", f"A course must have 1 to {MAX_CAPACITY} places.")


def _price(draft: CourseDraft) -> Iterator[FieldError]:
    problem = price_problem(draft.price, draft.currency)
    if problem is not None:
        yield FieldError("/price" if draft.currency in CURRENCIES else "/currency", problem)


def _dates(draft: CourseDraft, now: datetime) -> Iterator[FieldError]:
    if draft.timezone not in _zones():
        yield FieldError("/timezone", "The time zone must be a name such as Europe/Lisbon.")
    if draft.starts_at.tzinfo is None or draft.ends_at.tzinfo is None:
        yield FieldError("/starts_at", "Times need a time zone.")
        return
    if draft.starts_at <= now:
        yield FieldError("/starts_at", "The start is in the past.")
    if draft.ends_at <= draft.starts_at:
        yield FieldError("/ends_at", "The end must be after the start.")
    elif draft.ends_at - draft.starts_at > MAX_DURATION:
        yield FieldError("/ends_at", "A course can last a year at most.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _label(name: str) -> str:
    labels = {
        "place_name": "place",
        "place_address": "address",
        "join_url": "link for joining",
        "image": "picture",
    }
    return labels.get(name, name)
