"""Moving a booking in words: the courses to choose from, and what a move would do. Pure."""

from dataclasses import dataclass, field

from coursebook.services.manage.moving.move_views import MovePreview
from coursebook.services.manage.views import ListedManagedCourse
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.booking_panel import Option
from coursebook.ui.presenters.manage.team import course_choice


@dataclass(frozen=True)
class MovePlan:
    """What the move to `target` would do. `differences` are the decisions about the price.

    `prices` has the price after each of them, and under "" that without one; `difference` is the
    one that was chosen. `makes_place`: the course is full, and needs one place more. `problem` says
    why the move is not possible.
    """

    target: str = ""
    title: str = ""
    effects: list[str] = field(default_factory=list)
    differences: list[Option] = field(default_factory=list)
    prices: dict[str, int] = field(default_factory=dict)
    difference: str = ""
    makes_place: bool = False
    expect: int = 0
    currency: str = ""
    problem: str = ""


def target_option(course: ListedManagedCourse, language: str) -> Option:
    """Return a course to choose from, with its day."""
    choice = course_choice(course, language)
    return Option(choice.id, ", ".join(filter(None, (choice.title, choice.when))))


def plan_of(preview: MovePreview, language: str) -> MovePlan:
    """Return what a move would do."""
    words = i18n.manage_of(language)

    def money(amount: int) -> str:
        return say.money(amount, preview.expect.currency, language)

    effects = [words.MOVE_PRICE.format(amount=money(preview.course.price.amount))]
    if preview.price is not None and preview.give_back.amount:
        effects.append(words.MOVE_BACK.format(amount=money(preview.give_back.amount)))
    if preview.makes_place:
        effects.insert(0, str(words.MOVE_FULL))
    if preview.mails:
        effects.append(words.MOVE_MAILS.format(mails=", ".join(preview.mails)))
    prices = {choice.difference.value: choice.price.amount for choice in preview.choices}
    if preview.price is not None:
        prices[""] = preview.price.amount
    return MovePlan(
        target=preview.course.id,
        title=preview.course.title,
        effects=effects,
        differences=[
            Option(
                choice.difference.value,
                words.DIFFERENCE_FORM[choice.difference.value].format(
                    back=money(choice.give_back.amount),
                    paid=money(choice.to_record.amount),
                    price=money(choice.price.amount),
                ),
            )
            for choice in preview.choices
        ],
        prices=prices,
        makes_place=preview.makes_place,
        expect=preview.expect.amount,
        currency=preview.expect.currency,
    )
