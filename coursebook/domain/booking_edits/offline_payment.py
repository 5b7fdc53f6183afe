"""Money that the school takes or gives by hand, and the legal moves of its state."""

from enum import StrEnum


class Direction(StrEnum):
    """`in`: from the student to the school. `out`: given back to the student."""

    IN = "in"
    OUT = "out"


class Method(StrEnum):
    """How the money is handed over."""

    CASH = "cash"
    TRANSFER = "transfer"
    TERMINAL = "terminal"
    VOUCHER = "voucher"
    OTHER = "other"


class OfflineState(StrEnum):
    """`expected`: still to come. `received`: handed over. `void`: it no longer counts."""

    EXPECTED = "expected"
    RECEIVED = "received"
    VOID = "void"


MOVES: dict[OfflineState, tuple[OfflineState, ...]] = {
    OfflineState.EXPECTED: (OfflineState.RECEIVED, OfflineState.VOID),
    OfflineState.RECEIVED: (OfflineState.VOID,),
    OfflineState.VOID: (),
}
"""Every legal move; any other is refused."""
