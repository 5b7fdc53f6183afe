"""The sample courses: valid and bookable at any date they are loaded."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursebook.domain.course import problems, slug_of
from coursebook.services.seeding.sample_courses import sample_courses

PICTURES = Path(__file__).resolve().parents[2] / "assets" / "courses"
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SAMPLES = sample_courses(NOW)
BY_SLUG = {sample.draft.slug: sample for sample in SAMPLES}
SLUGS = sorted(BY_SLUG)


def drafts():
    return [sample.draft for sample in SAMPLES]


def test_the_samples_cover_every_level_and_kind():
    assert len(SAMPLES) >= 12
    assert len({d.currency for d in drafts()}) >= 2
    assert len({d.timezone for d in drafts()}) >= 5
    assert len({d.category for d in drafts()}) >= 5
    assert {d.level for d in drafts()} == {"Beginner", "Intermediate", "Advanced", "All levels"}
    assert len({d.terms for d in drafts()}) >= 4
    assert 0 < sum(d.is_online for d in drafts()) < len(SAMPLES)


def test_one_is_free_one_has_two_places_left_and_one_is_full():
    seats_left = Counter(s.draft.capacity - s.taken for s in SAMPLES)
    assert sum(d.price == 0 for d in drafts()) == 1
    assert seats_left[0] == 1
    assert seats_left[2] >= 1
    assert min(seats_left) == 0


def test_titles_addresses_and_pictures_are_unique_and_belong_together():
    for part in ("title", "slug", "image", "summary", "instructor"):
        assert len({getattr(d, part) for d in drafts()}) == len(SAMPLES)
    for draft in drafts():
        assert draft.slug == slug_of(draft.title)
        assert draft.image == f"/courses/{draft.slug}.svg"


@pytest.mark.parametrize("slug", SLUGS)
def test_every_sample_is_a_valid_course(slug):
    assert problems(BY_SLUG[slug].draft, NOW) == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_summary_fits_a_card_and_a_description_fills_a_page(slug):
    draft = BY_SLUG[slug].draft
    assert 60 <= len(draft.summary) <= 160
    assert 120 <= len(draft.description.split()) <= 250
    assert "## " in draft.description
    assert not re.search(r"<|https?://|TODO|lorem", draft.description, re.IGNORECASE)


moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime(2036, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(moments)
@settings(max_examples=40)
def test_at_any_load_date_courses_are_ahead_with_local_hours(now):
    for sample in sample_courses(now):
        draft = sample.draft
        zone = ZoneInfo(draft.timezone)
        starts, ends = draft.starts_at.astimezone(zone), draft.ends_at.astimezone(zone)
        assert problems(draft, now) == ()
        assert timedelta(days=3) < draft.starts_at - now < timedelta(days=60)
        assert 8 <= starts.hour <= 22
        assert 10 <= ends.hour <= 23
        same = BY_SLUG[draft.slug].draft
        assert starts.timetz().replace(tzinfo=None) == same.starts_at.timetz().replace(tzinfo=None)
        assert starts.weekday() == same.starts_at.weekday()


def test_summer_time_changes_utc_but_not_the_local_hour():
    winter = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
    summer = datetime(2027, 6, 7, 12, 0, tzinfo=UTC)
    hours = []
    for now in (winter, summer):
        draft = next(s.draft for s in sample_courses(now) if s.draft.timezone == "Europe/Vienna")
        assert draft.starts_at.hour == 9
        hours.append(draft.starts_at.astimezone(UTC).hour)
    assert hours == [8, 7]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_picture_is_small_and_contains_no_script(slug):
    file = PICTURES / f"{slug}.svg"
    assert file.stat().st_size <= 6 * 1024
    root = ET.fromstring(file.read_text("utf-8"))
    assert root.attrib["viewBox"] == "0 0 800 500"
    allowed = {"svg", "g", "defs", "use", "clipPath", "path", "rect", "circle", "ellipse"}
    for part in root.iter():
        assert part.tag.removeprefix("{http://www.w3.org/2000/svg}") in allowed
        assert not (part.text or "").strip()
        for name, said in part.attrib.items():
            assert not name.startswith("on")
            assert "://" not in said


def test_no_picture_is_unused():
    assert {file.stem for file in PICTURES.glob("*.svg")} == set(SLUGS)
