"""`coursebook people join`: shows what would move, asks, and moves it."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

import typer

from coursebook.run.commands.database import with_tools
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
    found = _run(settings, lambda tools: preview_join(tools, old, new))
    _show(found)
    if not found.old.bookings:
        print("Nothing to move.")
        return
    if not is_sure and not _agrees(found):
        print("Nothing was changed.")
        raise typer.Exit(1)
    moved = _run(settings, lambda tools: join(tools, found))
    print(f"{moved} bookings now belong to {found.new.subject}.")


def _show(found: JoinPreview) -> None:
    for word, one in (("from", found.old), ("to", found.new)):
        print(f"{word:<5} {_line(one)}")


def _line(one: PersonSummary) -> str:
    name = f"{one.name} <{one.email}>" if one.name else one.email or "no address"
    return (
        f"{one.subject}, {name}, last seen {one.seen_at:%Y-%m-%d}: "
        f"{one.bookings} bookings, {one.live} of them live"
    )


def _agrees(found: JoinPreview) -> bool:
    question = f"Move {found.old.bookings} bookings to {found.new.subject}?"
    try:
        return typer.confirm(question, default=False)
    except typer.Abort:  # nobody is there to answer
        print()
        return False


def _run(settings: Settings, act: Callable[[Context], Coroutine[object, object, T]]) -> T:
    try:
        return with_tools(settings, act)
    except CannotJoin as problem:
        raise CannotStart(str(problem)) from None
