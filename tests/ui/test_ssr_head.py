"""Structured data about courses: valid, and no title can break out of the script."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coursebook.services.views import CourseView, LocationView, MeetingView, MoneyView
from coursebook.ui.presenters.structured_data import catalog_head, course_head

PUBLIC = "https://courses.example.org"
POTTERY = CourseView(
    id="crs_1",
    slug="pottery",
    title="Pottery",
    summary="Clay.",
    category="craft",
    level="beginner",
    instructor="Tess",
    location=LocationView("place", "Hall", "Street 1, Berlin"),
    starts_at=datetime(2026, 12, 5, 9, tzinfo=UTC),
    ends_at=datetime(2026, 12, 5, 12, tzinfo=UTC),
    timezone="Europe/Berlin",
    price=MoneyView(4550, "eur"),
    capacity=10,
    seats_left=3,
    status="open",
    image="pottery.svg",
)
HOSTILE = "</script><img src=x onerror=alert(1)><!--<script>&\u2028\u2029\"'"


def data_of(tag: str) -> dict:
    match = re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', tag, re.DOTALL)
    assert match
    return json.loads(match[1])


def test_a_course_is_described_with_its_offer():
    said = data_of(course_head(POTTERY, PUBLIC))
    assert (said["@context"], said["@type"]) == ("https://schema.org", "Course")
    assert (said["name"], said["url"]) == ("Pottery", f"{PUBLIC}/courses/pottery")
    offer = said["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("45.50", "EUR")
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["inventoryLevel"]["value"] == 3
    assert said["hasCourseInstance"]["startDate"] == "2026-12-05T09:00:00+00:00"


def test_several_meetings_are_events_of_the_course_on_its_page_only():
    beach = LocationView("place", "The beach", "")
    weeks = [POTTERY.starts_at, POTTERY.starts_at + timedelta(weeks=1)]
    meetings = tuple(MeetingView(start, start + timedelta(hours=3), beach) for start in weeks)
    course = replace(POTTERY, meetings=meetings)
    events = data_of(course_head(course, PUBLIC))["hasCourseInstance"]["subEvent"]
    assert [event["startDate"] for event in events] == [start.isoformat() for start in weeks]
    assert {event["location"]["name"] for event in events} == {"The beach"}
    assert "subEvent" not in course_head(replace(course, meetings=meetings[:1]), PUBLIC)
    assert "subEvent" not in catalog_head([course], PUBLIC)


@pytest.mark.parametrize(
    ("price", "expected", "category"),
    [
        (MoneyView(4500, "jpy"), "4500", "Paid"),
        (MoneyView(5, "usd"), "0.05", "Paid"),
        (MoneyView(0, "eur"), "0.00", "Free"),
    ],
)
def test_prices_are_exact_in_every_currency(price: MoneyView, expected: str, category: str):
    offer = data_of(course_head(replace(POTTERY, price=price), PUBLIC))["offers"]
    assert (offer["price"], offer["category"]) == (expected, category)


def test_a_full_course_is_sold_out_and_an_online_one_has_no_street():
    online = LocationView("online", "Online", "")
    course = replace(POTTERY, status="full", seats_left=0, location=online)
    said = data_of(course_head(course, PUBLIC))
    assert said["offers"]["availability"] == "https://schema.org/SoldOut"
    assert said["hasCourseInstance"]["courseMode"] == "Online"
    assert said["hasCourseInstance"]["location"]["@type"] == "VirtualLocation"


def test_no_title_ends_the_script_it_stands_in():
    course = replace(POTTERY, title=HOSTILE, summary=HOSTILE, instructor=HOSTILE)
    for tag in (course_head(course, PUBLIC), catalog_head([course], PUBLIC)):
        inside = tag.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
        assert not set("<>&\u2028\u2029") & set(inside)
    assert data_of(course_head(course, PUBLIC))["name"] == HOSTILE


def test_the_catalog_lists_its_courses_in_order():
    other = replace(POTTERY, slug="glass", title="Glass")
    items = data_of(catalog_head([POTTERY, other], PUBLIC))["itemListElement"]
    assert [(i["position"], i["item"]["name"]) for i in items] == [(1, "Pottery"), (2, "Glass")]
    assert data_of(catalog_head([], PUBLIC))["itemListElement"] == []
