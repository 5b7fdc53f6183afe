"""Takes the lines that phones send from the door: each once, the first present wins."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.booking import SeatState
from coursebook.domain.check_in.attendance import (
    AttendanceState,
    CheckInWay,
    Decision,
    LineAnswer,
    decide,
)
from coursebook.domain.check_in.ticket_code import code_of
from coursebook.errors import FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.persistence.schema.tables import Attendance, AttendanceLine, Booking
from coursebook.persistence.unit_of_work import UnitOfWork, writing
from coursebook.services.check_in.attendance_audit import write_change
from coursebook.services.check_in.meetings import MeetingAndCourse, meeting_within
from coursebook.services.check_in.ticks import ticks_of
from coursebook.services.check_in.views import CheckInLine, LineResult
from coursebook.services.context import Context
from coursebook.services.manage.access import Access

log = structlog.get_logger("coursebook.check_in")

MAX_LINES = 100
OFFLINE_AFTER = timedelta(seconds=60)
"""A line that comes later than this after its tap waited for a network."""
ANOTHER_COURSE, NO_PLACE, STATE = "another_course", "no_place", "state"
TOO_MANY = f"At most {MAX_LINES} lines can be sent at once."
NAMELESS = "Name a booking or a ticket code, not both."


class CheckIn:
    """The use case."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def record(
        self, who: Principal | None, meeting_id: str, lines: Sequence[CheckInLine]
    ) -> tuple[LineResult, ...]:
        """Record lines in their order, in one transaction, and answer each.

        Raises Unauthenticated, Forbidden, MeetingNotFound, Invalid, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        assert who is not None, "rights_of refuses nobody"
        _check(lines)
        actor, now = rights.actor(who.user_id), self._context.clock()
        async with writing(self._context.database) as work:
            meeting = await meeting_within(work, meeting_id, rights)
            # An owner by the sign-in service may never have called before: others read the name.
            await work.users.ensure(who.user_id, who.email, who.name, now)
            recording = _Recording(work, meeting, actor, now)
            result = await recording.results(await recording.all_of(lines))
        done = sum(line.answer is LineAnswer.DONE for line in result)
        log.info("attendance.recorded", meeting=meeting_id, lines=len(lines), done=done)
        return result


def _check(lines: Sequence[CheckInLine]) -> None:
    if len(lines) > MAX_LINES:
        raise Invalid([FieldError("/lines", TOO_MANY)])
    errors = [
        FieldError(f"/lines/{number}/booking_id", NAMELESS)
        for number, line in enumerate(lines)
        if bool(line.booking_id) == bool(line.code)
    ]
    if errors:
        raise Invalid(errors)


class _Recording:
    """One transaction of lines. The bookings are locked, in the order of their ids."""

    def __init__(
        self, work: UnitOfWork, meeting: MeetingAndCourse, actor: Actor, now: datetime
    ) -> None:
        self._work = work
        self._meeting = meeting
        self._actor = actor
        self._now = now
        self._rows: dict[str, Attendance] = {}
        self._received: dict[str, AttendanceLine] = {}

    async def all_of(self, lines: Sequence[CheckInLine]) -> list[LineResult]:
        bookings = await self._work.attendances.lock(
            {line.booking_id for line in lines if line.booking_id},
            {code_of(line.code) for line in lines if line.code},
        )
        by_id = {booking.id: booking for booking in bookings}
        by_code = {booking.ticket_code: booking for booking in bookings}
        self._rows = await self._work.attendances.of_meeting(self._meeting.id, list(by_id))
        self._received = await self._work.attendances.lines([line.client_id for line in lines])
        results = []
        for line in lines:
            of_code = by_code.get(code_of(line.code)) if line.code else None
            results.append(await self._one(line, of_code or by_id.get(line.booking_id)))
        return results

    async def _one(self, line: CheckInLine, booking: Booking | None) -> LineResult:
        if booking is None:
            return LineResult(line.client_id, LineAnswer.UNKNOWN)
        if booking.course_id != self._meeting.course.id:
            refused = LineAnswer.NOT_ALLOWED
            return LineResult(line.client_id, refused, reason=ANOTHER_COURSE)
        received = self._received.get(line.client_id)
        if received is None:
            decision = self._decision(line, booking)
            stored = self._stored(line, booking, decision.answer)
            if await self._work.attendances.add_line(stored.model_dump()):
                self._received[line.client_id] = stored
                if decision.answer is LineAnswer.DONE and decision.state is not None:
                    self._apply(stored, decision.state)
                return self._result(line, booking, decision.answer)
            received = (await self._work.attendances.lines([line.client_id]))[line.client_id]
        if (received.booking_id, received.meeting_id) != (booking.id, self._meeting.id):
            return LineResult(line.client_id, LineAnswer.UNKNOWN)
        return self._result(line, booking, LineAnswer(received.answer))

    def _decision(self, line: CheckInLine, booking: Booking) -> Decision:
        row = self._rows.get(booking.id)
        return decide(
            AttendanceState(row.state) if row else None,
            line.state,
            is_confirmed=booking.place == SeatState.CONFIRMED.value,
            undoes_another=bool(line.undoes) and row is not None and row.client_id != line.undoes,
        )

    def _stored(self, line: CheckInLine, booking: Booking, answer: LineAnswer) -> AttendanceLine:
        return AttendanceLine(
            client_id=line.client_id,
            booking_id=booking.id,
            meeting_id=self._meeting.id,
            state=line.state.value,
            answer=answer.value,
            at=self._now,
            phone_at=line.at,
            by=str(self._actor),
            how=_way(line, self._now).value,
        )

    def _apply(self, line: AttendanceLine, state: AttendanceState) -> None:
        row = self._rows.get(line.booking_id)
        before = row.state if row else None
        values = line.model_dump(exclude={"answer", "booking_id", "meeting_id", "state"})
        if row is None:
            row = Attendance(
                booking_id=line.booking_id, meeting_id=line.meeting_id, state=state.value, **values
            )
            self._work.attendances.add(row)
            self._rows[row.booking_id] = row
        else:
            row.sqlmodel_update({**values, "state": state.value})
        self._work.mark_changed(topics.roster(self._meeting.course.id))
        write_change(self._work, row, before, actor=self._actor, now=self._now)

    def _result(self, line: CheckInLine, booking: Booking, answer: LineAnswer) -> LineResult:
        is_refused = answer is LineAnswer.NOT_ALLOWED
        has_place = booking.place == SeatState.CONFIRMED.value
        reason = "" if not is_refused else STATE if has_place else NO_PLACE
        return LineResult(line.client_id, answer, booking.id, reason=reason)

    async def results(self, answers: list[LineResult]) -> tuple[LineResult, ...]:
        """Return the answers with what is recorded now."""
        ticks = await ticks_of(self._work, self._rows.values())
        return tuple(
            LineResult(a.client_id, a.answer, a.booking_id, ticks.get(a.booking_id), a.reason)
            for a in answers
        )


def _way(line: CheckInLine, now: datetime) -> CheckInWay:
    if line.at is not None and now - line.at > OFFLINE_AFTER:
        return CheckInWay.OFFLINE
    return CheckInWay.SCAN if line.code else CheckInWay.NAME
