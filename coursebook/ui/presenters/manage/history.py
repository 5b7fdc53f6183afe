"""Lines of a history in words: who did what, when, to which booking. Pure."""

from dataclasses import dataclass

from coursebook.services.manage.history.lines import HistoryLine
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.booking_rows import (
    MORE_BAD_FACTS,
    PAGE,
    said_of,
    told_detail,
)
from coursebook.ui.presenters.timeline import BAD, GOOD


@dataclass(frozen=True)
class HistoryLineRow:
    """One line. `href` and `booking` are "" when it is about no booking.

    `tone` is `good`, `bad` or `plain`.
    """

    id: str = ""
    text: str = ""
    more: str = ""
    booking: str = ""
    href: str = ""
    who: str = ""
    at: str = ""
    money: str = ""
    tone: str = "plain"


def history_line_row(line: HistoryLine, zone: str, language: str) -> HistoryLineRow:
    """Return one line in words, with its moment in this time zone."""
    words, booking = i18n.manage_of(language), line.booking
    form = words.BOOKING_STORY.get(line.fact) or words.COURSE_STORY.get(line.fact)
    money = line.amount
    amount = say.money(money.amount, money.currency, language) if money and money.amount else ""
    detail = told_detail(line.fact, line.detail, money.currency if money else "", zone, language)
    text = (form or words.BOOKING_STORY["noted"]).format(
        amount=amount, detail=detail, count=line.count or 0
    )
    who = line.by_name or words.ACTOR.get(line.by, words.ACTOR["program"])
    day, clock = say.day(line.at, zone, language), say.clock(line.at, zone, language)
    is_bad = line.fact in BAD or line.fact in MORE_BAD_FACTS
    return HistoryLineRow(
        id=str(line.id),
        text=said_of(text, detail) or words.SOMETHING_CHANGED,
        more=" · ".join(
            filter(None, (line.course, ", ".join(_field(name, language) for name in line.fields)))
        ),
        booking=booking.name or booking.number if booking else "",
        href=f"{PAGE}{booking.id}" if booking else "",
        who=who,
        at=words.STORY_AT_FORM.format(day=day, clock=clock),
        money=amount if amount and "{amount}" not in (form or "") else "",
        tone="good" if line.fact in GOOD else "bad" if is_bad else "plain",
    )


def _field(name: str, language: str) -> str:
    words = i18n.manage_of(language)
    label = words.LABEL.get(name) or words.COLUMN_WORD.get(name)
    return str(label or name.replace("_", " "))


def history_count_words(shown: int, has_more: bool, language: str) -> str:
    """Return how many lines are shown."""
    words = i18n.manage_of(language)
    return say.counted(shown, words.FIRST_LINES if has_more else words.LINES_SHOWN, language)
