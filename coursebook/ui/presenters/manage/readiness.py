"""The list "Ready to sell" in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from coursebook.domain.terms import STANDARD
from coursebook.services.manage.readiness import ReadyPoint, ReadyPointView
from coursebook.ui import i18n
from coursebook.ui.presenters.courses_and_bookings import terms_sentence

WAYS: Mapping[ReadyPoint, str] = {
    ReadyPoint.SCHOOL: "/manage/settings",
    ReadyPoint.PUBLISHED: "/manage/courses",
    ReadyPoint.PICTURE: "/manage/courses",
    ReadyPoint.SECOND_PERSON: "/manage/team",
    ReadyPoint.TEST_BOOKING: "/courses",
}
"""The page on which a point gets done, where there is one."""


@dataclass(frozen=True)
class ReadyRow:
    """One point. `link` leads to `href`; both are empty for a done point, and without a page."""

    name: str = ""
    text: str = ""
    is_done: bool = False
    words: str = ""
    link: str = ""
    href: str = ""


@dataclass(frozen=True)
class ReadyBlock:
    """The whole list. `count` is "3 of 8"; `steps` is true once for each done point, done first.

    `terms` are the usual cancellation terms in a sentence.
    """

    points: list[ReadyRow] = field(default_factory=list)
    steps: list[bool] = field(default_factory=list)
    count: str = ""
    terms: str = ""
    is_open: bool = False


def ready_block(points: Sequence[ReadyPointView], language: str) -> ReadyBlock:
    """Return the list."""
    words = i18n.manage_of(language)
    done = sum(point.is_done for point in points)
    steps = [(step.percent, timedelta(hours=step.hours_before)) for step in STANDARD.steps]
    return ReadyBlock(
        points=[_row(point, language) for point in points],
        steps=[number < done for number in range(len(points))],
        count=words.COUNT_OF.format(count=done, all=len(points)),
        terms=terms_sentence(steps, language),
        is_open=done < len(points),
    )


def _row(point: ReadyPointView, language: str) -> ReadyRow:
    words, name = i18n.manage_of(language), point.name.value
    href = "" if point.is_done else WAYS.get(point.name, "")
    return ReadyRow(
        name=name,
        text=words.READY[name],
        is_done=point.is_done,
        words=words.READY_DONE if point.is_done else words.READY_OPEN,
        link=words.READY_LINK[name] if href else "",
        href=href,
    )
