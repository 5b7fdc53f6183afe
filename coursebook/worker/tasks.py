"""One round of the worker. Every pass is idempotent and may be interrupted at any point."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import structlog

from coursebook.domain.actor import WORKER
from coursebook.errors import CoursebookError
from coursebook.extensions.loader import extensions
from coursebook.payments.gateway import GatewayError, StripeUnreachable
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.check_in.absences import mark_absent
from coursebook.services.course_cancellation.place_ends import (
    end_place_of_cancelled_course,
    finish_cancellations,
)
from coursebook.services.health import PULSE
from coursebook.services.installation import AnotherAddress, installation_of
from coursebook.services.outbox.course_reminders import due_reminders, remind_of_start
from coursebook.services.outbox.hold_reminders import ending_holds, remind
from coursebook.services.outbox.runner import BATCH_SIZE as OUTBOX_BATCH_SIZE
from coursebook.services.settlement.holds import check_attempt, sweep_hold
from coursebook.services.settlement.settle import settle
from coursebook.services.waiting_list.due_lists import serve_due_lists
from coursebook.wiring import Services
from coursebook.worker.due_passes import due_passes
from coursebook.worker.intervals import DISPUTE_POLL_INTERVAL, POLL_INTERVAL

log = structlog.get_logger("coursebook.worker")

BATCH_SIZE = 25
ABSENT_BATCH_SIZE = 200
"""People who are recorded as absent in one transaction."""
MAX_TIMEOUTS = 2
"""Stop after this many calls in a row without an answer. One alone may be a single bad call."""
HEARTBEAT_INTERVAL = timedelta(seconds=20)
"""A round takes long when Stripe does not answer; the heartbeat shows that the worker is alive."""
Pass = Callable[[Services], Awaitable[bool | None]]
ALWAYS = ""
"""The name of a pass that is never left out."""


def passes() -> tuple[tuple[str, Pass], ...]:
    """Return the passes in their order, each after the name of what is due for it, or ALWAYS."""
    return (
        ("events", _handle_events),
        ("sessions", _poll_sessions),
        ("ended holds", _sweep_holds),
        ("cancelled courses", _end_places_of_cancelled_courses),
        ("absences", _mark_absent),
        ("waiting lists", _serve_waiting_lists),
        ("ending holds", _remind_of_holds),
        ("reminders", _remind_of_courses),
        ("refunds and disputes", _poll_refunds_and_disputes),
        ("comparison", _compare_with_stripe),
        ("messages", _go_on_with_messages),
        ("outbox", _send_outbox),
        ("fees", _read_fees_and_payouts),
        *((ALWAYS, job) for extension in extensions() for job in extension.jobs),
        ("replies", _prune_replies),
        (ALWAYS, _beat),
    )


async def one_round(services: Services) -> bool:
    """Run all passes; return whether work is left. A failed pass does not stop the others.

    Passes without anything due are left out, up to the first that has: what it does may be work
    for those that follow.
    """
    try:
        await installation_of(services.context)
    except AnotherAddress as error:  # a copy must not act for its original
        log.warning("worker_round.refused", reason=error.remedy)
        return False
    except CoursebookError as error:
        log.warning("worker_pass.failed", name="installation_of", reason=error.detail)
        return False
    due = await _due_passes(services)
    last_beat, has_work, is_busy = services.clock(), False, due is None
    for name, worker_pass in passes():
        is_busy |= due is not None and name in due
        if name != ALWAYS and not is_busy:
            continue
        try:
            has_work |= await worker_pass(services) is True
            if services.clock() - last_beat > HEARTBEAT_INTERVAL:
                await _beat(services)
                last_beat = services.clock()
        except CoursebookError as error:
            log.warning("worker_pass.failed", name=worker_pass.__name__, reason=error.detail)
        except Exception:
            log.exception("worker_pass.crashed", name=worker_pass.__name__)
    return has_work


async def _due_passes(services: Services) -> frozenset[str] | None:
    """Return the names of the passes with something to do, or None when we cannot ask."""
    try:
        return await due_passes(services)
    except CoursebookError as error:
        log.warning("worker_pass.failed", name="due_passes", reason=error.detail)
    except Exception:
        log.exception("worker_pass.crashed", name="due_passes")
    return None


async def _handle_events(services: Services) -> None:
    async with writing(services.context.database) as work:
        due = await work.events.claim(services.clock(), BATCH_SIZE)
    timeouts = 0
    for event in due:
        timeouts = 0 if await services.webhooks.handle(event.id) else timeouts + 1
        if timeouts == MAX_TIMEOUTS:
            return


async def _poll_sessions(services: Services) -> None:
    now = services.clock()
    async with writing(services.context.database) as work:
        due = await work.attempts.claim_for_polling(now - POLL_INTERVAL, now, BATCH_SIZE)
    await _run_each((attempt.id, check_attempt(services.context, attempt)) for attempt in due)


async def _sweep_holds(services: Services) -> None:
    async with reading(services.context.database) as work:
        overdue = await work.bookings.overdue(services.clock(), BATCH_SIZE)
    await _run_each(
        (booking_id, sweep_hold(services.context, booking_id)) for booking_id in overdue
    )


async def _remind_of_holds(services: Services) -> None:
    ending = await ending_holds(services.context)
    await _run_each(
        (booking_id, remind(services.context, booking_id, session_id))
        for booking_id, session_id in ending
    )


async def _remind_of_courses(services: Services) -> bool:
    due = await due_reminders(services.context, BATCH_SIZE)
    await _run_each(
        (course_id, remind_of_start(services.context, course_id, starts_at))
        for course_id, starts_at in due
    )
    return len(due) == BATCH_SIZE


async def _poll_refunds_and_disputes(services: Services) -> None:
    async with reading(services.context.database) as work:
        now = services.clock()
        due = await work.refunds.pending_sessions(now - POLL_INTERVAL, BATCH_SIZE)
        due += await work.disputes.pending_sessions(now - DISPUTE_POLL_INTERVAL, BATCH_SIZE)
    await _run_each(
        (session_id, settle(services.context, session_id, actor=WORKER, refunds_too=True))
        for session_id in due
    )


async def _end_places_of_cancelled_courses(services: Services) -> bool:
    booking_ids = await services.course_cancellations.places_to_end.next_batch(BATCH_SIZE)
    ended = await _run_each(
        (booking_id, end_place_of_cancelled_course(services.context, booking_id))
        for booking_id in booking_ids
    )
    await finish_cancellations(services.context)
    return ended == BATCH_SIZE


async def _mark_absent(services: Services) -> bool:
    return await mark_absent(services.context, ABSENT_BATCH_SIZE) == ABSENT_BATCH_SIZE


async def _serve_waiting_lists(services: Services) -> bool:
    """Serve lists where a place is free, and close those of courses that take nobody any more."""
    return await serve_due_lists(services.context, BATCH_SIZE) == BATCH_SIZE


async def _run_each(jobs: Iterable[tuple[str, Awaitable[object]]]) -> int:
    """Run the jobs in order, and return how many answered True.

    When Stripe does not answer, leave the rest for the next round.
    """
    timeouts = count = 0
    for name, job in jobs:
        try:
            count += await job is True
            timeouts = 0
        except StripeUnreachable as error:
            log.warning("worker_job.postponed", about=name, reason=str(error))
            timeouts += 1
            if timeouts == MAX_TIMEOUTS:
                return count
        except GatewayError as error:
            log.warning("worker_job.refused", about=name, reason=str(error))
        except CoursebookError:
            raise
        except Exception:  # a bug with one booking must not delay the others
            log.exception("worker_job.crashed", about=name)
    return count


async def _compare_with_stripe(services: Services) -> None:
    await services.reconciler.run_next_page()


async def _go_on_with_messages(services: Services) -> None:
    await services.message_passes.run()


async def _send_outbox(services: Services) -> bool:
    return await services.outbox.run() == OUTBOX_BATCH_SIZE


async def _read_fees_and_payouts(services: Services) -> None:
    await _run_each([("fees", services.bookkeeping.fees.run())])


async def _prune_replies(services: Services) -> None:
    await services.replies.prune()


async def _beat(services: Services) -> None:
    async with writing(services.context.database) as work:
        await work.heartbeats.beat(PULSE, services.clock())
