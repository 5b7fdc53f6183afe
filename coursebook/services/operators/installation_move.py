"""Declare a database at another public address as moved or as a copy.

`declare_moved`: the same installation, unchanged. `declare_copy`: a new installation, which never
acts on open payments of the original.
"""

from dataclasses import dataclass

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.inbox import Resolution
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import InstallationRow
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.bookings.offline_payments import end_place
from coursebook.services.context import Context
from coursebook.services.locked_booking import again_if_moved, lock_booking
from coursebook.services.settlement.inbox_entries import close_entry

log = structlog.get_logger("coursebook.installation")

ACTOR = Actor("operator, at the command line")
LEFT = "Left to the installation that this database was copied from."


@dataclass(frozen=True)
class Copied:
    """What became of the things that the original left open."""

    id: str
    bookings: int
    promises: int
    events: int
    entries: int


async def known_address(context: Context) -> str:
    """Return the address that the database was last used at with real keys, or ""."""
    async with reading(context.database) as work:
        row = await work.installations.find()
    return row.public_address if row is not None and row.has_keys else ""


async def declare_moved(context: Context) -> None:
    """Note our public address as the one of the same installation."""
    async with writing(context.database) as work:
        row = await _row(work, context)
        before = row.public_address
        _note_address(row, context)
        _audit(work, context, "moved", f"From {before} to {context.public_url}.")
    log.info("installation.moved", address=context.public_url)


@again_if_moved
async def declare_copy(context: Context) -> Copied:
    """Give this database its own id; close the work that the original has to do itself."""
    async with writing(context.database) as work:
        row = await _row(work, context)
        before, row.id, row.copied_from = row.id, new_id("ins"), row.id
        _note_address(row, context)
        now = context.clock()
        copied = Copied(
            id=row.id,
            bookings=await _end_holds(work, context),
            promises=await work.outbox.close_all(LEFT, now),
            events=await work.events.close_all(LEFT, now),
            entries=await _close_entries(work, context),
        )
        await work.attempts.disown_all()
        await work.reconciliations.forget()
        _audit(work, context, "copied", f"Copy of {before}; it is {row.id} now.")
    log.info("installation.copied", id=copied.id, address=context.public_url)
    return copied


async def _row(work: UnitOfWork, context: Context) -> InstallationRow:
    return await work.installations.ensure(context.public_url, context.clock(), has_keys=True)


def _note_address(row: InstallationRow, context: Context) -> None:
    row.public_address, row.has_keys, row.updated_at = context.public_url, True, context.clock()


async def _end_holds(work: UnitOfWork, context: Context) -> int:
    """End every held place and every unfinished attempt: they cannot be paid here."""
    ended = 0
    for booking_id in await work.bookings.held_or_unsettled():
        locked = await lock_booking(work, booking_id, ACTOR, context.clock())
        assert locked is not None, "read in this transaction"
        for attempt in await work.attempts.of_booking(booking_id):
            state = AttemptState(attempt.state)
            if not state.is_final:
                is_processing = state is AttemptState.PROCESSING
                then = AttemptState.FAILED if is_processing else AttemptState.EXPIRED
                locked.set_attempt(attempt, then, LEFT)
        if locked.place is SeatState.HELD:
            await end_place(locked, EndCause.PAGE_EXPIRED, LEFT)
            ended += 1
    return ended


async def _close_entries(work: UnitOfWork, context: Context) -> int:
    entries = await work.inbox.all_open()
    for entry in entries:
        resolution, now = Resolution.BY_HAND, context.clock()
        await close_entry(work, entry, resolution, actor=ACTOR, now=now, note=LEFT)
    return len(entries)


def _audit(work: UnitOfWork, context: Context, event: str, cause: str) -> None:
    change = Change(None, "installation", event, None, None, cause)
    work.audit.write(change, actor=ACTOR, request_id="", now=context.clock())
