"""`coursebook courses import`: show the changes, ask, and write all of them or none."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from coursebook.domain.course_fields import CourseField
from coursebook.domain.money import major_units
from coursebook.extensions.declaration import ExtensionError
from coursebook.extensions.loader import course_fields
from coursebook.run.commands.confirmation import is_confirmed
from coursebook.run.commands.database import run_with_context
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.services.catalog.course_files import CannotRead, CourseRow, read_courses
from coursebook.services.catalog.course_import import (
    CourseWithPicture,
    ImportRefused,
    PlannedCourse,
    import_courses,
    plan_import,
    prepare,
)
from coursebook.services.context import Context

T = TypeVar("T")
MAX_VALUE_LENGTH = 40


def import_file(file: Path, *, is_sure: bool, is_dry_run: bool, tell: bool = False) -> None:
    """Print the plan, ask, and import. Raises CannotStart, and typer.Exit(1) when refused.

    With `tell` people who booked get a mail about new dates or a new place.
    """
    try:
        fields = course_fields()
        rows = read_courses(file, fields)
    except (CannotRead, ExtensionError) as error:
        raise CannotStart(str(error)) from None
    courses, plan = _run(lambda context: _planned(context, rows, fields, tell=tell))
    for planned, row in zip(plan, rows, strict=True):
        for line in plan_lines(planned, row):
            print(line)
    counts = Counter(planned.outcome for planned in plan)
    print(", ".join(f"{counts[o]} {o}" for o in ("new", "changed", "same", "problem")))
    if counts["problem"]:
        print("Nothing was imported: fix the problems first.")
        raise typer.Exit(1)
    if is_dry_run or not counts["new"] + counts["changed"]:
        print("Nothing was imported." if is_dry_run else "There is nothing to import.")
        return
    question = f"Import {counts['new']} new and {counts['changed']} changed courses?"
    if not is_sure and not is_confirmed(question):
        print("Nothing was imported.")
        raise typer.Exit(1)
    try:
        _run(lambda context: import_courses(context, courses, plan, fields, tell=tell))
    except ImportRefused as error:
        raise CannotStart(str(error)) from None
    print(f"Imported: {counts['new']} new, {counts['changed']} changed.")


def plan_lines(planned: PlannedCourse, row: CourseRow) -> list[str]:
    """Return the lines that say what importing one row does: first the outcome, then details."""
    name = f"{planned.slug or '?'} ({planned.place})"
    lines = [f"{planned.outcome:<8} {name}"]
    if planned.outcome == "new" and row.draft is not None:
        draft = row.draft
        starts = draft.starts_at.astimezone(ZoneInfo(draft.timezone))
        price = f"{major_units(draft.price, draft.currency)} {draft.currency.upper()}"
        lines[0] += f": {draft.title}, {starts:%a %d %b %Y %H:%M} {draft.timezone}, {price}"
    for column, (old, new) in _by_column(planned.changes):
        before, after = old, new
        if column == "price" and row.draft is not None:
            before, after = (major_units(price, row.draft.currency) for price in (old, new))
        lines.append(f"         {column}: {_short(before)} -> {_short(after)}")
    lines += [f"         {problem.detail}" for problem in planned.problems]
    return lines


def _by_column(changes: Mapping[str, tuple[Any, Any]]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield the changes by column: each field of the school is one."""
    for column, (old, new) in changes.items():
        if column != "extra":
            yield column, (old, new)
            continue
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield name, (old.get(name, "none"), new.get(name, "none"))


async def _planned(
    context: Context, rows: Sequence[CourseRow], fields: Sequence[CourseField], *, tell: bool
) -> tuple[tuple[CourseWithPicture, ...], tuple[PlannedCourse, ...]]:
    courses = await prepare(rows)
    return courses, await plan_import(context, courses, fields, tell=tell)


def _short(value: object) -> str:
    text = value.isoformat(timespec="minutes") if isinstance(value, datetime) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"


def _run(act: Callable[[Context], Coroutine[object, object, T]]) -> T:
    return run_with_context(settings_or_sentence(), act)
