"""The data of the pages: frozen rows of formatted strings, not rows of the database.

They are sent to the browser unchanged, so they must not contain private data of another person.
"""

from dataclasses import dataclass, field

from coursebook.domain.texts.markdown import Block


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
    """The seats of a course. `tone` is `many`, `few` or `none`.

    `booking` is `open`, `full`, `closed`, `begun` or `cancelled`. Of two rows of a course the
    one with the higher `stamp` (milliseconds) was read later.
    """

    stamp: int = 0
    places: str = ""
    tone: str = "many"
    booking: str = "open"


@dataclass(frozen=True)
class CourseRow:
    """A course on a card. `days` names both ends of several days.

    `places_tone` is `many`, `few` or `none`, `stamp` as in PlacesRow.
    """

    id: str = ""
    href: str = ""
    title: str = ""
    summary: str = ""
    category: str = ""
    level: str = ""
    instructor: str = ""
    place: str = ""
    day: str = ""
    days: str = ""
    hours: str = ""
    when: str = ""
    where: str = ""
    price: str = ""
    places: str = ""
    places_tone: str = "many"
    image: str = ""
    stamp: int = 0


@dataclass(frozen=True)
class FieldRow:
    """A field that the school adds to its courses, with its value in words."""

    label: str = ""
    value: str = ""


@dataclass(frozen=True)
class MeetingRow:
    """One of several meetings. `place` is "" for the place of the course.

    `starts` and `ends` are RFC 3339.
    """

    day: str = ""
    hours: str = ""
    place: str = ""
    starts: str = ""
    ends: str = ""


@dataclass(frozen=True)
class CourseDetailRow(CourseRow):
    """The whole of a course. `booking` is that of PlacesRow; `meetings` is empty for one meeting.

    `has_list`: people can wait for a place. `revision` is that of CourseView. `book_by` says until
    when it can be booked, "" for the usual time.
    """

    address: str = ""
    times: str = ""
    is_online: bool = False
    starts: str = ""
    ends: str = ""
    zone: str = ""
    meetings: list[MeetingRow] = field(default_factory=list)
    revision: int = 1
    book_by: str = ""
    booking: str = "open"
    has_list: bool = False
    is_free: bool = False
    reassurance: str = ""
    terms: str = ""
    terms_steps: list[str] = field(default_factory=list)
    description: list[Block] = field(default_factory=list)
    extra: list[FieldRow] = field(default_factory=list)


@dataclass(frozen=True)
class DateRow:
    """Another date of a course. `price` is "" when it is the same; the rest is as in CourseRow."""

    id: str = ""
    href: str = ""
    when: str = ""
    price: str = ""
    places: str = ""
    places_tone: str = "many"
    stamp: int = 0


@dataclass(frozen=True)
class OwnPlaceRow:
    """The viewer's own booking of a course. Empty `kind`: none.

    `kind` is `held`, `on_its_way`, `booked`, `waiting` or `again` (the turn is over). `words` say
    the number of who waits, until when a place is kept, or that the turn is over. The row belongs
    to `viewer` and `course_id` only.
    `price` (`pay_amount` of `pay_currency`) is what it costs, also when the course costs more by
    now. While a hold runs, `hold_seconds` of `hold_whole` are left of it, as of `hold_stamp`.
    `ahead` has "" for each person ahead of number `number` on the waiting list, or "…" for several.
    `change` says until when cancelling is free after a change of the course; "" when it is not.
    """

    viewer: str = ""
    course_id: str = ""
    kind: str = ""
    booking_id: str = ""
    price: str = ""
    pay_amount: int = 0
    pay_currency: str = ""
    hold_until: str = ""
    hold_seconds: int = 0
    hold_whole: int = 0
    hold_stamp: str = ""
    was_tried: bool = False
    change: str = ""
    words: str = ""
    number: str = ""
    ahead: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """One choice of a drop-down."""

    value: str
    text: str


@dataclass(frozen=True)
class Chip:
    """A filter that is set: `href` is the page without it, `label` says so to screen readers.

    `name` is its name in the address.
    """

    name: str
    text: str
    href: str
    label: str


@dataclass(frozen=True)
class Hint:
    """A hint when no course matches. Empty text: no hint."""

    text: str = ""
    link: str = ""
    href: str = ""


@dataclass(frozen=True)
class HistoryRow:
    """One step of a history: text, time, and whether money moved ("": it is not about money).

    `tone` is `good`, `bad` or `plain`.
    """

    text: str
    at: str
    money: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class ChangeRow:
    """A change of a booked course: dates and place of before and of now. Empty without one."""

    text: str = ""
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class BookingRow:
    """A booking on the dashboard. `status` is the API's value, `status_words` its text.

    `next` says what to do now, if anything; its gap `{until}` is the end of the hold, `hold_until`
    (RFC 3339), on the reader's clock. While a hold runs, `hold_seconds` of `hold_whole` are
    left of it, as of `hold_stamp`. `starts` and `ends` are RFC 3339, in UTC. `way_href` leads to
    the place, or to the online room. `pay_amount` of `pay_currency` is what paying asks for now;
    `promise` is what would come back, and until when. `way_note` says why there is no way yet.
    `meetings` as in CourseDetailRow; `attendee_info` is what to bring or to know. `google_href` and
    `outlook_href` open a new entry in those calendars; "" when the calendar file says it better.
    `ticket` is the QR code of `ticket_code` as the address of an image. `is_offer` as in
    BookingView. Only the page of one booking has `terms` (all that was promised), `change` and
    `ask_href`.
    """

    id: str = ""
    title: str = ""
    href: str = ""
    image: str = ""
    day: str = ""
    hours: str = ""
    meetings: list[MeetingRow] = field(default_factory=list)
    place: str = ""
    status: str = ""
    status_words: str = ""
    number: str = ""
    payment: str = ""
    amount: str = ""
    pay_amount: int = 0
    pay_currency: str = ""
    promise: list[str] = field(default_factory=list)
    hold_until: str = ""
    hold_seconds: int = 0
    hold_whole: int = 0
    hold_stamp: str = ""
    next: str = ""
    can_retry: bool = False
    was_tried: bool = False
    can_cancel: bool = False
    is_offer: bool = False
    has_calendar: bool = False
    google_href: str = ""
    outlook_href: str = ""
    receipt_url: str = ""
    address: str = ""
    way_href: str = ""
    way_text: str = ""
    is_online: bool = False
    way_note: str = ""
    starts: str = ""
    ends: str = ""
    zone: str = ""
    attendee_info: list[Block] = field(default_factory=list)
    ticket: str = ""
    ticket_code: str = ""
    history: list[HistoryRow] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    change: ChangeRow = field(default_factory=ChangeRow)
    ask_href: str = ""


@dataclass(frozen=True)
class SectionRow:
    """A section of the dashboard. `name` is that of `domain.section`."""

    name: str = ""
    title: str = ""
    count: str = ""
    bookings: list[BookingRow] = field(default_factory=list)
    has_more: bool = False


@dataclass(frozen=True)
class InboxRow:
    """An entry of the money inbox. `expect_…` is the refund of its action, as shown.

    `detail` are the facts that were recorded, in `detail_language`, and `dispute` is Stripe's id of
    the dispute that they are about. `is_by_hand`: the school
    settles it without Stripe. `sign` is an icon, `tone` is `bad`, `warn` or `accent`. Empty `act`:
    nothing can be done here.
    """

    id: str = ""
    sign: str = ""
    tone: str = ""
    is_by_hand: bool = False
    heading: str = ""
    cause: str = ""
    money: str = ""
    detail: str = ""
    detail_language: str = ""
    dispute: str = ""
    amount: str = ""
    student: str = ""
    course: str = ""
    number: str = ""
    booking_href: str = ""
    since: str = ""
    age: str = ""
    state: str = ""
    act: str = ""
    act_means: str = ""
    action: str = ""
    other_act: str = ""
    other_action: str = ""
    expect_amount: int = 0
    expect_currency: str = ""


@dataclass(frozen=True)
class CancelRow:
    """The cancel dialog of a booking. Empty id: it is closed.

    `back` and `stays` are the sums in `money`; `promise` as in BookingRow. `changed` is the note
    that the sums differ from those that were shown before. `stamp` counts the openings, so that the
    browser can close the dialog by itself.
    """

    id: str = ""
    title: str = ""
    money: str = ""
    promise: list[str] = field(default_factory=list)
    back: int = 0
    stays: int = 0
    currency: str = ""
    changed: str = ""
    stamp: int = 0
