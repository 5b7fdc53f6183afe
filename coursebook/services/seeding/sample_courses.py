"""The sample courses: one file each in `samples/`, with dates that follow today.

A file gives the first day as a weekday and a minimum number of days from now, and the hours in
local time, so that a course begins at ten o'clock before and after a change to summer time.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from coursebook.domain.course import CourseDraft
from coursebook.domain.terms import Terms, TermStep

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SAME_AS_DRAFT = (
    "title",
    "summary",
    "description",
    "category",
    "level",
    "instructor",
    "place_name",
    "timezone",
    "price",
    "currency",
    "capacity",
)


@dataclass(frozen=True)
class Sample:
    """A sample course, and how many of its places sample students have taken."""

    draft: CourseDraft
    taken: int


def sample_courses(now: datetime) -> tuple[Sample, ...]:
    """Return all sample courses, dated from `now`, in the order of their addresses (slugs)."""
    folder = resources.files("coursebook.services.seeding") / "samples"
    files = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda file: file.name
    )
    return tuple(
        _sample(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")), now)
        for file in files
    )


def _sample(slug: str, data: dict[str, Any], now: datetime) -> Sample:
    starts_at, ends_at = _hours(data, now)
    draft = CourseDraft(
        **{name: data[name] for name in SAME_AS_DRAFT},
        slug=slug,
        is_online=data.get("online", False),
        place_address=data.get("place_address", ""),
        join_url=data.get("join_url", ""),
        image=f"/courses/{slug}.svg",
        starts_at=starts_at,
        ends_at=ends_at,
        terms=Terms(tuple(TermStep(hours, share) for hours, share in data["terms"])),
    )
    return Sample(draft, data["taken"])


def _hours(data: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    zone = ZoneInfo(data["timezone"])
    earliest = now.astimezone(zone).date() + timedelta(days=data["from_days"])
    wait = (WEEKDAYS.index(data["weekday"]) - earliest.weekday()) % 7
    first = earliest + timedelta(days=wait)
    last = first + timedelta(days=data.get("days", 1) - 1)
    starts, ends = time.fromisoformat(data["starts"]), time.fromisoformat(data["ends"])
    return datetime.combine(first, starts, zone), datetime.combine(last, ends, zone)
