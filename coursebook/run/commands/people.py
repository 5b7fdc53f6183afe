"""`coursebook people join`: show both accounts, ask, and move the bookings."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

import typer

from coursebook.run.commands.confirmation import is_confirmed
from coursebook.run.commands.database import run_with_context
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.services.context import Context
from coursebook.services.operators.account_merge import (
    CannotJoin,
    JoinPreview,
    PersonSummary,
    join,
    preview_join,
)
from coursebook.settings import Settings

T = TypeVar("T")


def join_people(old: str, new: str, *, is_sure: bool) -> None:
    """Show both accounts, ask, and move the bookings. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    preview = _run(settings, lambda context: preview_join(context, old, new))
    _show(preview)
    if not preview.old.bookings:
        print("Nothing to move.")
        return
    if not is_sure and not _agrees(preview):
        print("Nothing was changed.")
        raise typer.Exit(1)
    moved = _run(settings, lambda context: join(context, preview))
    print(f"{moved} bookings now belong to {preview.new.subject}.")


def _show(preview: JoinPreview) -> None:
    for word, person in (("from", preview.old), ("to", preview.new)):
        print(f"{word:<5} {_person_line(person)}")


def _person_line(person: PersonSummary) -> str:
    name = f"{person.name} <{person.email}>" if person.name else person.email or "no address"
    return (
        f"{person.subject}, {name}, last seen {person.seen_at:%Y-%m-%d}: "
        f"{person.bookings} bookings, {person.live} of them live"
    )


def _agrees(preview: JoinPreview) -> bool:
    return is_confirmed(f"Move {preview.old.bookings} bookings to {preview.new.subject}?")


def _run(settings: Settings, act: Callable[[Context], Coroutine[object, object, T]]) -> T:
    try:
        return run_with_context(settings, act)
    except CannotJoin as error:
        raise CannotStart(str(error)) from None
