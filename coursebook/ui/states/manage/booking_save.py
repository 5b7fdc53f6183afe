"""Does what a panel of the booking page asks, and says what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from coursebook.domain.amount_text import WrongAmount
from coursebook.domain.booking_edits.give_back import Give, GiveBack
from coursebook.domain.booking_edits.move import Difference, Wish
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.errors import FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.services.bookings.expected_amounts import Expected
from coursebook.services.bookings.offline_payments import Handover
from coursebook.services.bookings.operator_orders import RefundOrder
from coursebook.services.manage.booking_views import BookingAct, ManagedBookingView
from coursebook.services.manage.moving.move_rules import ExpectedMove, MoveRequest
from coursebook.services.manage.moving.participants import NewParticipant
from coursebook.ui.presenters.manage.booking_move import MovePlan
from coursebook.ui.presenters.manage.booking_panel import (
    FIELDS,
    GIVES_UP,
    ActPanel,
    BookingFigures,
    amount_of,
)
from coursebook.wiring import services

POINTERS = {"give_back": "amount", "payment": "received_on"}
"""The field of a panel for the parts of a pointer that have another name."""
WRONG_AMOUNT, NO_AMOUNT = "wrong_amount", "no_amount"
NO_TARGET, NO_DIFFERENCE, WRONG_DAY = "no_target", "no_difference", "wrong_day"
"""Mistakes that the page finds itself, as they are called in its texts."""


@dataclass(frozen=True)
class ActOutcome:
    """What came of an act. `failure` is an error that belongs to no field.

    `problems` has for each wrong field a sentence of the service, or the name of a mistake.

    `done` names the act when it was another than the panel's.
    """

    booking: ManagedBookingView | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    failure: Exception | None = None
    done: str = ""


async def act_on(
    who: Principal,
    booking_id: str,
    panel: ActPanel,
    figures: BookingFigures,
    answer: Mapping[str, str],
) -> ActOutcome:
    """Do the act of a panel. Raises nothing."""
    try:
        return await _act(who, booking_id, panel, figures, answer)
    except WrongAmount:
        return ActOutcome(problems={"amount": WRONG_AMOUNT})
    except Invalid as error:
        problems = _by_field(error.errors)
        return ActOutcome(problems=problems, failure=None if problems else error)
    except Exception as error:  # noqa: BLE001 - every error becomes a sentence
        return ActOutcome(failure=error)


async def _act(
    who: Principal,
    booking_id: str,
    panel: ActPanel,
    figures: BookingFigures,
    answer: Mapping[str, str],
) -> ActOutcome:
    bookings = services().managed_bookings
    match panel.act:
        case BookingAct.REFUND:
            return await _refund(who, booking_id, panel, figures, answer)
        case BookingAct.CANCEL:
            choice = GiveBack(
                Give(panel.choice),
                amount_of(panel, answer.get("amount", ""), figures),
                answer.get("reason", ""),
                answer.get("note", ""),
                agreed="agreed" in answer,
            )
            view = await bookings.cancel(
                who, booking_id, choice, _expected(panel), is_told="tell" in answer
            )
            return ActOutcome(view)
        case _:
            return await _act_without_money(who, booking_id, panel.act, answer)


async def _act_without_money(
    who: Principal, booking_id: str, act: str, answer: Mapping[str, str]
) -> ActOutcome:
    bookings = services().managed_bookings
    match act:
        case BookingAct.RESEND:
            return ActOutcome(await bookings.resend(who, booking_id))
        case BookingAct.NOTE:
            await bookings.set_note(who, booking_id, answer.get("note", ""))
            tags = [tag for tag in answer.get("tags", "").split(",") if tag.strip()]
            return ActOutcome(await bookings.set_tags(who, booking_id, tags))
        case BookingAct.CHANGE_PERSON:
            person = NewParticipant(
                answer.get("name", ""), answer.get("email", ""), tell="tell" in answer
            )
            return ActOutcome(await services().booking_moves.change_person(who, booking_id, person))
        case BookingAct.MOVE:
            return await _move(who, booking_id, answer)
        case _:
            return ActOutcome()


def moved_by(plan: MovePlan) -> dict[str, str]:
    """Return what a plan adds to the answer of a form: the course, and the sums that were shown."""
    sums = {f"price {name}": str(price) for name, price in plan.prices.items()}
    return {"target": plan.target, "kept": str(plan.expect), "currency": plan.currency} | sums


async def _move(who: Principal, booking_id: str, answer: Mapping[str, str]) -> ActOutcome:
    difference = answer.get("difference", "")
    if not answer["target"]:
        return ActOutcome(problems={"target": NO_TARGET})
    price = answer.get(f"price {difference}")
    if price is None:
        return ActOutcome(problems={"target": NO_DIFFERENCE})
    try:
        day = date.fromisoformat(answer["received_on"]) if answer.get("received_on") else None
    except ValueError:
        return ActOutcome(problems={"received_on": WRONG_DAY})
    method = answer.get("method", "")
    request = MoveRequest(
        answer["target"],
        Difference(difference) if difference else None,
        Wish.SCHOOL if answer.get("wish") == Wish.SCHOOL else Wish.STUDENT,
        ExpectedMove(int(answer["kept"]), answer["currency"], int(price)),
        one_more="one_more" in answer,
        paid=Handover(
            Method(method) if method in list(Method) else Method.CASH,
            day,
            answer.get("reference", ""),
        ),
    )
    return ActOutcome(await services().booking_moves.move(who, booking_id, request))


async def _refund(
    who: Principal,
    booking_id: str,
    panel: ActPanel,
    figures: BookingFigures,
    answer: Mapping[str, str],
) -> ActOutcome:
    gives_up = answer.get("place") == GIVES_UP
    amount = amount_of(panel, answer.get("amount", ""), figures)
    if amount <= 0:
        return ActOutcome(problems={"amount": NO_AMOUNT})
    order = RefundOrder(
        amount,
        answer.get("reason", ""),
        _expected(panel),
        note=answer.get("note", ""),
        cancels=gives_up,
        agreed="agreed" in answer,
    )
    view = await services().managed_bookings.refund(who, booking_id, order)
    return ActOutcome(view, done=BookingAct.CANCEL.value if gives_up else "")


def _expected(panel: ActPanel) -> Expected:
    """Return the sums that the panel showed."""
    promised = panel.promised if panel.act == BookingAct.CANCEL.value else None
    return Expected(panel.expect, panel.currency, promised=promised)


def _by_field(errors: tuple[FieldError, ...]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for error in errors:
        parts = [part for part in error.pointer.split("/") if part]
        name = POINTERS.get(parts[0], parts[0]) if parts else ""
        if name in FIELDS:
            problems.setdefault(name, error.detail)
    return problems
