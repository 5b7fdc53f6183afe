"""The places of a course: held while somebody pays, confirmed once paid.

The counts are columns of the course row and change only under its lock. A CHECK constraint of the
database enforces held + confirmed <= capacity.
"""

from dataclasses import dataclass, replace

from coursebook.domain.booking import SeatEvent, SeatState


class NoSeat(Exception):
    """Every place is held or confirmed."""


@dataclass(frozen=True)
class Seats:
    """The places of one course. Invariant: 0 <= held + confirmed <= capacity."""

    capacity: int
    held: int = 0
    confirmed: int = 0

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.held < 0 or self.confirmed < 0 or self.left < 0:
            raise ValueError(f"Impossible seats: {self.held} + {self.confirmed} of {self.capacity}")

    @property
    def left(self) -> int:
        """Places that can still be taken."""
        return self.capacity - self.held - self.confirmed

    def hold(self) -> "Seats":
        """Take one place for an unpaid booking. Raises NoSeat."""
        if self.left == 0:
            raise NoSeat
        return replace(self, held=self.held + 1)

    def confirm_held(self) -> "Seats":
        """Turn one held place into a confirmed one."""
        return replace(self, held=self.held - 1, confirmed=self.confirmed + 1)

    def confirm_free(self) -> "Seats":
        """Take a free place at once, for a payment that arrived after the hold. Raises NoSeat."""
        return self.hold().confirm_held()

    def release_held(self) -> "Seats":
        """Release a held place."""
        return replace(self, held=self.held - 1)

    def release_confirmed(self) -> "Seats":
        """Release a confirmed place."""
        return replace(self, confirmed=self.confirmed - 1)


def seats_after(seats: Seats, before: SeatState, event: SeatEvent) -> Seats:
    """Return the seats after an event of a place in state `before`. Raises NoSeat when full."""
    match before, event:
        case SeatState.HELD, SeatEvent.CONFIRM:
            return seats.confirm_held()
        case SeatState.HELD, _:
            return seats.release_held()
        case SeatState.EXPIRED, SeatEvent.CONFIRM:
            return seats.confirm_free()
        case SeatState.EXPIRED, SeatEvent.HOLD_AGAIN:
            return seats.hold()
        case SeatState.CONFIRMED, _:
            return seats.release_confirmed()
        case _:
            return seats


def seats_after_move(target: Seats, source: Seats, place: SeatState) -> tuple[Seats, Seats]:
    """Return the seats of both courses after a move from one to the other. Raises NoSeat."""
    if place is SeatState.CONFIRMED:
        return target.confirm_free(), source.release_confirmed()
    return target.hold(), source.release_held()
