"""The settlement table: every situation has one answer, and the law's rows are among them."""

import itertools

import pytest

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import Place
from coursebook.domain.settlement import (
    STATE_OF,
    TABLE,
    Decision,
    Effect,
    SessionWord,
    Situation,
    decide,
)

P, A, W, E = Place, AttemptState, SessionWord, Effect

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
    ("late, a place is free", P.EXPIRED, A.EXPIRED, W.PAID, {"seat_free": True}, E.TAKE_FREE_PLACE),
    ("late, full", P.EXPIRED, A.EXPIRED, W.PAID, {}, E.GIVE_BACK),
    (
        "late, course over or cancelled",
        P.EXPIRED,
        A.EXPIRED,
        W.PAID,
        {"seat_free": True, "may_take": False},
        E.GIVE_BACK,
    ),
    ("late and free of charge, full", P.EXPIRED, A.EXPIRED, W.NOTHING_TO_PAY, {}, E.NOTHING),
    ("confirmed, another success", P.CONFIRMED, A.OPEN, W.PAID, {}, E.GIVE_BACK),
    ("cancelled, paid later", P.CANCELLED, A.OPEN, W.PAID, {}, E.GIVE_BACK),
    ("confirmed, nothing more to pay", P.CONFIRMED, A.OPEN, W.NOTHING_TO_PAY, {}, E.NOTHING),
    ("cancelled, nothing to pay", P.CANCELLED, A.OPEN, W.NOTHING_TO_PAY, {}, E.NOTHING),
    ("amount differs", P.HELD, A.OPEN, W.PAID, {"matches": False}, E.ASK_A_PERSON),
    ("amount differs, late", P.EXPIRED, A.EXPIRED, W.PAID, {"matches": False}, E.ASK_A_PERSON),
    ("the same again", P.CONFIRMED, A.SUCCEEDED, W.PAID, {}, E.NOTHING),
    ("an older message", P.CONFIRMED, A.SUCCEEDED, W.EXPIRED, {}, E.NOTHING),
]


@pytest.mark.parametrize(
    ("place", "attempt", "word", "more", "effect"),
    [row[1:] for row in LAW],
    ids=[r[0] for r in LAW],
)
def test_a_row_of_the_law(place, attempt, word, more, effect):
    situation = Situation(place, attempt, **{"is_current": True, "word": word, **more})
    assert decide(situation).effect is effect


QUIET = [
    (place, attempt, word)
    for place in (P.EXPIRED, P.CONFIRMED, P.CANCELLED)
    for attempt, word in (
        (A.CREATED, W.OPEN),
        (A.OPEN, W.PROCESSING),
        (A.PROCESSING, W.FAILED),
        (A.OPEN, W.EXPIRED),
    )
]


@pytest.mark.parametrize(("place", "attempt", "word"), [(P.HELD, A.CREATED, W.OPEN), *QUIET])
def test_without_money_nothing_follows_for_a_booking_that_does_not_wait(place, attempt, word):
    decision = decide(Situation(place, attempt, word=word, is_current=True, seat_free=True))
    assert decision.effect is E.NOTHING


def test_every_place_and_word_has_a_row():
    assert set(TABLE) == set(itertools.product(Place, SessionWord))


def situations():
    flags = itertools.product((True, False), repeat=4)
    everything = itertools.product(Place, AttemptState, SessionWord, list(flags))
    for place, attempt, word, (is_current, matches, seat_free, may_take) in everything:
        yield Situation(place, attempt, is_current, word, matches, seat_free, may_take)


def test_no_situation_is_without_an_answer_and_a_second_time_changes_nothing():
    for situation in situations():
        first = decide(situation)
        if first.attempt is None:
            assert first == Decision(Effect.NOTHING, None)
            continue
        again = Situation(
            situation.place, first.attempt, situation.is_current, situation.word, situation.matches
        )
        assert decide(again) == Decision(Effect.NOTHING, None)


def test_money_that_came_always_ends_somewhere():
    ends = {Effect.CONFIRM, Effect.TAKE_FREE_PLACE, Effect.GIVE_BACK, Effect.ASK_A_PERSON}
    for situation in situations():
        if situation.word is SessionWord.PAID and situation.attempt is not AttemptState.SUCCEEDED:
            assert decide(situation).effect in ends, situation


def test_a_place_is_only_confirmed_by_money_that_came_as_asked():
    for situation in situations():
        if decide(situation).effect in (Effect.CONFIRM, Effect.TAKE_FREE_PLACE):
            assert STATE_OF[situation.word] is AttemptState.SUCCEEDED
            assert situation.matches


def test_a_payment_on_its_way_is_never_released_by_an_expiry():
    for situation in situations():
        on_its_way = situation.attempt is AttemptState.PROCESSING
        if on_its_way and situation.word is SessionWord.EXPIRED:
            assert decide(situation).effect is Effect.NOTHING, situation
