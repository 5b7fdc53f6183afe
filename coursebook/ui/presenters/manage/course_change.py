"""The question before an edit that concerns people who have booked. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coursebook.domain.course_edits.offer import OfferPart
from coursebook.errors import FieldError
from coursebook.services.manage.change_previews import ChangePreview
from coursebook.services.manage.views import ManagedCourseView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.service_sentences import sentence_in

NONE = "\N{EN DASH}"
"""What stands for no meeting: one was added, or one was taken away."""
ANSWER_FIELDS = {"/tell": "tell", "/free_cancel_until": "free_until", "/reason": "reason"}
"""The ids of the fields of the answer by their pointers."""
Dates = tuple[datetime, datetime]


@dataclass(frozen=True)
class ChangeLine:
    """One part of the offer: as it was and as it becomes; the same text twice when it stays."""

    label: str
    old: str
    new: str
    is_same: bool = False


@dataclass(frozen=True)
class ChangeQuestion:
    """What is asked. `needs_tell`: the edit is only possible when people are told.

    `free_day` is the suggested last day of free cancelling, as YYYY-MM-DD. The mail is the one to
    one of the people, in their language. `problems` are sentences by fields of the answer.
    """

    is_open: bool = False
    stamp: int = 0
    title: str = ""
    lines: list[ChangeLine] = field(default_factory=list)
    mails: str = ""
    teachers: str = ""
    save: str = ""
    needs_tell: bool = False
    free_day: str = ""
    reason: str = ""
    mail_subject: str = ""
    mail_text: str = ""
    problems: dict[str, str] = field(default_factory=dict)


def question_of(
    effect: ChangePreview,
    stored: ManagedCourseView,
    values: Mapping[str, Any],
    *,
    stamp: int,
    language: str,
) -> ChangeQuestion:
    """Return the question about an edit with these values."""
    words, people = i18n.manage_of(language), effect.people
    zone = str(values.get("timezone") or stored.timezone or "UTC")
    until = effect.free_cancel_until
    example = effect.example
    return ChangeQuestion(
        is_open=True,
        stamp=stamp,
        title=say.counted(people, words.CHANGE_TITLE, language),
        lines=_lines(effect, stored, values, zone, language),
        mails=say.counted(effect.mails, words.CHANGE_MAILS, language),
        teachers=say.counted(effect.teachers, words.CHANGE_TEACHERS, language)
        if effect.teachers
        else "",
        save=say.counted(people, words.CHANGE_SAVE, language),
        needs_tell=effect.needs_tell,
        free_day=until.astimezone(ZoneInfo(zone)).date().isoformat() if until else "",
        mail_subject=example.subject if example else "",
        mail_text=example.text if example else "",
    )


def problems_of(errors: Iterable[FieldError], language: str) -> dict[str, str]:
    """Return the sentences about fields of the answer; other mistakes are those of the form."""
    return {
        ANSWER_FIELDS[error.pointer]: sentence_in(error.detail, language)
        for error in errors
        if error.pointer in ANSWER_FIELDS
    }


def with_problems(
    question: ChangeQuestion, problems: dict[str, str], answer: Mapping[str, str]
) -> ChangeQuestion:
    """Return the question again, with what was answered and what is wrong with it."""
    return replace(
        question,
        problems=problems,
        free_day=answer.get("free_until", ""),
        reason=answer.get("reason", ""),
    )


def _lines(
    effect: ChangePreview,
    stored: ManagedCourseView,
    values: Mapping[str, Any],
    zone: str,
    language: str,
) -> list[ChangeLine]:
    words = i18n.manage_of(language)
    parts = {change.part for change in effect.material}
    old_dates = _date_texts(
        [(one.starts_at, one.ends_at) for one in stored.meetings],
        stored.timezone or "UTC",
        language,
    )
    new_dates = _date_texts(_new_dates(stored, values), zone, language)
    have_changed = OfferPart.DATES in parts
    if have_changed:
        old_dates, new_dates = _unequal(old_dates, new_dates)
    old_place = _place_text(stored.location.name, stored.location.address)
    location = values.get("location")
    new_place = _place_text(location["name"], location["address"]) if location else old_place
    lines = [
        _line(
            words.LABEL["when"],
            "; ".join(old_dates) or NONE,
            "; ".join(new_dates) or NONE,
            has_changed=have_changed,
        ),
        _line(
            words.LABEL["place_name"], old_place, new_place, has_changed=OfferPart.PLACE in parts
        ),
    ]
    if OfferPart.ROOM in parts:
        link = location["join_url"] if location else ""
        lines.append(ChangeLine(words.LABEL["join_url"], stored.location.join_url, link or ""))
    return lines


def _line(label: str, old: str, new: str, *, has_changed: bool) -> ChangeLine:
    return ChangeLine(label, old, new if has_changed else old, is_same=not has_changed)


def _new_dates(stored: ManagedCourseView, values: Mapping[str, Any]) -> list[Dates]:
    if "meetings" not in values:
        return [(one.starts_at, one.ends_at) for one in stored.meetings]
    rows = [(one["starts_at"], one["ends_at"]) for one in values["meetings"]]
    return sorted(rows)


def _date_texts(meetings: Sequence[Dates], zone: str, language: str) -> list[str]:
    """Return "Sat 19 Dec 2026, 10:00-13:00" for each meeting."""
    return [
        f"{say.day(start, zone, language)}, {say.clock(start, zone, language)}"
        f"\N{EN DASH}{say.clock(end, zone, language)}"
        for start, end in meetings
    ]


def _unequal(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Return both without the meetings that stay; all of them when their texts are the same."""
    left = [text for text in old if text not in new], [text for text in new if text not in old]
    return left if any(left) else (old, new)


def _place_text(name: str | None, address: str | None) -> str:
    return ", ".join(part for part in (name, address) if part)
