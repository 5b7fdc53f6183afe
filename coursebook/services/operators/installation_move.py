"""What an operator says of a database that is found at another public address.

`declare_moved`: the same installation, which goes on as it was. `declare_copy`: a new one, which
never acts on what its original left open.
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
from coursebook.services.context import Context
from coursebook.services.locked_booking import lock_booking
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


async def known_address(tools: Context) -> str:
    """Return the address that the database was last used at with real keys, or ""."""
    async with reading(tools.database) as work:
        row = await work.installations.find()
    return row.public_address if row is not None and row.has_keys else ""


async def declare_moved(tools: Context) -> None:
    """Note our public address as the one of the same installation."""
    async with writing(tools.database) as work:
        row = await _row(work, tools)
        before = row.public_address
        _note_address(row, tools)
        _audit(work, tools, "moved", f"From {before} to {tools.public_url}.")
    log.info("installation.moved", address=tools.public_url)


async def declare_copy(tools: Context) -> Copied:
    """Give this database an id of its own; close what its original has to do itself."""
    async with writing(tools.database) as work:
        row = await _row(work, tools)
        before, row.id, row.copied_from = row.id, new_id("ins"), row.id
        _note_address(row, tools)
        now = tools.clock()
        copied = Copied(
            id=row.id,
            bookings=await _end_holds(work, tools),
            promises=await work.outbox.close_all(LEFT, now),
            events=await work.events.close_all(LEFT, now),
            entries=await _close_entries(work, tools),
        )
        await work.attempts.disown_all()
        await work.reconciliations.forget()
        _audit(work, tools, "copied", f"Copy of {before}; it is {row.id} now.")
    log.info("installation.copied", id=copied.id, address=tools.public_url)
    return copied


async def _row(work: UnitOfWork, tools: Context) -> InstallationRow:
    return await work.installations.ensure(tools.public_url, tools.clock(), has_keys=True)


def _note_address(row: InstallationRow, tools: Context) -> None:
    row.public_address, row.has_keys, row.updated_at = tools.public_url, True, tools.clock()


async def _end_holds(work: UnitOfWork, tools: Context) -> int:
    """End every held place and every attempt that is not over: nobody can pay for them here."""
    ended = 0
    for booking_id in await work.bookings.held_or_unsettled():
        ledger = await lock_booking(work, booking_id, ACTOR, tools.clock())
        assert ledger is not None, "read in this transaction"
        for attempt in await work.attempts.of_booking(booking_id):
            state = AttemptState(attempt.state)
            if not state.is_final:
                over = state is AttemptState.PROCESSING
                then = AttemptState.FAILED if over else AttemptState.EXPIRED
                ledger.set_attempt(attempt, then, LEFT)
        if ledger.place is SeatState.HELD:
            ledger.end(EndCause.PAGE_EXPIRED, LEFT)
            ended += 1
    return ended


async def _close_entries(work: UnitOfWork, tools: Context) -> int:
    entries = await work.inbox.all_open()
    for entry in entries:
        how, now = Resolution.BY_HAND, tools.clock()
        await close_entry(work, entry, how, actor=ACTOR, now=now, note=LEFT)
    return len(entries)


def _audit(work: UnitOfWork, tools: Context, event: str, cause: str) -> None:
    change = Change(None, "installation", event, None, None, cause)
    work.audit.write(change, actor=ACTOR, request_id="", now=tools.clock())
