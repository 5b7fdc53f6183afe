"""Comparing our books with Stripe's, page by page, so that it can be cut short and go on.

It changes nothing. What differs is settled only on demand, and only by `settle`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from coursebook.domain.actor import RECONCILIATION
from coursebook.domain.inbox import InboxKind, Resolution
from coursebook.domain.reconciliation import STAGES, Difference, Run
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.reconciliation.stages import STAGE_FUNCTIONS, PageComparison
from coursebook.services.settlement.inbox_entries import close_entry, open_inbox_entry
from coursebook.services.settlement.settle import settle

log = structlog.get_logger("coursebook.reconcile")

COMMAND, TIMER = "command", "timer"
LEASE = timedelta(minutes=2)
MAX_RUN_AGE = timedelta(days=1)
"""A run that was cut short longer ago than this begins anew."""
CLOCK_SKEW = timedelta(minutes=10)
"""Clocks differ a little; Stripe's lists are asked from this much before our first payment."""
RECHECK_SECONDS = 2.0
MAX_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Progress:
    """A run after one page, and the share of it that is done (0 to 1)."""

    run: Run
    done: float


class Reconciler:
    """Runs comparisons.

    `every`: pause between two of the timer's, none: never. `pause`: seconds before something that
    seems to differ is looked at again, so that what is on its way is not taken for a difference.
    """

    def __init__(self, context: Context, *, every: timedelta, pause: float | None = None) -> None:
        self._context = context
        self._every = every
        self._pause = RECHECK_SECONDS if pause is None else pause

    async def whole(self, since: datetime | None = None) -> AsyncIterator[Progress]:
        """Run to the end, or on from where the last one was cut short. Raises GatewayError."""
        run = await self._start_or_resume(COMMAND, since)
        while run.finished_at is None:
            seen = await self._step(run)
            run = seen.run
            yield seen

    async def settle_all(self, found: tuple[Difference, ...]) -> None:
        """Settle every payment on which the books differ. Raises GatewayError."""
        for session_id in dict.fromkeys(d.session_id for d in found if d.session_id):
            await settle(self._context, session_id, actor=RECONCILIATION, refunds_too=True)

    async def round(self) -> None:
        """One page of the timer's run, when it is time; what it finds goes to the money inbox."""
        if not self._every:
            return
        run = await self._due_run()
        if run is None:
            return
        try:
            done = (await self._step(run)).run
        except GatewayError as error:
            log.warning("reconcile.stripe_silent", error=str(error))
            return
        if done.finished_at is not None:
            await self._report(done)

    async def _due_run(self) -> Run | None:
        now = self._context.clock()
        async with writing(self._context.database) as work:
            run = await work.reconciliations.find(TIMER)
            if run is None:  # nothing to compare yet: the first one comes after a while
                await work.reconciliations.keep(Run(TIMER, now, now, finished_at=now), now)
                return None
            if run.finished_at is not None and run.finished_at + self._every > now:
                return None
            if not await work.reconciliations.take(TIMER, now, now + LEASE):
                return None
            if run.finished_at is None:
                return run
            since = max(await self._first_payment_at(work, now), now - MAX_LOOK_BACK)
            return Run(TIMER, since, now)

    async def _start_or_resume(self, name: str, since: datetime | None) -> Run:
        now = self._context.clock()
        async with reading(self._context.database) as work:
            known = await work.reconciliations.find(name)
            first = since or await self._first_payment_at(work, now)
        cut_short = known is not None and known.finished_at is None
        if (
            known is not None
            and cut_short
            and now - known.started_at < MAX_RUN_AGE
            and since is None
        ):
            return known
        return Run(name, first, now)

    async def _first_payment_at(self, work: UnitOfWork, now: datetime) -> datetime:
        return (await work.reconciliations.first_payment() or now) - CLOCK_SKEW

    async def _step(self, run: Run) -> Progress:
        """Look at one page and write down how far we are."""
        looked = await self._compare(run)
        after = _advanced(run, looked, self._context.clock())
        async with writing(self._context.database) as work:
            await work.reconciliations.keep(after, self._context.clock())
        return Progress(after, after.done(looked.oldest if looked.next_cursor else None))

    async def _compare(self, run: Run) -> PageComparison:
        """Look, and look again after a pause at a page on which something seems to differ."""
        look = STAGE_FUNCTIONS[run.stage]
        looked = await look(self._context, run)
        if not looked.found:
            return looked
        await asyncio.sleep(self._pause)
        return await look(self._context, run)

    async def _report(self, run: Run) -> None:
        """Ask a person about every difference; close what was not found again."""
        now, actor = self._context.clock(), RECONCILIATION
        keys = {f"books:{one.key}" for one in run.found}
        async with writing(self._context.database) as work:
            for one in run.found:
                await open_inbox_entry(work, _draft(one), actor=actor, now=now)
            for entry in await work.inbox.open_of_kind(InboxKind.BOOKS_DIFFER):
                if entry.dedupe_key not in keys:
                    await close_entry(work, entry, Resolution.OBSOLETE, actor=actor, now=now)
        log.info("reconcile.done", looked_at=run.looked_at, found=len(run.found))


def _draft(one: Difference) -> InboxEntryDraft:
    return InboxEntryDraft(
        f"books:{one.key}",
        InboxKind.BOOKS_DIFFER,
        one.cause,
        booking_id=one.booking_id,
        session_id=one.session_id,
        amount=one.amount,
        currency=one.currency,
    )


def _advanced(run: Run, looked: PageComparison, now: datetime) -> Run:
    known = {one.key for one in run.found}
    found = (*run.found, *(one for one in looked.found if one.key not in known))
    after = replace(run, found=found, looked_at=run.looked_at + looked.count)
    if looked.next_cursor:
        return replace(after, cursor=looked.next_cursor)
    following = STAGES.index(run.stage) + 1
    if following == len(STAGES):
        return replace(after, cursor=None, finished_at=now)
    return replace(after, stage=STAGES[following], cursor=None)
