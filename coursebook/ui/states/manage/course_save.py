"""Stores what the form of a course holds, and says what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coursebook.domain.course_edits.course_state import CourseAct
from coursebook.errors import (
    CapacityBelowBookings,
    Conflict,
    EditedMeanwhile,
    FieldError,
    Invalid,
)
from coursebook.identity.principal import Principal
from coursebook.services.manage.change_previews import ChangePreview
from coursebook.services.manage.views import ManagedCourseView
from coursebook.wiring import services

CONCERNING = frozenset({"meetings", "location", "timezone"})
"""The values whose change can concern people who have booked."""


@dataclass(frozen=True)
class Outcome:
    """What came of a save. `course` is what is stored now, also when publishing was refused.

    `effect` is what the values would mean for people who booked: nothing was stored, they must be
    asked about first. `errors` are mistakes in the values, `theirs` the course as somebody else
    saved it meanwhile, `failure` any other error; `taken` counts the places that do not fit any
    more.
    """

    course: ManagedCourseView | None = None
    errors: Sequence[FieldError] = ()
    theirs: ManagedCourseView | None = None
    failure: Exception | None = None
    taken: int | None = None
    is_published: bool = False
    effect: ChangePreview | None = None


@dataclass(frozen=True)
class Telling:
    """Whether people who booked are told of an edit, and until which day they may cancel free."""

    tell: bool = False
    free_until: date | None = None
    reason: str = ""


NOBODY_TOLD = Telling()


async def save_or_ask(
    who: Principal, course_id: str, version: int, values: Mapping[str, Any], *, is_publishing: bool
) -> Outcome:
    """Store the values unless they concern people who booked. Raises nothing."""
    try:
        effect = await _effect_of(who, course_id, values) if course_id else None
        if effect is None:
            outcome = await save(who, course_id, version, values, is_publishing=is_publishing)
            if all(error.pointer != "/tell" for error in outcome.errors):
                return outcome
            effect = await _effect_of(who, course_id, values)  # somebody has just booked
    except Exception as error:  # noqa: BLE001 - every error becomes a sentence
        return Outcome(failure=error)
    return Outcome(effect=effect)


async def _effect_of(
    who: Principal, course_id: str, values: Mapping[str, Any]
) -> ChangePreview | None:
    """Return what an edit would mean for the people who booked; None when nobody is concerned.

    None also for an edit that will be refused: storing it says why.
    """
    if not CONCERNING & {*values}:
        return None
    try:
        effect = await services().change_previews.preview(who, course_id, values)
    except (Invalid, Conflict):
        return None
    return effect if effect.material and effect.people else None


async def save(
    who: Principal,
    course_id: str,
    version: int,
    values: Mapping[str, Any],
    *,
    is_publishing: bool = False,
    telling: Telling = NOBODY_TOLD,
) -> Outcome:
    """Store the values, and publish the course if asked. Raises nothing."""
    courses, stored = services().managed_courses, None
    try:
        if course_id:
            saved = await courses.patch(
                who,
                course_id,
                values,
                version,
                tell=telling.tell,
                free_cancel_until=telling.free_until,
                reason=telling.reason,
            )
            stored = saved.course
        else:
            stored = await courses.create(who, values)
        if not is_publishing:
            return Outcome(stored)
        stored = await courses.act(who, stored.id, CourseAct.PUBLISH)
        return Outcome(stored, is_published=True)
    except Invalid as error:
        return Outcome(stored, errors=error.errors, failure=None if error.errors else error)
    except EditedMeanwhile as error:
        theirs = error.current if isinstance(error.current, ManagedCourseView) else None
        return Outcome(theirs=theirs, failure=None if theirs else error)
    except CapacityBelowBookings as error:
        return Outcome(stored, taken=error.taken, failure=error)
    except Exception as error:  # noqa: BLE001 - every error becomes a sentence
        return Outcome(stored, failure=error)
