"""The people of a course in the console: their filters in the address, and their rows in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from coursebook.cldr import date_text
from coursebook.domain.booking import PaymentStatus, RosterList, SeatState
from coursebook.services.manage.roster import MAX_WORDS, RosterPerson, RosterQuery
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say

NAMES = ("list", "q")
"""The fields of the address, in their order."""
PAGE_SIZE = 100
MAX_COUNTED = 9999
"""More people of a list are not counted."""
BAD = ("disputed", "failed")
WARN = ("owes", "partially_refunded")


@dataclass(frozen=True)
class PeopleFilters:
    """The query of the page. Empty values: who is coming or paying, no search."""

    list: str = ""
    q: str = ""

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}

    def to_query(self, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> RosterQuery:
        """Return the filters as the service takes them."""
        listed = RosterList(self.list) if self.list else None
        return RosterQuery(listed=listed, q=self.q, sort="name", limit=limit, cursor=cursor)


def filters_of(parameters: Mapping[str, str], *, sees_money: bool) -> PeopleFilters:
    """Return the filters of a query; an invalid value counts as empty."""
    chosen = parameters.get("list", "")
    lists = {item.value for item in RosterList if sees_money or item is not RosterList.OWES}
    words = validation.text(parameters.get("q", ""), MAX_WORDS) or ""
    return PeopleFilters(list=chosen if chosen in lists else "", q=words.strip())


@dataclass(frozen=True)
class PersonRow:
    """One person in the list.

    `status` says what they paid, or, to somebody who may not see money, what their place is.
    `amount` is what we have of them, or what they owe. `tone` is `bad`, `warn` or `plain`.
    """

    id: str = ""
    name: str = ""
    email: str = ""
    status: str = ""
    amount: str = ""
    tone: str = "plain"
    booked: str = ""
    number: str = ""


def person_row(person: RosterPerson, timezone: str, language: str) -> PersonRow:
    """Return one person in words; the day is that of the course's own zone."""
    words = i18n.manage_of(language)
    status = _status(person)
    tone = "bad" if status in BAD else "warn" if status in WARN else "plain"
    booked = person.booked_at.astimezone(say.zone_of(timezone)).date()
    return PersonRow(
        id=person.booking_id,
        name=person.name or person.email or person.number,
        email=(person.email or "") if person.name else "",
        status=words.PERSON_STATUS[status],
        amount=_amount(person, status, language),
        tone=tone,
        booked=date_text(booked, i18n.of(language).DAY_PATTERN, language),
        number=person.number,
    )


def _status(person: RosterPerson) -> str:
    if person.payment_status is None or person.price is None:
        return person.place.value
    status = person.payment_status
    if person.place is SeatState.HELD:
        is_certain = status in (PaymentStatus.UNPAID, PaymentStatus.FAILED)
        return person.place.value if is_certain else status.value
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


def list_counts(counts: Mapping[RosterList, int]) -> dict[str, str]:
    """Return the numbers beside the lists: "12", "9999+", "" for none."""
    return {
        listed.value: f"{MAX_COUNTED}+" if count > MAX_COUNTED else str(count or "")
        for listed, count in counts.items()
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
