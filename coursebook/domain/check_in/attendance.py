"""Who came to a meeting: the states of one person there, and what may follow what."""

from enum import StrEnum
from typing import NamedTuple


class AttendanceState(StrEnum):
    """What is recorded of one person at one meeting. Nothing at all before the first tick."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    UNDONE = "undone"


class CheckInWay(StrEnum):
    """How somebody was checked in.

    offline: by a phone that was without a network then · worker: by itself, after the end.
    """

    NAME = "name"
    SCAN = "scan"
    OFFLINE = "offline"
    IMPORT = "import"
    WORKER = "worker"


class LineAnswer(StrEnum):
    """What became of one line that a phone sent."""

    DONE = "done"
    ALREADY = "already"
    UNKNOWN = "unknown"
    NOT_ALLOWED = "not_allowed"


_NOTHING = (None, AttendanceState.UNDONE)
MOVES: frozenset[tuple[AttendanceState | None, AttendanceState]] = frozenset(
    [
        *((before, AttendanceState.PRESENT) for before in _NOTHING),
        *((before, AttendanceState.ABSENT) for before in _NOTHING),
        (AttendanceState.PRESENT, AttendanceState.UNDONE),
        (AttendanceState.ABSENT, AttendanceState.EXCUSED),
        (AttendanceState.EXCUSED, AttendanceState.ABSENT),
        (AttendanceState.ABSENT, AttendanceState.PRESENT),  # a phone sent its ticks late
        (AttendanceState.EXCUSED, AttendanceState.PRESENT),
    ]
)
"""Every legal change, from and to. Absent never follows present."""


class Decision(NamedTuple):
    """The answer to one line, and the state afterwards."""

    answer: LineAnswer
    state: AttendanceState | None


def decide(
    before: AttendanceState | None,
    wanted: AttendanceState,
    *,
    is_confirmed: bool,
    undoes_another: bool = False,
) -> Decision:
    """Return what becomes of one line.

    `is_confirmed`: the person has a confirmed place. `undoes_another`: the line takes a tick back
    that was not the one that counts, because somebody else had ticked first.
    """
    if before is wanted or (before is None and wanted is AttendanceState.UNDONE):
        return Decision(LineAnswer.ALREADY, before)
    if wanted is AttendanceState.UNDONE and undoes_another:
        return Decision(LineAnswer.ALREADY, before)
    needs_place = wanted is not AttendanceState.UNDONE
    if (before, wanted) not in MOVES or (needs_place and not is_confirmed):
        return Decision(LineAnswer.NOT_ALLOWED, before)
    return Decision(LineAnswer.DONE, wanted)
