"""The money inbox: each kind has texts and an action, and closes when its cause is resolved."""

import pytest

from coursebook.domain.booking import SeatState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.inbox import (
    ACTION,
    CAUSE,
    MONEY,
    OBSOLETE,
    InboxContext,
    InboxKind,
    is_obsolete,
)
from coursebook.domain.refund import RefundState

ELSEWHERE = {
    InboxKind.PROMISE_NOT_KEPT,
    InboxKind.PAID_WITHOUT_BOOKING,
    InboxKind.BOOKS_DIFFER,
    InboxKind.REFUND_BY_HAND,
}


def inbox_context(**values) -> InboxContext:
    usual = {"place": SeatState.CONFIRMED, "left": 4500, "requested": 4500}
    return InboxContext(**(usual | values))


@pytest.mark.parametrize("kind", list(InboxKind))
def test_every_kind_has_its_texts_and_one_action(kind: InboxKind):
    assert CAUSE[kind].endswith(".")
    assert MONEY[kind].endswith(".")
    assert ACTION[kind]
    assert (kind in OBSOLETE) != (kind in ELSEWHERE)


@pytest.mark.parametrize(
    ("kind", "stays", "goes"),
    [
        (InboxKind.PAYMENT_DIFFERS, {"left": 1}, {"left": 0}),
        (
            InboxKind.REFUND_FROM_OUTSIDE,
            {"refund": RefundState.SUCCEEDED},
            {"refund": RefundState.FAILED},
        ),
        (
            InboxKind.REFUND_FROM_OUTSIDE,
            {"refund": RefundState.PENDING},
            {"refund": RefundState.PENDING, "place": SeatState.CANCELLED},
        ),
        (InboxKind.REFUND_FAILED, {"back_since": 4499}, {"back_since": 4500}),
        (InboxKind.REFUND_FAILED, {"left": 1}, {"left": 0}),
        (
            InboxKind.REFUND_FAILED,
            {"is_lost": True},
            {"is_lost": True, "place": SeatState.CANCELLED},
        ),
        (
            InboxKind.GIVEN_BACK_TWICE,
            {"dispute": DisputeState.LOST, "place": SeatState.CANCELLED, "taken": 4500, "left": 0},
            {"dispute": DisputeState.WON, "place": SeatState.CANCELLED, "taken": 4500, "left": 0},
        ),
        (
            InboxKind.GIVEN_BACK_TWICE,
            {"dispute": DisputeState.LOST, "place": SeatState.CANCELLED, "taken": 4500, "left": 1},
            {
                "dispute": DisputeState.LOST,
                "place": SeatState.CANCELLED,
                "taken": 4500,
                "left": 4500,
            },
        ),
        (
            InboxKind.INQUIRY_OPEN,
            {"dispute": DisputeState.INQUIRY},
            {"dispute": DisputeState.CLOSED},
        ),
        (InboxKind.DISPUTE_OPEN, {"dispute": DisputeState.OPEN}, {"dispute": DisputeState.LOST}),
        (InboxKind.DISPUTE_LOST, {"dispute": DisputeState.LOST}, {"dispute": DisputeState.WON}),
        (
            InboxKind.DISPUTE_LOST,
            {"dispute": DisputeState.LOST},
            {"dispute": DisputeState.LOST, "place": SeatState.CANCELLED},
        ),
        (
            InboxKind.DISPUTE_WON_LATE,
            {"dispute": DisputeState.WON},
            {"dispute": DisputeState.WON, "left": 0},
        ),
        (
            InboxKind.DISPUTE_DIFFERS,
            {"dispute": DisputeState.OPEN},
            {"dispute": DisputeState.LOST},
        ),
    ],
)
def test_an_entry_closes_when_its_cause_is_resolved_and_not_before(kind, stays, goes):
    assert not is_obsolete(kind, inbox_context(**stays))
    assert is_obsolete(kind, inbox_context(**goes))


@pytest.mark.parametrize("kind", sorted(ELSEWHERE))
def test_entries_about_other_objects_ignore_the_bookings_state(kind: InboxKind):
    assert not is_obsolete(kind, inbox_context(left=0, place=SeatState.CANCELLED))
