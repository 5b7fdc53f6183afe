"""The table of the states of a message: the full product of states and acts."""

from coursebook.domain.messaging.message_state import MessageAct, MessageState, after

DRAFT, PLANNED, SENDING = MessageState.DRAFT, MessageState.PLANNED, MessageState.SENDING
SENT, STOPPED = MessageState.SENT, MessageState.STOPPED
LEGAL = {
    (DRAFT, MessageAct.EDIT): DRAFT,
    (DRAFT, MessageAct.SEND): SENDING,
    (DRAFT, MessageAct.PLAN): PLANNED,
    (PLANNED, MessageAct.EDIT): PLANNED,
    (PLANNED, MessageAct.PLAN): PLANNED,
    (PLANNED, MessageAct.SEND): SENDING,
    (PLANNED, MessageAct.BEGIN): SENDING,
    (PLANNED, MessageAct.STOP): STOPPED,
    (SENDING, MessageAct.STOP): STOPPED,
    (SENDING, MessageAct.FINISH): SENT,
}


def test_every_act_in_every_state_is_legal_or_refused():
    table = {(s, act): after(s, act) for s in MessageState for act in MessageAct}
    assert table == dict.fromkeys(table) | LEGAL


def test_what_is_sent_or_stopped_is_final():
    assert {after(state, act) for state in (SENT, STOPPED) for act in MessageAct} == {None}
