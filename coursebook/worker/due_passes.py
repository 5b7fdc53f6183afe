"""Asks once a round which passes have something to do."""

from datetime import timedelta

from coursebook.persistence.due_work import Moments, due_work
from coursebook.persistence.unit_of_work import reading
from coursebook.services.bookkeeping import fees
from coursebook.services.check_in import absences
from coursebook.services.idempotency import RETENTION
from coursebook.services.manage.school_settings import reminder_minutes
from coursebook.services.outbox import hold_reminders
from coursebook.services.reconciliation.reconciler import TIMER
from coursebook.wiring import Services
from coursebook.worker.intervals import DISPUTE_POLL_INTERVAL, POLL_INTERVAL


async def due_passes(services: Services) -> frozenset[str]:
    """Return the names of the passes that something is due for (`due_work.py` has them)."""
    now = services.clock()
    moments = Moments(
        now=now,
        sessions_asked=now - POLL_INTERVAL,
        disputes_asked=now - DISPUTE_POLL_INTERVAL,
        hold_ends_after=now + hold_reminders.MIN_TIME_TO_PAY,
        hold_ends_until=now + hold_reminders.REMIND_WITHIN,
        hold_reminded_since=now - hold_reminders.REMIND_WITHIN,
        meeting_since=now - absences.LOOK_BACK,
        meeting_till=now - absences.ABSENT_AFTER,
        fees_asked=now - fees.RETRY_INTERVAL,
        payouts_asked=now - fees.POLL_INTERVAL,
        compared=now - timedelta(hours=services.settings.reconcile_hours),
        replies_until=now - RETENTION,
    )
    async with reading(services.context.database) as work:
        minutes = await reminder_minutes(work)
        due = await due_work(
            work.session, moments, reminder_minutes=minutes, payouts=fees.PULSE, timer=TIMER
        )
    return due if services.settings.reconcile_hours else due - {"comparison"}
