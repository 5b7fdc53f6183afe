"""The money inbox for operators: list entries, do their one safe action, close them by hand."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.inbox import (
    ACTION,
    CAUSE,
    MONEY,
    SECOND_ACTION,
    InboxAction,
    InboxKind,
    Resolution,
)
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import (
    ChangedMeanwhile,
    InboxEntryNotFound,
    NotActionable,
    PaymentProviderError,
)
from coursebook.identity.principal import Principal
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import MoneyInboxEntry, PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.bookings.balance import money_left, received_money
from coursebook.services.context import Context
from coursebook.services.locked_booking import (
    FOREIGN_MONEY,
    LockedBookingAndCourse,
    again_if_moved,
    lock_booking,
)
from coursebook.services.manage.access import Access
from coursebook.services.operators.inbox_by_hand import act_by_hand, give_back_done
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.settlement.inbox_entries import close_entry, note_action
from coursebook.services.settlement.refunds import amount_left
from coursebook.services.settlement.settle import settle
from coursebook.services.views import InboxEntryView, InboxPage, MoneyView

log = structlog.get_logger("coursebook.inbox")

CURSOR = "inbox:created_at"
OTHER_ACTION = "This entry offers another action now. Load the page again to see it."
ALREADY_CLOSED = "This entry is already closed."
MAX_COUNTED = 100
"""More open entries than these are not counted further."""
BY_HAND_KINDS = (InboxKind.REFUND_BY_HAND, InboxKind.PART_PAID)
DECIDE = "The student holds the place: give it, or give the money back."


class Inbox:
    """The use cases of the money inbox. All raise Forbidden and RateLimited.

    Whoever may see money reads it; whoever may move money acts and closes.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def list_of(
        self, who: Principal, *, is_open: bool = True, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """Return one page of the open or the closed entries, oldest first.

        Raises Invalid for a bad cursor.
        """
        await self._require(who, Permission.SEE_MONEY)
        kind = f"{'open' if is_open else 'closed'} {CURSOR}"
        after = read_cursor(cursor, kind)
        async with reading(self._context.database) as work:
            rows = await work.inbox.page(is_open=is_open, after=after, limit=limit + 1)
            items = await _views(work, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        next_cursor = write_cursor(kind, last.created_at, last.id) if last else None
        return InboxPage(items, next_cursor)

    async def count_open(self, rights: Rights) -> int:
        """Return how many entries are open, at most `MAX_COUNTED`. `rights` are the reader's."""
        rights.require(Permission.SEE_MONEY)
        async with reading(self._context.database) as work:
            return await work.inbox.count_open(MAX_COUNTED)

    async def entry(self, who: Principal, entry_id: str) -> InboxEntryView:
        """Return one entry, with whom it is about for who may see people.

        Raises InboxEntryNotFound.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_MONEY)
        view = await self._entry(entry_id)
        return view if rights.allows(Permission.SEE_PEOPLE) else replace(view, student="")

    async def _entry(self, entry_id: str) -> InboxEntryView:
        async with reading(self._context.database) as work:
            return await _view_of(work, entry_id)

    @again_if_moved
    async def act(
        self,
        who: Principal,
        entry_id: str,
        action: InboxAction,
        expect: MoneyView | None = None,
    ) -> InboxEntryView:
        """Carry out the action of an entry, at most once; `action` is the one that was shown.

        With `expect`, the refund shown to the operator, another sum is refused. Raises
        InboxEntryNotFound, NotActionable, ChangedMeanwhile, PaymentProviderError.
        """
        actor = await self._require(who, Permission.MOVE_MONEY)
        shown = await self._entry(entry_id)
        if action not in (shown.action, shown.other_action):
            raise NotActionable(OTHER_ACTION if shown.action else ALREADY_CLOSED)
        async with writing(self._context.database) as work:
            entry, locked = await self._lock(work, actor, shown)
            back = await _refund_now(work, entry)
            if expect is not None and expect != back:
                raise ChangedMeanwhile(**vars(back)) if back else ChangedMeanwhile
            await self._do(work, entry, locked, action, actor)
            answer = work.read_last(lambda: _view_of(work, entry_id))
        log.info("inbox.acted", entry=entry_id, action=action.value)
        if action is InboxAction.ASK_STRIPE and shown.session_id:
            await self._ask(shown.session_id, actor)
            return await self._entry(entry_id)
        return answer.value

    @again_if_moved
    async def resolve(self, who: Principal, entry_id: str, note: str) -> InboxEntryView:
        """Close an entry that was handled manually; `note` says how.

        Raises InboxEntryNotFound, NotActionable.
        """
        actor = await self._require(who, Permission.MOVE_MONEY)
        shown, now = await self._entry(entry_id), self._context.clock()
        async with writing(self._context.database) as work:
            entry, locked = await self._lock(work, actor, shown)
            if locked is not None and entry.kind == InboxKind.REFUND_BY_HAND.value:
                await give_back_done(locked, entry, note)
            elif entry.kind == InboxKind.PART_PAID.value:
                raise NotActionable(DECIDE)
            else:
                await close_entry(work, entry, Resolution.BY_HAND, actor=actor, now=now, note=note)
            answer = work.read_last(lambda: _view_of(work, entry_id))
        return answer.value

    async def _require(self, who: Principal, permission: Permission) -> Actor:
        """Return the person for the audit trail. Raises Forbidden, RateLimited."""
        rights = await self._access.rights_of(who)
        rights.require(permission)
        return rights.actor(who.user_id)

    async def _lock(
        self, work: UnitOfWork, actor: Actor, shown: InboxEntryView
    ) -> tuple[MoneyInboxEntry, LockedBookingAndCourse | None]:
        """Lock course, booking and entry, in this order. Raises NotActionable when it is closed."""
        now = self._context.clock()
        about = shown.booking_id
        locked = await lock_booking(work, about, actor, now) if about else None
        entry = await work.inbox.lock(shown.id)
        if entry is None:
            raise InboxEntryNotFound
        if entry.resolved_at is not None:
            raise NotActionable(ALREADY_CLOSED)
        return entry, locked

    async def _do(
        self,
        work: UnitOfWork,
        entry: MoneyInboxEntry,
        locked: LockedBookingAndCourse | None,
        action: InboxAction,
        actor: Actor,
    ) -> None:
        now = self._context.clock()
        match action:
            case InboxAction.REFUND if locked is not None:
                await _refund(locked, entry)
                await close_entry(work, entry, Resolution.DONE, actor=actor, now=now)
            case InboxAction.REFUND:
                await work.outbox.enqueue(
                    "refund_orphan", f"{entry.id} {now.isoformat()}", {"entry_id": entry.id}, now
                )
                note_action(work, entry, "The money goes back.", actor=actor, now=now)
            case InboxAction.TRY_AGAIN:
                if not await work.outbox.revive(entry.subject_id or "", now):
                    raise NotActionable("There is nothing left to retry.")
                note_action(work, entry, "It is tried again.", actor=actor, now=now)
            case InboxAction.ASK_STRIPE:
                note_action(work, entry, "Stripe is asked again.", actor=actor, now=now)
            case InboxAction.ACCEPT:
                await close_entry(work, entry, Resolution.DONE, actor=actor, now=now)
            case InboxAction.GIVEN_BACK | InboxAction.GIVE_PLACE | InboxAction.GIVE_BACK:
                assert locked is not None, "it is about a booking"
                await act_by_hand(locked, entry, action)

    async def _ask(self, session_id: str, actor: Actor) -> None:
        try:
            await settle(self._context, session_id, actor=actor, refunds_too=True)
        except GatewayError as error:
            raise PaymentProviderError(
                "We could not reach the payment service. Nothing has changed; please try again."
            ) from error


async def _view_of(work: UnitOfWork, entry_id: str) -> InboxEntryView:
    (view,) = await _views(work, [await _entry_of(work, entry_id)])
    return view


async def _views(
    work: UnitOfWork, entries: Sequence[MoneyInboxEntry]
) -> tuple[InboxEntryView, ...]:
    """Return entries with whom they are about, in as many queries for any number of them."""
    booking_ids = list(dict.fromkeys(entry.booking_id for entry in entries if entry.booking_id))
    bookings = await work.bookings.by_ids(booking_ids)
    users = await work.users.by_ids({booking.user_id for booking in bookings.values()})
    courses = await work.courses.by_ids({booking.course_id for booking in bookings.values()})
    attempts = await work.attempts.of_bookings(booking_ids)
    refunds = await work.refunds.of_bookings(booking_ids)
    views = []
    for entry in entries:
        booking_id = entry.booking_id or ""
        booking = bookings.get(booking_id)
        user = users.get(booking.user_id) if booking else None
        course = courses.get(booking.course_id) if booking else None
        own = [row for row in attempts.get(booking_id, []) if row.id == entry.attempt_id]
        view = replace(
            inbox_entry_view(entry),
            expect=_refund_of(entry, own, refunds.get(booking_id, [])),
            student=(user.name or user.email) if user else "",
            course=course.title if course else "",
        )
        views.append(view)
    return tuple(views)


async def _refund(locked: LockedBookingAndCourse, entry: MoneyInboxEntry) -> None:
    """Enqueue the refund of an entry, never more than is left of the payment."""
    attempt = await locked.work.attempts.find(entry.attempt_id or "")
    if attempt is None:
        raise NotActionable("We do not know this payment.")
    if attempt.is_foreign:
        raise NotActionable(FOREIGN_MONEY)
    if attempt.is_disputed:
        raise NotActionable("The payment is disputed, so Stripe refunds none of it.")
    amount = _part(entry, await amount_left(locked, attempt))
    if amount <= 0:
        raise NotActionable("Nothing is left of this payment to give back.")
    again = entry.kind == InboxKind.REFUND_FAILED.value
    cause = "refund_again" if again else "given_back_by_operator"
    await locked.enqueue_refund(attempt, amount, cause, currency=received_money(attempt)[1])


def _part(entry: MoneyInboxEntry, left: int) -> int:
    """Return what of the money that is left the entry is about."""
    is_again = entry.kind == InboxKind.REFUND_FAILED.value
    return min(left, entry.amount or 0) if is_again else left


async def _refund_now(work: UnitOfWork, entry: MoneyInboxEntry) -> MoneyView | None:
    """Return the refund that an open entry's action would make, None when it moves no money."""
    attempt = await work.attempts.find(entry.attempt_id) if entry.attempt_id else None
    await work.flush()
    refunds = await work.refunds.of_attempt(attempt.id) if attempt else []
    return _refund_of(entry, [attempt] if attempt else [], refunds)


def _refund_of(
    entry: MoneyInboxEntry, attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]
) -> MoneyView | None:
    """Return that refund; `attempts` is the payment of the entry, if it is ours."""
    if entry.resolved_at is None and InboxKind(entry.kind) in BY_HAND_KINDS:
        return MoneyView(entry.amount or 0, entry.currency or "")
    if entry.resolved_at is not None or ACTION[InboxKind(entry.kind)] is not InboxAction.REFUND:
        return None
    if not attempts:  # the amount left is fetched from Stripe when it is refunded
        return MoneyView(entry.amount or 0, entry.currency or "")
    attempt = attempts[0]
    left = money_left([attempt], refunds).get(attempt.id, 0)
    return MoneyView(_part(entry, left), received_money(attempt)[1])


async def _entry_of(work: UnitOfWork, entry_id: str) -> MoneyInboxEntry:
    entry = await work.inbox.find(entry_id) if len(entry_id) <= ID_LENGTH else None
    if entry is None:
        raise InboxEntryNotFound
    return entry


def inbox_entry_view(row: MoneyInboxEntry) -> InboxEntryView:
    """Return the view of an entry, with the texts of its kind."""
    kind = InboxKind(row.kind)
    has_amount = row.amount is not None and row.currency
    return InboxEntryView(
        id=row.id,
        kind=kind,
        cause=CAUSE[kind],
        money=MONEY[kind],
        detail=row.detail,
        amount=MoneyView(row.amount or 0, row.currency or "") if has_amount else None,
        booking_id=row.booking_id,
        session_id=row.session_id,
        action=ACTION[kind] if row.resolved_at is None else None,
        other_action=SECOND_ACTION.get(kind) if row.resolved_at is None else None,
        created_at=row.created_at,
        acted_at=row.acted_at,
        acted_by=row.acted_by,
        closed_at=row.resolved_at,
        closed_by=row.resolved_by,
        resolution=Resolution(row.resolution) if row.resolution else None,
        note=row.note,
    )
