"""What the list of today's meetings shows."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from coursebook.services.check_in.views import MeetingOfDay

PATH = "/manage/check-in"
EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class MeetingRow:
    """A meeting of today: its time by the clock of its course, and how many people are here."""

    id: str = ""
    title: str = ""
    hours: str = ""
    place: str = ""
    here: str = ""
    href: str = ""


def meeting_row(meeting: MeetingOfDay, count: str) -> MeetingRow:
    """Return the row of a meeting; `count` is a text with the gaps `{here}` and `{all}`."""
    about = meeting.meeting
    zone = ZoneInfo(about.timezone)
    start, end = (f"{at.astimezone(zone):%H:%M}" for at in (about.starts_at, about.ends_at))
    return MeetingRow(
        id=about.id,
        title=about.title,
        hours=f"{start}{EN_DASH}{end}",
        place=about.place,
        here=count.format(here=meeting.here, all=meeting.coming),
        href=check_in_path(about.id),
    )


def check_in_path(meeting_id: str) -> str:
    """Return the address of the page at the door of a meeting."""
    return f"{PATH}/{meeting_id}"
