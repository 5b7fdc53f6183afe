"""Changes of an entry under the lock of its course, each with its audit row and its mail."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.actor import Actor
from coursebook.domain.waiting_list.entry import EntryEvent, EntryState, entry_after
from coursebook.domain.waiting_list.turn import is_list_open, turn_end
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course, User, WaitingListEntry
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.school_settings import offer_minutes
from coursebook.services.waiting_list.list_state import rule_of
from coursebook.services.waiting_list.mail_kinds import WaitingMail

MAX_WHY_LENGTH = 60


@dataclass(frozen=True)
class LockedList:
    """The waiting list of a locked course. `actor` is written to the audit trail."""

    work: UnitOfWork
    course: Course
    actor: Actor
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether a turn still fits before the list closes."""
        return is_list_open(rule_of(self.course), self.now)

    async def turn_end(self) -> datetime | None:
        """Return the end of a turn that begins now, None once the list is closed."""
        school = None if self.course.offer_minutes else await offer_minutes(self.work)
        return turn_end(rule_of(self.course, school), self.now)

    async def add(self, user: User, note: str) -> WaitingListEntry:
        """Put a person at the end, and tell them their position."""
        entry = WaitingListEntry(
            id=new_id("wtl"),
            course_id=self.course.id,
            user_id=user.id,
            state=EntryState.WAITING.value,
            priority=0,
            joined_at=await self.work.waiting_list.next_joining(self.course.id, self.now),
            note=note,
        )
        self.work.waiting_list.add(entry)
        self.course.waiting += 1
        await self.work.flush()
        self.record(entry, "joined", None)
        position = await self.work.waiting_list.ahead_of(entry) + 1
        await self.enqueue(WaitingMail.JOINED, entry, position=position)
        return entry

    def move(self, entry: WaitingListEntry, event: EntryEvent, why: str = "") -> None:
        """Let something happen to an entry. Raises IllegalEntryMove."""
        before = EntryState(entry.state)
        state = entry_after(before, event)
        entry.state = state.value
        if before is EntryState.WAITING:
            self.course.waiting -= 1
        if state is not EntryState.OFFERED:
            entry.ended_at, entry.why = self.now, why[:MAX_WHY_LENGTH]
        self.record(entry, event.value, before)

    async def close(self, entry: WaitingListEntry, why: str, lane: Lane = Lane.PERSONAL) -> None:
        """End an entry because the list is closed, and tell the person why."""
        self.move(entry, EntryEvent.CLOSE, why)
        await self.enqueue(WaitingMail.OVER, entry, lane=lane, why=why)

    async def enqueue(
        self,
        kind: WaitingMail,
        entry: WaitingListEntry,
        *,
        lane: Lane = Lane.PERSONAL,
        **facts: object,
    ) -> None:
        """Enqueue a mail about an entry, once for each entry and kind."""
        await self.work.outbox.enqueue(
            kind.value,
            f"{kind.value}:{entry.id}",
            {"entry_id": entry.id, **facts},
            self.now,
            booking_id=entry.booking_id,
            lane=lane,
        )

    def record(
        self,
        entry: WaitingListEntry,
        event: str,
        before: EntryState | None,
        **data: object,
    ) -> None:
        """Write the audit row of an entry, and let open pages look again."""
        change = Change(
            None,
            f"waiting {entry.id}",
            event,
            before.value if before else None,
            entry.state,
            data={"user": entry.user_id, "booking": entry.booking_id, **data},
            course_id=self.course.id,
            about="course",
        )
        request = current_request_id()
        self.work.audit.write(change, actor=self.actor, request_id=request, now=self.now)
        self.work.mark_changed(
            topics.waiting(self.course.id),
            topics.roster(self.course.id),
            topics.user(entry.user_id),
        )
