"""The states of a message and of its recipients, and the acts that change them."""

from collections.abc import Mapping
from enum import StrEnum


class MessageState(StrEnum):
    """The state of a message to the people of a course.

    planned: begins at its moment · sending: its recipients are written down; with `keeps_open` it
    stays so until the course begins · sent: every recipient has an end.
    """

    DRAFT = "draft"
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"


class MessageAct(StrEnum):
    """An act on a message. `begin` and `finish` are the worker's, all others a person's."""

    EDIT = "edit"
    SEND = "send"
    PLAN = "plan"
    STOP = "stop"
    BEGIN = "begin"
    FINISH = "finish"


class RecipientState(StrEnum):
    """What became of a message for one person.

    failed: the address was refused · skipped: the message was stopped first, the person has no
    address, or the booking moved to another course.
    """

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


MOVES: Mapping[tuple[MessageState, MessageAct], MessageState] = {
    (MessageState.DRAFT, MessageAct.EDIT): MessageState.DRAFT,
    (MessageState.DRAFT, MessageAct.SEND): MessageState.SENDING,
    (MessageState.DRAFT, MessageAct.PLAN): MessageState.PLANNED,
    (MessageState.PLANNED, MessageAct.EDIT): MessageState.PLANNED,
    (MessageState.PLANNED, MessageAct.PLAN): MessageState.PLANNED,
    (MessageState.PLANNED, MessageAct.SEND): MessageState.SENDING,
    (MessageState.PLANNED, MessageAct.BEGIN): MessageState.SENDING,
    (MessageState.PLANNED, MessageAct.STOP): MessageState.STOPPED,
    (MessageState.SENDING, MessageAct.STOP): MessageState.STOPPED,
    (MessageState.SENDING, MessageAct.FINISH): MessageState.SENT,
}
"""Every legal move; any other is refused. Sent and stopped are final."""


def after(state: MessageState, act: MessageAct) -> MessageState | None:
    """Return the state after an act, None if the act is not possible."""
    return MOVES.get((state, act))
