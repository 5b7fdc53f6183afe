"""Who came to a meeting: every state, and everything that may be wanted of it."""

from itertools import product

import pytest

from coursebook.domain.check_in.attendance import (
    AttendanceState,
    Decision,
    LineAnswer,
    decide,
)
from coursebook.domain.check_in.ticket_code import (
    CODE_LETTERS,
    code_hash,
    code_of,
    new_ticket_code,
    qr_text,
)

PRESENT, ABSENT = AttendanceState.PRESENT, AttendanceState.ABSENT
EXCUSED, UNDONE = AttendanceState.EXCUSED, AttendanceState.UNDONE
DONE, ALREADY, REFUSED = LineAnswer.DONE, LineAnswer.ALREADY, LineAnswer.NOT_ALLOWED

ATTEND = {
    None: {PRESENT: DONE, UNDONE: ALREADY, ABSENT: DONE, EXCUSED: REFUSED},
    UNDONE: {PRESENT: DONE, UNDONE: ALREADY, ABSENT: DONE, EXCUSED: REFUSED},
    PRESENT: {PRESENT: ALREADY, UNDONE: DONE, ABSENT: REFUSED, EXCUSED: REFUSED},
    ABSENT: {PRESENT: DONE, UNDONE: REFUSED, ABSENT: ALREADY, EXCUSED: DONE},
    EXCUSED: {PRESENT: DONE, UNDONE: REFUSED, ABSENT: DONE, EXCUSED: ALREADY},
}


@pytest.mark.parametrize("before", [None, *AttendanceState])
@pytest.mark.parametrize("wanted", list(AttendanceState))
def test_each_line_has_one_answer(before, wanted):
    answer = ATTEND[before][wanted]
    after = wanted if answer is DONE else before
    assert decide(before, wanted, is_confirmed=True) == Decision(answer, after)


def test_only_a_confirmed_place_is_checked_in_and_a_tick_can_always_be_taken_back():
    for before, wanted in product((None, *AttendanceState), AttendanceState):
        decision = decide(before, wanted, is_confirmed=False)
        assert decision.answer is not DONE or wanted is UNDONE
    assert decide(PRESENT, UNDONE, is_confirmed=False).answer is DONE


def test_an_undo_leaves_the_tick_of_somebody_else_alone():
    decision = decide(PRESENT, UNDONE, is_confirmed=True, undoes_another=True)
    assert decision == Decision(ALREADY, PRESENT)


def test_a_code_is_recognised_as_scanned_and_as_typed():
    code = new_ticket_code()
    assert len(code) == CODE_LETTERS
    assert code.isalpha()
    assert code.isupper()
    spaced = f" {code[:4].lower()} {code[4:]}"
    assert {code_of(typed) for typed in (code, qr_text(code), spaced)} == {code}
    assert len(code_hash(code)) == 64
    assert code not in code_hash(code)
