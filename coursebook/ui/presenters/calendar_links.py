"""Links that open a new entry in a calendar on the web. Pure."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from coursebook.services.views import BookingView

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


def calendar_links(booking: BookingView) -> dict[str, str]:
    """Return the links of a confirmed booking, by their names in `BookingRow`; {} without.

    A link holds one entry: several meetings are in the calendar file only. A link is stored by
    another company, so the room of an online course is not in it.
    """
    course = booking.course
    if booking.status != "confirmed" or len(course.meetings) > 1:
        return {}
    where = ""
    if course.location.kind != "online":
        where = ", ".join(filter(None, (course.location.name, course.location.address)))
    starts, ends = course.starts_at.astimezone(UTC), course.ends_at.astimezone(UTC)
    google = {
        "action": "TEMPLATE",
        "text": course.title,
        "dates": f"{_basic(starts)}/{_basic(ends)}",
        "location": where,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": course.title,
        "startdt": _extended(starts),
        "enddt": _extended(ends),
        "location": where,
    }
    return {
        "google_href": f"{GOOGLE}?{urlencode(google)}",
        "outlook_href": f"{OUTLOOK}?{urlencode(outlook)}",
    }


def _basic(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _extended(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
