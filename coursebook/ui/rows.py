"""What the pages show: frozen rows of ready strings. No rows of the database, no numbers to add.

They travel to the browser as they are, so nothing may stand here that its reader may not see.
"""

from dataclasses import dataclass, field

from coursebook.ui.markdown import Block


@dataclass(frozen=True)
class Notice:
    """A sentence for the person, with the next step when there is one.

    `tone` is `good`, `info` or `bad`.
    """

    text: str = ""
    tone: str = "info"
    link_text: str = ""
    link_href: str = ""


@dataclass(frozen=True)
class PlacesRow:
    """The places of a course. `tone` is `many`, `few` or `none`.

    `booking` is `open`, `full` or `closed`. Of two rows of a course the one with the higher `stamp`
    (milliseconds) was read later.
    """

    stamp: int = 0
    places: str = ""
    tone: str = "many"
    booking: str = "open"


@dataclass(frozen=True)
class CourseRow:
    """A course on a card. `places_tone` is `many`, `few` or `none`, `stamp` as in PlacesRow."""

    id: str = ""
    href: str = ""
    title: str = ""
    summary: str = ""
    category: str = ""
    level: str = ""
    instructor: str = ""
    place: str = ""
    day: str = ""
    hours: str = ""
    price: str = ""
    places: str = ""
    places_tone: str = "many"
    image: str = ""
    stamp: int = 0


@dataclass(frozen=True)
class CourseDetailRow(CourseRow):
    """The whole of a course. `booking` is `open`, `full` or `closed`."""

    address: str = ""
    booking: str = "open"
    is_free: bool = False
    reassurance: str = ""
    terms: str = ""
    terms_steps: list[str] = field(default_factory=list)
    description: list[Block] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """One choice of a drop-down."""

    value: str
    text: str


@dataclass(frozen=True)
class Chip:
    """A filter that is set: `href` is the page without it, `label` says so to screen readers."""

    text: str
    href: str
    label: str


@dataclass(frozen=True)
class Hint:
    """What helps when nothing was found. Empty text: nothing to say."""

    text: str = ""
    link: str = ""
    href: str = ""


@dataclass(frozen=True)
class HistoryRow:
    """One thing that happened to a booking's money."""

    text: str
    at: str


@dataclass(frozen=True)
class BookingRow:
    """A booking on the dashboard. `status` is the word of the contract, `status_words` ours."""

    id: str = ""
    title: str = ""
    href: str = ""
    image: str = ""
    day: str = ""
    hours: str = ""
    place: str = ""
    status: str = ""
    status_words: str = ""
    payment: str = ""
    amount: str = ""
    hold: str = ""
    can_retry: bool = False
    can_cancel: bool = False
    receipt_url: str = ""
    history: list[HistoryRow] = field(default_factory=list)


@dataclass(frozen=True)
class CancelRow:
    """What somebody is asked before a booking is cancelled. Empty id: nobody is asked."""

    id: str = ""
    title: str = ""
    money: str = ""
