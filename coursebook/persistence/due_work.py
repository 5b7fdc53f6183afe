"""Which passes of the worker have something to do: one question for all of them.

At rest a round asks this instead of beginning a transaction for each pass. The queries are those
that the passes read with. One may answer yes too often, but never no when something is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.bookkeeping.movements import unpriced_payments, unpriced_refunds
from coursebook.persistence.check_in.attendances import absent_people
from coursebook.persistence.messaging.message_rows import IS_ACTIVE
from coursebook.persistence.messaging.reminders import coming_starts, moments_of_reminders
from coursebook.persistence.repositories.attempts import unchecked_attempts
from coursebook.persistence.repositories.bookings import ended_holds, ending_holds
from coursebook.persistence.repositories.course_cancellations import (
    cancellations_without_places,
    places_to_end,
)
from coursebook.persistence.repositories.disputes import sessions_with_disputes
from coursebook.persistence.repositories.idempotent_replies import is_old
from coursebook.persistence.repositories.outbox import due_messages
from coursebook.persistence.repositories.refunds import sessions_with_refunds
from coursebook.persistence.repositories.webhook_events import due_events
from coursebook.persistence.schema.tables import IdempotentReply, Message, Pulse, Reconciliation
from coursebook.persistence.waiting_list.entries import courses_to_serve

_PLAN_EACH_TIME = sa.text("SET LOCAL plan_cache_mode = force_custom_plan")
"""After five rounds PostgreSQL would plan for any moments, and read whole tables at each."""


@dataclass(frozen=True)
class Moments:
    """The times that the passes compare with."""

    now: datetime
    sessions_asked: datetime
    disputes_asked: datetime
    hold_ends_after: datetime
    hold_ends_until: datetime
    hold_reminded_since: datetime
    meeting_since: datetime
    meeting_till: datetime
    fees_asked: datetime
    payouts_asked: datetime
    compared: datetime
    replies_until: datetime


async def due_work(
    session: AsyncSession, moments: Moments, *, reminder_minutes: int, payouts: str, timer: str
) -> frozenset[str]:
    """Return the names of what is due: those of `_questions`, and "comparison".

    `reminder_minutes` as the school has it. `payouts` is the name of the pulse of the payouts,
    `timer` that of the comparison which comes by itself.
    """
    parameters = vars(moments) | moments_of_reminders(moments.now, reminder_minutes)
    parameters |= {"payouts": payouts, "timer": timer}
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_PLAN_EACH_TIME)
    result = await session.execute(_statement(), parameters)
    return frozenset(name for name, is_due in result.mappings().one().items() if is_due)


def _questions() -> Mapping[str, Sequence[sa.Select[*tuple[Any, ...]]]]:
    at: dict[str, Any] = {name: sa.bindparam(name) for name in Moments.__dataclass_fields__}
    holds = (at["hold_ends_after"], at["hold_reminded_since"], at["hold_ends_until"])
    messages = sa.select(col(Message.id)).where(IS_ACTIVE)
    return {
        "events": [due_events(at["now"])],
        "sessions": [unchecked_attempts(at["sessions_asked"])],
        "ended holds": [ended_holds(at["now"])],
        "cancelled courses": [places_to_end(), cancellations_without_places()],
        "absences": [absent_people(at["meeting_since"], at["meeting_till"])],
        "waiting lists": [courses_to_serve(at["now"])],
        "ending holds": [ending_holds(*holds)],
        "reminders": coming_starts(),
        "refunds and disputes": [
            sessions_with_refunds(at["sessions_asked"]),
            sessions_with_disputes(at["disputes_asked"]),
        ],
        "messages": [messages],
        "outbox": [due_messages(at["now"])],
        "fees": [unpriced_payments(at["fees_asked"]), unpriced_refunds(at["fees_asked"])],
        "replies": [sa.select(col(IdempotentReply.key)).where(is_old(at["replies_until"]))],
    }


@cache
def _statement() -> sa.Select[*tuple[Any, ...]]:
    """Return one query with a column for each question."""
    were_asked = sa.exists().where(
        col(Pulse.name) == sa.bindparam("payouts"), col(Pulse.at) > sa.bindparam("payouts_asked")
    )
    was_compared = sa.exists().where(
        col(Reconciliation.name) == sa.bindparam("timer"),
        col(Reconciliation.finished_at) > sa.bindparam("compared"),
    )
    columns = {
        name: sa.or_(*(query.exists() for query in queries))
        for name, queries in _questions().items()
    }
    columns |= {"comparison": ~was_compared, "fees": sa.or_(columns["fees"], ~were_asked)}
    return sa.select(*(question.label(name) for name, question in columns.items()))
