"""The rows of the waiting list on the operator's side. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from coursebook.domain.waiting_list.entry import EntryState
from coursebook.services.waiting_list.views import ManagedListView, WaitingPersonView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.people import short_day


@dataclass(frozen=True)
class WaitingRow:
    """One entry. `number` is the position, "" for an offered place, which is kept until `until`.

    `seconds` of `whole` are left of an offer, as of `stamp`.
    `note` is the person's own, and a word if the school moved them to the front.
    """

    id: str = ""
    number: str = ""
    name: str = ""
    email: str = ""
    since: str = ""
    until: str = ""
    note: str = ""
    href: str = ""
    seconds: int = 0
    whole: int = 0
    stamp: str = ""
    menu_label: str = ""
    menu_id: str = ""


@dataclass(frozen=True)
class WaitingHead:
    """What stands above the list. `closed` says why nobody can wait any more, "" while people can.

    `turn`: until when a place would be kept that became free now. `rules` say how places are passed
    on, `more` how many more would be taken at once, "" for none.
    """

    title: str = ""
    when: str = ""
    count: str = ""
    closed: str = ""
    turn: str = ""
    rules: list[str] = field(default_factory=list)
    more: str = ""


def waiting_head(view: ManagedListView, language: str) -> WaitingHead:
    """Return the head of a list."""
    words = i18n.manage_of(language)
    can_sell = view.waiting and not view.closed
    turn = ""
    if view.turn_ends_at is not None:
        until = say.moment(view.turn_ends_at, view.timezone, language)
        turn = words.WAITING_TURN.format(until=until)
    return WaitingHead(
        title=view.title,
        when=say.moment(view.starts_at, view.timezone, language),
        count=say.counted(view.waiting, words.WAITING_COUNT, language),
        closed=words.WAITING_CLOSED.get(view.closed, "") if view.closed else "",
        turn=turn,
        rules=[
            words.WAITING_RULES["free"],
            _kept(view.turn_minutes, language),
            words.WAITING_RULES["shorter"],
            words.WAITING_RULES["last"],
        ],
        more=say.counted(view.waiting, words.WAITING_MORE, language) if can_sell else "",
    )


def _kept(minutes: int, language: str) -> str:
    words = i18n.manage_of(language)
    if minutes % 60:
        return say.counted(minutes, words.WAITING_KEPT_MINUTES, language)
    return say.counted(minutes // 60, words.WAITING_KEPT_HOURS, language)


def waiting_rows(
    view: ManagedListView, now: datetime, language: str
) -> tuple[list[WaitingRow], list[WaitingRow]]:
    """Return the offered places, and those who wait, in their order."""
    offered: list[WaitingRow] = []
    waits: list[WaitingRow] = []
    for person in view.items:
        is_offered = person.state is EntryState.OFFERED
        row = _row(person, view.timezone, now, language)
        (offered if is_offered else waits).append(_clocked(row, person, now) if is_offered else row)
    return offered, waits


def _clocked(row: WaitingRow, person: WaitingPersonView, now: datetime) -> WaitingRow:
    """Return the row of an offer with its clock."""
    begin, end = person.offered_at, person.offer_until
    if begin is None or end is None:
        return row
    left, whole = (max(timedelta(), end - moment) for moment in (now, begin))
    return replace(
        row,
        seconds=int(left.total_seconds()),
        whole=int(whole.total_seconds()),
        stamp=now.isoformat(),
    )


def _row(person: WaitingPersonView, zone: str, now: datetime, language: str) -> WaitingRow:
    words, until = i18n.manage_of(language), ""
    if person.offer_until is not None:
        until = words.WAITING_KEPT.format(until=say.moment(person.offer_until, zone, language))
    notes = [words.WAITING_FIRST_BY_SCHOOL] if person.is_first_by_school else []
    name, joined = person.name or words.WAITING_NO_NAME, person.joined_at
    return WaitingRow(
        id=person.id,
        number=str(person.position or ""),
        name=name,
        email=person.email if person.email != person.name else "",
        since=f"{short_day(joined, zone, now, language)}, {say.clock(joined, zone, language)}",
        until=until,
        note=". ".join([*notes, person.note] if person.note else notes),
        href=f"/manage/bookings/{person.booking_id}" if person.booking_id else "",
        menu_label=words.PERSON_MENU.format(name=name),
        menu_id=f"more-{person.id}",
    )
