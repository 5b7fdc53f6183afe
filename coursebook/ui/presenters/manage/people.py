"""The people of a course in the console: their filters in the address, and their rows in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from coursebook.cldr import date_text, number_text
from coursebook.domain.booking import PaymentStatus, RosterList, RosterSort, SeatState
from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.services.check_in.begun_meetings import AttendanceMark, BegunMeeting
from coursebook.services.manage.roster import MAX_WORDS, RosterPage, RosterPerson, RosterQuery
from coursebook.services.manage.views import ListedManagedCourse
from coursebook.services.views import LocationView, MoneyView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.courses_and_bookings import where

NAMES = ("list", "q", "sort")
"""The fields of the address, in their order."""
SORTS: tuple[RosterSort, ...] = ("name", "booked", "payment")
"""The orders; the first one is not written to the address."""
PAGE_SIZE = 100
MAX_COUNTED = 9999
"""More people of a list are not counted."""
MAX_DRAWN = 48
"""Up to so many places the bar draws each of them."""
TONES = {
    "disputed": "bad",
    "failed": "bad",
    "owes": "warn",
    "partially_refunded": "warn",
    "held": "live",
    "reserved": "warn",
    "processing": "live",
}


NOTHING = "nothing"
"""The tone of somebody of whom nothing is recorded: a phone shows no line for them."""
CAME_TONES = {AttendanceState.ABSENT: "warn", AttendanceState.EXCUSED: "plain"}


@dataclass(frozen=True)
class PeopleFilters:
    """The query of the page. Empty values: who is coming or paying, no search, by name."""

    list: str = ""
    q: str = ""
    sort: str = ""

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}

    def to_query(self, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> RosterQuery:
        """Return the filters as the service takes them."""
        listed = RosterList(self.list) if self.list else None
        sort = next((name for name in SORTS if name == self.sort), SORTS[0])
        return RosterQuery(listed=listed, q=self.q, sort=sort, limit=limit, cursor=cursor)

    @property
    def export_query(self) -> str:
        """The query of the file with the same people: "?state=coming", or ""."""
        values = {name: value for name, value in (("state", self.list), ("q", self.q)) if value}
        return f"?{urlencode(values)}" if values else ""


def filters_of(parameters: Mapping[str, str], *, sees_money: bool) -> PeopleFilters:
    """Return the filters of a query; an invalid value counts as empty."""
    chosen = parameters.get("list", "")
    lists = {item.value for item in RosterList if sees_money or item is not RosterList.OWES}
    words = validation.text(parameters.get("q", ""), MAX_WORDS) or ""
    sort = parameters.get("sort", "")
    sorts = SORTS[1:] if sees_money else SORTS[1:2]
    return PeopleFilters(
        list=chosen if chosen in lists else "",
        q=words.strip(),
        sort=sort if sort in sorts else "",
    )


@dataclass(frozen=True)
class PeopleHead:
    """What stands above the list: the course, its places, and what it has received.

    `places` has a part of the bar for each place, [] for many places: then the bar has the widths
    `confirmed_part` and `taken_part`. `received` is "" for somebody who may not see money,
    `expected` also when no money by hand is still to come, and `waiting` when nobody waits.
    """

    title: str = ""
    when: str = ""
    places: list[str] = field(default_factory=list)
    confirmed_part: str = "0%"
    taken_part: str = "0%"
    confirmed: str = ""
    held: str = ""
    free: str = ""
    free_of: str = ""
    waiting: str = ""
    received: str = ""
    expected: str = ""


def people_head(page: RosterPage, language: str) -> PeopleHead:
    """Return the head of the page."""
    course, words = page.course, i18n.manage_of(language)
    counts = course.counts
    capacity, free = course.capacity or 0, counts.free or 0
    states = ("confirmed", counts.confirmed), ("held", counts.held), ("free", free)
    is_drawn = 0 < capacity <= MAX_DRAWN
    taken = counts.confirmed + counts.held
    return PeopleHead(
        title=course.title or words.UNTITLED,
        when=_when_and_where(course, language),
        places=[name for name, count in states for _ in range(count)] if is_drawn else [],
        confirmed_part=_part(counts.confirmed, capacity),
        taken_part=_part(taken, capacity),
        confirmed=number_text(counts.confirmed, language),
        held=number_text(counts.held, language),
        free=number_text(free, language) if capacity else "",
        free_of=words.FREE_OF.format(all=number_text(capacity, language)),
        waiting=number_text(counts.waiting, language) if counts.waiting else "",
        received=_received(course, language),
        expected=_sums(page.expected or (), language),
    )


def _when_and_where(course: ListedManagedCourse, language: str) -> str:
    """Return date, hours and place; what a draft lacks is left out."""
    when, place = "", course.location
    if course.starts_at is not None and course.ends_at is not None:
        when = say.when(course.starts_at, course.ends_at, course.timezone or "UTC", language)
    at = where(LocationView(place.kind, place.name or "", place.address or ""), language)
    return " · ".join(part for part in (when, at) if part)


def _part(count: int, whole: int) -> str:
    return f"{100 * count / whole:.4g}%" if whole else "0%"


def _received(course: ListedManagedCourse, language: str) -> str:
    if course.counts.revenue is None:
        return ""
    nothing = (MoneyView(0, course.price.currency),) if course.price else ()
    return _sums(course.counts.revenue or nothing, language)


def _sums(sums: Sequence[MoneyView], language: str) -> str:
    return " · ".join(say.money(sum_.amount, sum_.currency, language) for sum_ in sums)


@dataclass(frozen=True)
class PersonRow:
    """One person in the list.

    `status` says what they paid, or, to somebody who may not see money, what their place is.
    `amount` is what we have of them, or what they owe; `more` is a remark after it. `tone` is
    `bad`, `warn`, `live` (they are paying now) or `plain`. `failed_mail` says that the last mail
    did not arrive, "" when it did. `came` says whether they came to the meeting that is shown.
    """

    id: str = ""
    name: str = ""
    email: str = ""
    booked_by: str = ""
    status: str = ""
    amount: str = ""
    more: str = ""
    tone: str = "plain"
    booked: str = ""
    came: str = ""
    came_tone: str = "plain"
    number: str = ""
    note: str = ""
    tags: list[str] = field(default_factory=list)
    failed_mail: str = ""
    href: str = ""
    menu_label: str = ""
    menu_id: str = ""
    tick_label: str = ""


def attendance_head(meeting: BegunMeeting | None, timezone: str, language: str) -> str:
    """Return the head of the column of attendance, "" when no meeting is shown."""
    if meeting is None:
        return ""
    words = i18n.manage_of(language)
    day = meeting.starts_at.astimezone(say.zone_of(timezone)).date()
    text = date_text(day, words.BOOKED_DAY["this_year"], language)
    return str(words.PEOPLE_CAME.format(day=text))


def came_words(mark: AttendanceMark | None, timezone: str, language: str) -> str:
    """Return whether somebody came: "Here 10:02", "Did not come"."""
    words = i18n.manage_of(language).CAME_WORD
    if mark is None:
        return str(words["nothing"])
    at = say.clock(mark.at, timezone, language)
    return str(words[mark.state.value].format(clock=at))


def _came(person: RosterPerson, meeting: BegunMeeting | None, timezone: str, language: str) -> str:
    if meeting is None or (person.place is not SeatState.CONFIRMED and person.attendance is None):
        return ""
    text = came_words(person.attendance, timezone, language)
    if meeting.number == 1:
        return text
    times = i18n.manage_of(language).CAME_TIMES
    return str(times.format(came=text, times=person.times_here, meetings=meeting.number))


def person_row(
    person: RosterPerson,
    timezone: str,
    now: datetime,
    language: str,
    meeting: BegunMeeting | None = None,
) -> PersonRow:
    """Return one person in words; day and time are those of the course's own zone."""
    words = i18n.manage_of(language)
    status = _status(person)
    name = person.name or person.email or person.number or words.WAITING_NO_NAME
    row_id = person.booking_id or person.entry_id or ""
    return PersonRow(
        id=row_id,
        name=name,
        email=person.email or "",
        booked_by=words.PERSON_BOOKED_BY.format(name=person.booked_by) if person.booked_by else "",
        status=words.PERSON_STATUS[status],
        amount=_amount(person, status, language),
        more=_more(person, status, timezone, now, language),
        tone=TONES.get(status, "plain"),
        booked=short_day(person.booked_at, timezone, now, language),
        came=_came(person, meeting, timezone, language),
        came_tone=CAME_TONES.get(person.attendance.state, "plain")
        if person.attendance
        else NOTHING,
        number=person.number,
        note=person.note,
        tags=[*person.tags],
        failed_mail=words.PERSON_MAIL_FAILED if person.has_failed_mail else "",
        href=f"/manage/bookings/{person.booking_id}" if person.booking_id else "",
        menu_label=words.PERSON_MENU.format(name=name),
        menu_id=f"more-{row_id}",
        tick_label=words.CHOOSE_PERSON.format(name=name),
    )


def short_day(moment: datetime, timezone: str, now: datetime, language: str) -> str:
    """Return a day; with its year only when it is not this one."""
    zone = say.zone_of(timezone)
    day, patterns = moment.astimezone(zone).date(), i18n.manage_of(language).BOOKED_DAY
    is_this_year = day.year == now.astimezone(zone).year
    return date_text(day, patterns["this_year" if is_this_year else "with_year"], language)


def _more(person: RosterPerson, status: str, timezone: str, now: datetime, language: str) -> str:
    words = i18n.manage_of(language)
    if person.position is not None:
        return str(words.PERSON_NUMBER.format(number=number_text(person.position, language)))
    if status in ("held", "reserved") and person.held_until is not None:
        zone = say.zone_of(timezone)
        is_today = person.held_until.astimezone(zone).date() == now.astimezone(zone).date()
        until = (
            say.clock(person.held_until, timezone, language)
            if is_today
            else short_day(person.held_until, timezone, now, language)
        )
        return str(words.PERSON_UNTIL.format(until=until))
    if status == "partially_refunded" and person.price is not None:
        price = say.money(person.price.amount, person.price.currency, language)
        return str(words.PERSON_OF.format(amount=price))
    return ""


def _status(person: RosterPerson) -> str:
    if person.place is None:
        return "waiting"
    if person.payment_status is None or person.price is None:
        return person.place.value
    status = person.payment_status
    if person.place is SeatState.HELD:
        is_certain = status in (PaymentStatus.UNPAID, PaymentStatus.FAILED)
        word = "reserved" if person.is_reserved else person.place.value
        return word if is_certain else status.value
    if person.price.amount == 0 and status in (PaymentStatus.PAID, PaymentStatus.UNPAID):
        return "free"
    if person.owed is not None and person.owed.amount > 0:
        return "owes"
    return status.value


def _amount(person: RosterPerson, status: str, language: str) -> str:
    price, received = person.price, person.received
    if price is None or received is None:
        return ""
    amount = received.amount
    if status == "owes" and person.owed is not None:
        amount = person.owed.amount
    return say.money(amount, price.currency, language) if amount > 0 else ""


def list_counts(page: RosterPage, language: str) -> dict[str, str]:
    """Return the numbers beside the lists: "12", "9,999+", "" for none. `all`: coming or paying."""
    counts = {listed.value: count for listed, count in page.counts.items()}
    counts["all"] = counts[RosterList.COMING.value] + counts[RosterList.PAYING.value]
    return {
        name: number_text(min(count, MAX_COUNTED), language) + "+" * (count > MAX_COUNTED)
        if count
        else ""
        for name, count in counts.items()
    }


def count_words(shown: int, has_more: bool, language: str) -> str:
    """Return how many people are shown."""
    words = i18n.manage_of(language)
    return say.counted(shown, words.FIRST_PEOPLE if has_more else words.PEOPLE_SHOWN, language)


def empty_words(filters: PeopleFilters, language: str) -> str:
    """Return the sentence of a list without people."""
    words = i18n.manage_of(language)
    if filters.q:
        return str(words.NO_HIT.format(words=filters.q))
    return str(words.EMPTY_PEOPLE[filters.list or "all"])


def message_href(course_id: str, filters: PeopleFilters) -> str:
    """Return the way to write to those who wait when they are shown, else to who comes."""
    who = f"&who={filters.list}" if filters.list == RosterList.WAITING.value else ""
    return f"/manage/messages/new?course={course_id}{who}"
