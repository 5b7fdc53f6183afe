"""Validation of course drafts: every field, every limit, all problems at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.course import (
    LEVELS,
    MAX_CAPACITY,
    MAX_LENGTHS,
    REQUIRED,
    SLUG,
    CourseDraft,
    problems,
    slug_of,
)
from coursebook.domain.money import CURRENCIES
from coursebook.persistence.schema.tables import Course

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
GOOD = CourseDraft(
    slug="bread-in-a-day",
    title="Bread in a Day",
    summary="Bake.",
    description="You bake.",
    category="Food",
    level="Beginner",
    instructor="Ada",
    is_online=False,
    place_name="The Bakery",
    place_address="1 Mill Lane",
    timezone="Europe/Lisbon",
    starts_at=NOW + timedelta(days=10),
    ends_at=NOW + timedelta(days=10, hours=4),
    price=4500,
    currency="eur",
    capacity=12,
    image="/courses/bread-in-a-day.svg",
)


def wrong_with(**changes):
    """Return the pointers of the problems of the good draft after these changes."""
    return [error.pointer for error in problems(replace(GOOD, **changes), NOW)]


def test_a_good_draft_has_no_problems():
    assert problems(GOOD, NOW) == ()


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", ["", "   ", "\n\t"])
def test_required_texts_may_not_be_empty(name, empty):
    assert f"/{name}" in wrong_with(**{name: empty})


@pytest.mark.parametrize("name", sorted(MAX_LENGTHS))
def test_a_text_that_is_too_long_is_named(name):
    longest = MAX_LENGTHS[name]
    begin = {"image": "/", "join_url": "https://"}.get(name, "")
    fits = begin + "a" * (longest - len(begin))
    is_online = name == "join_url"
    assert wrong_with(is_online=is_online, **{name: fits}) == []
    assert wrong_with(is_online=is_online, **{name: fits + "a"}) == [f"/{name}"]


@pytest.mark.parametrize(
    "name", sorted(set(MAX_LENGTHS) - {"description", "attendee_info", "internal_note"})
)
def test_every_valid_draft_fits_the_columns(name):
    assert Course.__table__.columns[name].type.length == MAX_LENGTHS[name]


def test_all_problems_are_reported_at_once():
    pointers = wrong_with(title="", capacity=0, price=10, timezone="Mars/Olympus", level="Expert")
    assert pointers == ["/title", "/level", "/capacity", "/price", "/timezone"]


def test_every_problem_is_a_sentence():
    bad = replace(
        GOOD, title="", summary="x" * 999, capacity=0, price=-1, level="", image="x", slug="A B"
    )
    for error in problems(bad, NOW):
        assert error.detail.endswith(".")
        assert error.detail[0].isupper()


@pytest.mark.parametrize("level", LEVELS)
def test_the_four_levels_are_accepted(level):
    assert wrong_with(level=level) == []


@pytest.mark.parametrize("level", ["", "beginner", "Expert"])
def test_other_levels_are_refused(level):
    assert wrong_with(level=level) == ["/level"]


@pytest.mark.parametrize("code", sorted(CURRENCIES))
def test_a_course_is_free_or_costs_a_chargeable_amount(code):
    least = CURRENCIES[code].minimum
    assert wrong_with(price=0, currency=code) == []
    assert wrong_with(price=least, currency=code) == []
    assert wrong_with(price=least - 1, currency=code) == ["/price"]


def test_an_unknown_currency_is_reported_on_the_currency():
    assert wrong_with(currency="btc") == ["/currency"]


@pytest.mark.parametrize("price", [45.0, "4500", None, True])
def test_a_price_is_a_whole_number(price):
    assert wrong_with(price=price) == ["/price"]


@pytest.mark.parametrize("capacity", [1, 12, MAX_CAPACITY])
def test_a_course_has_at_least_one_seat(capacity):
    assert wrong_with(capacity=capacity) == []


@pytest.mark.parametrize("capacity", [0, -1, MAX_CAPACITY + 1, 2.5, True, None, "12"])
def test_other_capacities_are_refused(capacity):
    assert wrong_with(capacity=capacity) == ["/capacity"]


def test_a_course_ends_after_it_starts():
    start = GOOD.starts_at
    assert wrong_with(ends_at=start) == ["/ends_at"]
    assert wrong_with(ends_at=start - timedelta(minutes=1)) == ["/ends_at"]
    assert wrong_with(ends_at=start + timedelta(minutes=1)) == []
    assert wrong_with(ends_at=start + timedelta(days=367)) == ["/ends_at"]


def test_a_course_starts_in_the_future():
    day = timedelta(days=1)
    assert wrong_with(starts_at=NOW, ends_at=NOW + day) == ["/starts_at"]
    assert wrong_with(starts_at=NOW - day, ends_at=NOW + day) == ["/starts_at"]


def test_a_time_without_a_zone_is_refused_and_not_compared():
    assert wrong_with(starts_at=datetime(2027, 4, 1, 10)) == ["/starts_at"]  # noqa: DTZ001
    assert wrong_with(ends_at=datetime(2027, 4, 1, 10)) == ["/starts_at"]  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "Asia/Kolkata", "America/New_York", "UTC"])
def test_a_zone_is_named_as_in_the_tz_database(zone):
    assert wrong_with(timezone=zone) == []


@pytest.mark.parametrize("zone", ["", "Lisbon", "+01:00", "../../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_refused(zone):
    assert wrong_with(timezone=zone) == ["/timezone"]


@pytest.mark.parametrize("name", ["place_name", "place_address"])
def test_the_link_of_an_online_course_has_a_field_of_its_own(name):
    online = {"is_online": True, "place_address": "", "join_url": "https://zoom.example/j/1"}
    assert wrong_with(**online) == []
    assert wrong_with(**online | {name: "Zoom: https://zoom.example/j/1"}) == [f"/{name}"]
    assert wrong_with(**online | {"join_url": "zoom.example"}) == ["/join_url"]
    assert wrong_with(**online | {"join_url": "javascript:alert(1)"}) == ["/join_url"]
    assert wrong_with(join_url="https://zoom.example/j/1") == ["/join_url"]


def test_a_venue_needs_an_address_and_an_online_course_does_not():
    assert wrong_with(place_address="") == ["/place_address"]
    assert wrong_with(place_address="", is_online=True) == []


@pytest.mark.parametrize("slug", ["a", "bread-in-a-day", "2-days", "x1"])
def test_valid_slugs(slug):
    assert wrong_with(slug=slug) == []


@pytest.mark.parametrize("slug", ["Bread", "a--b", "-a", "a-", "a b", "a/b", "café", "a_b", "a\n"])
def test_invalid_slugs(slug):
    assert wrong_with(slug=slug) == ["/slug"]


@pytest.mark.parametrize(
    "image",
    ["//evil.example/x.svg", "http://a/b", "https://a/b", "x.svg", "/a/../b", "/a b", "/", "/.env"],
)
def test_a_picture_must_be_one_of_our_own(image):
    assert wrong_with(image=image) == ["/image"]


def test_a_course_may_have_no_picture():
    assert wrong_with(image="") == []


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Café à la carte", "cafe-a-la-carte"),
        ("  Bread & Butter!  ", "bread-butter"),
        ("Straße 7", "strasse-7"),
        ("Ada's and Bo\u2019s Day", "adas-and-bos-day"),
        ("Ærø", "r"),
        ("日本", ""),
        ("a" * 300, "a" * 120),
    ],
)
def test_the_slug_comes_from_the_title(title, slug):
    assert slug_of(title) == slug


@given(st.text(max_size=300))
def test_any_title_gives_a_valid_slug_or_none(title):
    slug = slug_of(title)
    assert len(slug) <= MAX_LENGTHS["slug"]
    assert slug == "" or SLUG.fullmatch(slug)
