"""The settlement table: every situation has exactly one effect."""

import itertools

import pytest

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.settlement import (
    NOT_TAKEN,
    STATE_OF,
    TABLE,
    CheckoutSessionStatus,
    Decision,
    Effect,
    Situation,
    decide,
)

P, A, W, E = SeatState, AttemptState, CheckoutSessionStatus, Effect

NOT = {"takes": False}
MOVED = {"is_moved": True}

LAW = [
    ("held, paid in time", P.HELD, A.OPEN, W.PAID, {}, E.CONFIRM),
    ("held, nothing to pay", P.HELD, A.OPEN, W.NOTHING_TO_PAY, {}, E.CONFIRM),
    (
        "held, paid on an older session",
        P.HELD,
        A.SUPERSEDED,
        W.PAID,
        {"is_current": False},
        E.CONFIRM,
    ),
    ("held, id never stored", P.HELD, A.CREATED, W.PAID, {}, E.CONFIRM),
    ("held, complete but unpaid", P.HELD, A.OPEN, W.PROCESSING, {}, E.WAIT),
    ("on its way, then paid", P.HELD, A.PROCESSING, W.PAID, {}, E.CONFIRM),
    ("on its way, then failed", P.HELD, A.PROCESSING, W.FAILED, {}, E.RELEASE),
    ("held, declined inside Checkout", P.HELD, A.OPEN, W.OPEN, {}, E.NOTHING),
    ("held, current session expired", P.HELD, A.OPEN, W.EXPIRED, {}, E.RELEASE),
    ("held, an old session expired", P.HELD, A.OPEN, W.EXPIRED, {"is_current": False}, E.NOTHING),
    ("held and reserved, expired", P.HELD, A.OPEN, W.EXPIRED, {"is_reserved": True}, E.KEEP),
    ("held and reserved, failed", P.HELD, A.PROCESSING, W.FAILED, {"is_reserved": True}, E.KEEP),
    ("held and reserved, paid", P.HELD, A.OPEN, W.PAID, {"is_reserved": True}, E.CONFIRM),
    (
        "held and reserved, an old session expired",
        P.HELD,
        A.OPEN,
        W.EXPIRED,
        {"is_reserved": True, "is_current": False},
        E.NOTHING,
    ),
    ("held, moved, paid at the old price", P.HELD, A.EXPIRED, W.PAID, MOVED, E.REFUND),
    ("held, moved, nothing to pay before", P.HELD, A.OPEN, W.NOTHING_TO_PAY, MOVED, E.NOTHING),
    ("held, moved, a debit at the old price", P.HELD, A.OPEN, W.PROCESSING, MOVED, E.NOTHING),
    ("held, moved, that debit failed", P.HELD, A.PROCESSING, W.FAILED, MOVED, E.NOTHING),
    ("held, moved, the old page expired", P.HELD, A.OPEN, W.EXPIRED, MOVED, E.NOTHING),
    (
        "held, moved, the course takes no money",
        P.HELD,
        A.OPEN,
        W.PAID,
        MOVED | {"takes": False},
        E.END_AND_REFUND,
    ),
    (
        "late, moved, a place is free",
        P.EXPIRED,
        A.EXPIRED,
        W.PAID,
        MOVED | {"seat_free": True},
        E.REFUND,
    ),
    ("confirmed, moved, another success", P.CONFIRMED, A.OPEN, W.PAID, MOVED, E.REFUND),
    ("late, a place is free", P.EXPIRED, A.EXPIRED, W.PAID, {"seat_free": True}, E.TAKE_FREE_SEAT),
    ("late, full", P.EXPIRED, A.EXPIRED, W.PAID, {}, E.REFUND),
    (
        "late, course over or cancelled",
        P.EXPIRED,
        A.EXPIRED,
        W.PAID,
        {"seat_free": True, "takes": False},
        E.REFUND,
    ),
    ("held, not taken", P.HELD, A.OPEN, W.PAID, {"takes": False}, E.END_AND_REFUND),
    (
        "held, not taken, while a bank works on another payment in time",
        P.HELD,
        A.OPEN,
        W.PAID,
        {"takes": False, "another_waits": True, "is_current": False},
        E.REFUND,
    ),
    ("held, nothing to pay, not taken", P.HELD, A.OPEN, W.NOTHING_TO_PAY, NOT, E.END),
    ("held, a debit is given too late", P.HELD, A.OPEN, W.PROCESSING, NOT, E.END),
    (
        "held, a debit too late while a bank works on another one",
        P.HELD,
        A.OPEN,
        W.PROCESSING,
        {"takes": False, "another_waits": True, "is_current": False},
        E.NOTHING,
    ),
    ("on its way, then failed, not taken", P.HELD, A.PROCESSING, W.FAILED, NOT, E.RELEASE),
    ("held, expired, not taken", P.HELD, A.OPEN, W.EXPIRED, NOT, E.RELEASE),
    ("held, open, not taken", P.HELD, A.OPEN, W.OPEN, NOT, E.NOTHING),
    ("confirmed, another success, not taken", P.CONFIRMED, A.OPEN, W.PAID, NOT, E.REFUND),
    ("cancelled, paid later, not taken", P.CANCELLED, A.OPEN, W.PAID, NOT, E.REFUND),
    ("late and free of charge, full", P.EXPIRED, A.EXPIRED, W.NOTHING_TO_PAY, {}, E.NOTHING),
    ("confirmed, another success", P.CONFIRMED, A.OPEN, W.PAID, {}, E.REFUND),
    ("cancelled, paid later", P.CANCELLED, A.OPEN, W.PAID, {}, E.REFUND),
    ("confirmed, nothing more to pay", P.CONFIRMED, A.OPEN, W.NOTHING_TO_PAY, {}, E.NOTHING),
    ("cancelled, nothing to pay", P.CANCELLED, A.OPEN, W.NOTHING_TO_PAY, {}, E.NOTHING),
    ("amount differs", P.HELD, A.OPEN, W.PAID, {"matches": False}, E.REVIEW),
    ("amount differs, late", P.EXPIRED, A.EXPIRED, W.PAID, {"matches": False}, E.REVIEW),
    ("the same again", P.CONFIRMED, A.SUCCEEDED, W.PAID, {}, E.NOTHING),
    ("an older message", P.CONFIRMED, A.SUCCEEDED, W.EXPIRED, {}, E.NOTHING),
]


@pytest.mark.parametrize(
    ("place", "attempt", "status", "more", "effect"),
    [row[1:] for row in LAW],
    ids=[r[0] for r in LAW],
)
def test_a_specified_row(place, attempt, status, more, effect):
    situation = Situation(place, attempt, **{"is_current": True, "status": status, **more})
    assert decide(situation).effect is effect


QUIET = [
    (place, attempt, status)
    for place in (P.EXPIRED, P.CONFIRMED, P.CANCELLED)
    for attempt, status in (
        (A.CREATED, W.OPEN),
        (A.OPEN, W.PROCESSING),
        (A.PROCESSING, W.FAILED),
        (A.OPEN, W.EXPIRED),
    )
]


@pytest.mark.parametrize(("place", "attempt", "status"), [(P.HELD, A.CREATED, W.OPEN), *QUIET])
def test_without_money_a_settled_booking_does_not_change(place, attempt, status):
    decision = decide(Situation(place, attempt, status=status, is_current=True, seat_free=True))
    assert decision.effect is E.NOTHING


def test_every_seat_state_and_session_status_has_a_row():
    assert set(TABLE) == set(itertools.product(SeatState, CheckoutSessionStatus))


def situations():
    names = ("is_current", "matches", "seat_free", "takes", "another_waits", "is_reserved")
    names = (*names, "is_moved")
    flags = [dict(zip(names, f, strict=True)) for f in itertools.product((True, False), repeat=7)]
    for place, attempt, status, said in itertools.product(
        SeatState, AttemptState, CheckoutSessionStatus, flags
    ):
        yield Situation(place, attempt, status=status, **said)


def test_every_situation_has_an_effect_and_repeating_changes_nothing():
    for situation in situations():
        first = decide(situation)
        if first.attempt is None:
            assert first == Decision(Effect.NOTHING, None)
            continue
        again = Situation(
            situation.place,
            first.attempt,
            situation.is_current,
            situation.status,
            situation.matches,
        )
        assert decide(again) == Decision(Effect.NOTHING, None)


def test_received_money_is_always_accounted_for():
    ends = {E.CONFIRM, E.TAKE_FREE_SEAT, E.REFUND, E.END_AND_REFUND, E.REVIEW}
    for situation in situations():
        if (
            situation.status is CheckoutSessionStatus.PAID
            and situation.attempt is not AttemptState.SUCCEEDED
        ):
            assert decide(situation).effect in ends, situation


def test_a_seat_is_confirmed_only_by_a_matching_payment():
    for situation in situations():
        if decide(situation).effect in (Effect.CONFIRM, Effect.TAKE_FREE_SEAT):
            assert STATE_OF[situation.status] is AttemptState.SUCCEEDED
            assert situation.matches


def test_a_closed_course_never_confirms_a_seat():
    for situation in situations():
        if not situation.takes:
            taking = (E.CONFIRM, E.TAKE_FREE_SEAT, E.WAIT)
            assert decide(situation).effect not in taking, situation


def test_only_a_held_seat_expires_and_never_during_a_timely_payment():
    for situation in situations():
        if decide(situation).effect in (E.END, E.END_AND_REFUND, E.RELEASE):
            assert situation.place is P.HELD
        if situation.another_waits:
            assert decide(situation).effect not in (E.END, E.END_AND_REFUND), situation


def test_the_end_of_a_page_never_releases_a_reserved_place():
    for situation in situations():
        if situation.is_reserved:
            assert decide(situation).effect is not E.RELEASE, situation


def test_every_row_of_a_closed_course_differs_from_the_usual_one():
    assert set(NOT_TAKEN) <= set(TABLE)
    assert all(TABLE[row] is not effect for row, effect in NOT_TAKEN.items())


def test_a_processing_payment_is_never_released_by_expiry():
    for situation in situations():
        on_its_way = situation.attempt is AttemptState.PROCESSING
        if on_its_way and situation.status is CheckoutSessionStatus.EXPIRED:
            assert decide(situation).effect is Effect.NOTHING, situation
