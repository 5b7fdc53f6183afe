"""An entry of a waiting list: its states, and the events that change them."""

from enum import StrEnum


class EntryState(StrEnum):
    """The state of an entry.

    waiting · offered: a place is kept for the person · taken · lapsed: the turn was over ·
    declined · left · closed: the list was closed, or the person has a place.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LAPSED = "lapsed"
    DECLINED = "declined"
    LEFT = "left"
    CLOSED = "closed"


class EntryEvent(StrEnum):
    """What happens to an entry."""

    SERVE = "serve"
    CONFIRM = "confirm"
    TURN_OVER = "turn_over"
    DECLINE = "decline"
    LEAVE = "leave"
    CLOSE = "close"


MOVES: dict[tuple[EntryState, EntryEvent], EntryState] = {
    (EntryState.WAITING, EntryEvent.SERVE): EntryState.OFFERED,
    (EntryState.WAITING, EntryEvent.LEAVE): EntryState.LEFT,
    (EntryState.WAITING, EntryEvent.CLOSE): EntryState.CLOSED,
    (EntryState.OFFERED, EntryEvent.CONFIRM): EntryState.TAKEN,
    (EntryState.OFFERED, EntryEvent.TURN_OVER): EntryState.LAPSED,
    (EntryState.OFFERED, EntryEvent.DECLINE): EntryState.DECLINED,
    (EntryState.OFFERED, EntryEvent.CLOSE): EntryState.CLOSED,
}
"""Every legal move; any other is refused. Whoever joins again gets a new entry at the end."""

LIVE = (EntryState.WAITING, EntryState.OFFERED)
"""A person has at most one of these on a course."""


class IllegalEntryMove(Exception):
    """The entry cannot make this move."""


def entry_after(state: EntryState, event: EntryEvent) -> EntryState:
    """Return the state of an entry after `event`. Raises IllegalEntryMove."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalEntryMove(f"An entry that is {state} cannot {event}.") from None
