"""Structured data about courses for the head of a page: schema.org as JSON-LD.

Titles and texts are user input, so they are escaped: they must not close the script element.
Source: schema.org/Course, schema.org/CourseInstance, schema.org/Offer, and
developers.google.com/search/docs/appearance/structured-data/course-info.
"""

import json
from collections.abc import Sequence
from typing import Any

from coursebook import school
from coursebook.domain.money import CURRENCIES
from coursebook.services.views import CourseView, LocationView, MeetingView, MoneyView

SCHEMA = "https://schema.org"
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_STOCK = {"open": "InStock", "full": "SoldOut", "closed": "OutOfStock"}


def course_head(course: CourseView, public_url: str, school_name: str = "") -> str:
    """Return the tag that describes one course with its offer, and its meetings if several.

    `school_name` is "" for that of `school.toml` and the environment, here and below.
    """
    data = _course(course, public_url, school_name)
    if len(course.meetings) > 1:
        data["hasCourseInstance"]["subEvent"] = [
            _meeting(course, meeting, data["url"]) for meeting in course.meetings
        ]
    return _script({"@context": SCHEMA, **data})


def first_course_head(courses: Sequence[CourseView], public_url: str, school_name: str = "") -> str:
    """Return the tag of the page of one course, "" when there is no such course."""
    return course_head(courses[0], public_url, school_name) if courses else ""


def catalog_head(courses: Sequence[CourseView], public_url: str, school_name: str = "") -> str:
    """Return the tag that lists these courses, each with its offer."""
    items = [
        {"@type": "ListItem", "position": number, "item": _course(course, public_url, school_name)}
        for number, course in enumerate(courses, 1)
    ]
    return _script({"@context": SCHEMA, "@type": "ItemList", "itemListElement": items})


def _script(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return f'<script type="application/ld+json">{text}</script>'


def _course(course: CourseView, public_url: str, school_name: str) -> dict[str, Any]:
    url = f"{public_url}/courses/{course.slug}"
    name = school_name or school.current().name
    return {
        "@type": "Course",
        "@id": url,
        "url": url,
        "name": course.title,
        "description": course.summary,
        "educationalLevel": course.level,
        "provider": {"@type": "Organization", "name": name, "url": public_url},
        "hasCourseInstance": {
            "@type": "CourseInstance",
            "courseMode": "Online" if course.location.kind == "online" else "Onsite",
            "startDate": course.starts_at.isoformat(),
            "endDate": course.ends_at.isoformat(),
            "location": _location(course.location, url),
            "instructor": {"@type": "Person", "name": course.instructor},
        },
        "offers": _offer(course, url),
    }


def _meeting(course: CourseView, meeting: MeetingView, url: str) -> dict[str, Any]:
    return {
        "@type": "Event",
        "name": course.title,
        "startDate": meeting.starts_at.isoformat(),
        "endDate": meeting.ends_at.isoformat(),
        "location": _location(meeting.location, url),
    }


def _offer(course: CourseView, url: str) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "category": "Paid" if course.price.amount else "Free",
        "price": _decimal(course.price),
        "priceCurrency": course.price.currency.upper(),
        "availability": f"{SCHEMA}/{_STOCK.get(course.status, 'InStock')}",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": course.seats_left},
        "url": url,
    }


def _location(location: LocationView, url: str) -> dict[str, Any]:
    if location.kind == "online":
        return {"@type": "VirtualLocation", "url": url}
    return {"@type": "Place", "name": location.name, "address": location.address}


def _decimal(money: MoneyView) -> str:
    """Return an amount with a decimal point, as schema.org requires: "45.00", "4500"."""
    currency = CURRENCIES.get(money.currency)
    exponent = currency.exponent if currency else 2
    whole, rest = divmod(money.amount, 10**exponent)
    return f"{whole}.{rest:0{exponent}d}" if exponent else str(whole)
