"""The outbox runner: delivers each message at least once, with longer pauses after each failure."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.inbox import InboxKind, Resolution
from coursebook.domain.messaging.message_state import RecipientState
from coursebook.errors import CoursebookError
from coursebook.live import topics
from coursebook.log import new_request_id, request_id
from coursebook.mail.messages import MAILS, Writer
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.tables import OutboxMessage
from coursebook.persistence.unit_of_work import UnitOfWork, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import MAIL
from coursebook.services.manage.invitations import INVITATION
from coursebook.services.outbox.mails import PermanentFailure, send_mail
from coursebook.services.outbox.message_mails import (
    MESSAGE_TEST,
    send_message_test,
    send_to_waiting,
)
from coursebook.services.outbox.message_recipients import MESSAGE_MAIL, note_outcome
from coursebook.services.outbox.operator_alerts import send_alert
from coursebook.services.outbox.teacher_mails import send_teacher_mail
from coursebook.services.outbox.team_invitations import send_invitation
from coursebook.services.outbox.told_teachers import TeacherMail
from coursebook.services.outbox.waiting_mails import send_waiting_mail
from coursebook.services.settlement.holds import close_attempt, close_session
from coursebook.services.settlement.inbox_entries import ALERT, close_entry, open_inbox_entry
from coursebook.services.settlement.orphaned_payments import refund_orphan
from coursebook.services.settlement.refunds import make_refund
from coursebook.services.waiting_list.mail_kinds import WaitingMail

log = structlog.get_logger("coursebook.worker")

BATCH_SIZE = 20
BULK_TURN = "bulk"
BULK_PAUSE = 0.2
"""Seconds between two messages of the bulk lane, of all processes together: mail servers refuse
mails that come faster."""
WITHOUT_ENTRY = (ALERT, MESSAGE_MAIL, MESSAGE_TEST)
"""Given up without a question to a person: an alert has an entry already, a message has a log."""
BEFORE_BULK = tuple(lane for lane in Lane if lane is not Lane.BULK)
MoreMails = Callable[[], Mapping[str, Writer]]


class _TooSoon(Exception):
    """The turn of the bulk lane has not come: nothing was claimed."""


class OutboxRunner:
    """Claims due messages and processes them."""

    def __init__(
        self,
        context: Context,
        sender: SmtpSender | None,
        operators: Sequence[str] = (),
        more_mails: MoreMails = dict,
        bulk_pause: float = BULK_PAUSE,
    ) -> None:
        """`operators`: addresses that get a mail about new entries of the money inbox.

        `more_mails` returns the mails that extensions add to ours; it is asked for those that are
        not ours only, since asking may import the extensions.
        """
        self._context = context
        self._sender = sender
        self._operators = operators
        self._more_mails = more_mails
        self._bulk_pause = bulk_pause

    async def run(self) -> int:
        """Carry out due messages, at most BATCH_SIZE. Return how many were claimed.

        They are claimed one by one, so that a slow one does not outlast the claim on another, and
        an urgent one goes before the rest of a bulk.
        """
        for count in range(BATCH_SIZE):
            message = await self._next()
            if message is None:
                return count
            with request_id(message.payload.get("request_id") or new_request_id()):
                await self._do(message)
        return BATCH_SIZE

    async def _next(self) -> OutboxMessage | None:
        """Claim the next due message, one of the bulk lane at its turn only."""
        while True:
            message = await self._claim(BEFORE_BULK)
            if message is not None:
                return message
            with suppress(_TooSoon):
                return await self._claim((Lane.BULK,))
            await asyncio.sleep(self._bulk_pause)

    async def _claim(self, lanes: tuple[Lane, ...]) -> OutboxMessage | None:
        """Claim a message; raise _TooSoon for one of the bulk lane before its turn.

        All processes take turns, so that together they send no more.
        """
        now = self._context.clock()
        async with writing(self._context.database) as work:
            due = await work.outbox.claim(now, 1, lanes)
            if due and due[0].lane == Lane.BULK.value:
                pause = timedelta(seconds=self._bulk_pause)
                if not await work.heartbeats.take_turn(BULK_TURN, now, pause):
                    raise _TooSoon
        return due[0] if due else None

    async def _do(self, message: OutboxMessage) -> None:
        try:
            was_done = await self._carry_out(message)
        except (MailNotSent, GatewayError) as error:
            await self._record_failure(message, str(error), give_up=False)
        except PermanentFailure as error:
            await self._record_failure(message, str(error), give_up=True)
        except CoursebookError:
            raise
        except Exception as error:  # a bug must not stop the other messages
            log.exception("outbox.crashed", kind=message.kind, message=message.id)
            await self._record_failure(message, f"{type(error).__name__}: {error}", give_up=False)
        else:
            await self._record_done(message, was_done=was_done)

    async def _record_done(self, message: OutboxMessage, *, was_done: bool) -> None:
        now = self._context.clock()
        outcome = RecipientState.SENT if was_done else RecipientState.SKIPPED
        async with writing(self._context.database) as work:
            await work.outbox.done(message.id, now)
            await note_outcome(work, message, outcome, now)
            if "course_id" in message.payload:  # a page of the course counts such mails
                work.mark_changed(topics.roster(message.payload["course_id"]))
            if message.last_error:  # it may have been dead, and retried by an operator
                await _mark_roster(work, message)
                entry = await work.inbox.by_key(_key(message))
                if entry is not None and entry.resolved_at is None:
                    await close_entry(work, entry, Resolution.OBSOLETE, actor=WORKER, now=now)
        log.info(
            "outbox.delivered", kind=message.kind, message=message.id, booking=message.booking_id
        )

    async def _carry_out(self, message: OutboxMessage) -> bool:
        """Do what a message asks for; return False for a mail that is not to be sent any more."""
        if message.kind == "refund":
            await make_refund(self._context, message.payload["refund_id"])
        elif message.kind == "refund_orphan":
            await refund_orphan(self._context, message.payload["entry_id"])
        elif message.kind == "close_session":
            await self._close(message)
        elif message.kind == INVITATION:
            await send_invitation(self._context, self._sender, message)
        elif message.kind in set(WaitingMail):
            await send_waiting_mail(self._context, self._sender, message)
        elif message.kind in set(TeacherMail):
            return await send_teacher_mail(self._context, self._sender, message)
        elif message.kind == ALERT:
            await send_alert(self._context, self._sender, self._operators, message)
        elif message.kind == MESSAGE_TEST:
            await send_message_test(self._context, self._sender, message)
        elif message.kind == MESSAGE_MAIL and message.booking_id is None:
            return await send_to_waiting(self._context, self._sender, message)
        else:
            write = self._writer_of(message.kind)
            return await send_mail(self._context, self._sender, message, write)
        return True

    def _writer_of(self, kind: str) -> Writer:
        """Return the function that writes a mail, ours or of an extension."""
        name = kind.removeprefix(MAIL) if kind.startswith(MAIL) else ""
        own = {str(mail): write for mail, write in MAILS.items()}
        write = own.get(name) or (self._more_mails().get(name) if name else None)
        if write is None:
            raise PermanentFailure(f"Nobody knows how to do {kind!r}.")
        return write

    async def _close(self, message: OutboxMessage) -> None:
        session_id = message.payload.get("session_id")
        if session_id:
            await close_session(self._context, session_id, WORKER)
        else:
            await close_attempt(self._context, message.payload["attempt_id"])

    async def _record_failure(self, message: OutboxMessage, reason: str, *, give_up: bool) -> None:
        now = self._context.clock()
        async with writing(self._context.database) as work:
            is_dead = await work.outbox.failed(message.id, reason, now, give_up=give_up)
            if is_dead:
                await note_outcome(work, message, RecipientState.FAILED, now)
            if is_dead and message.kind not in WITHOUT_ENTRY:
                detail = f"{_failure_text(message.kind)}: {reason.removesuffix('.')}."
                draft = InboxEntryDraft(
                    _key(message),
                    InboxKind.PROMISE_NOT_KEPT,
                    detail,
                    booking_id=message.booking_id,
                    subject_id=message.id,
                )
                await open_inbox_entry(work, draft, actor=WORKER, now=now)
                await _mark_roster(work, message)
        log.warning("outbox.failed", kind=message.kind, message=message.id, is_dead=is_dead)


async def _mark_roster(work: UnitOfWork, message: OutboxMessage) -> None:
    """Let open rosters look again: they show whom a mail did not reach."""
    booking = await work.bookings.find(message.booking_id) if message.booking_id else None
    if booking is not None:
        work.mark_changed(topics.roster(booking.course_id))


def _failure_text(kind: str) -> str:
    """Return the text for a message that could not be carried out."""
    if kind.startswith(MAIL):
        return f"The mail “{kind.removeprefix(MAIL).replace('_', ' ')}” could not be sent"
    return {
        "refund": "A refund could not be made",
        "refund_orphan": "The refund of a payment without a booking could not be made",
        "close_session": "A payment page could not be closed",
    }.get(kind, f"“{kind}” could not be done")


def _key(message: OutboxMessage) -> str:
    return f"dead:{message.id}"
