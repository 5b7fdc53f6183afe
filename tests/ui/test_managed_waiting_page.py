"""The page of a waiting list on the operator's side: offer, move to the front, remove."""

from coursebook.ui.states.manage.waiting_list import WaitingListState
from tests.support.harness import OPERATOR, Harness
from tests.ui.tabs import Tab


async def test_the_school_offers_moves_and_removes(harness: Harness):
    course = await harness.course(capacity=1)
    await harness.confirmed(harness.student("sam"), course)
    for name in ("ann", "bob", "cleo"):
        student = harness.student(name)
        answer = await harness.post(f"/api/courses/{course.id}/waiting", student)
        assert answer.status_code == 201
    tab = Tab(f"/manage/courses/{course.id}/waiting", name="olga")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(WaitingListState.page_opened)
    state = await tab.state(WaitingListState)
    assert state.view_state == "content"
    assert state.tabs == {"people": "1", "waiting": "3", "messages": "", "history": ""}
    assert [row.number for row in state.rows] == ["1", "2", "3"]
    assert state.head.count == "3 people wait"
    cleo, token = state.rows[2].id, await harness.token(OPERATOR)
    await tab.fire(WaitingListState.front_clicked, cleo)
    assert state.focus_target == "reason"
    await tab.fire(WaitingListState.front_sent, token, {"reason": ""})
    assert state.problem == "Say why this person is moved to the front."
    await tab.fire(WaitingListState.front_sent, token, {"reason": "She asked first"})
    assert state.rows[0].id == cleo
    assert state.focus_target == "waiting-notice"
    assert state.rows[0].note == "Moved to the front by the school"
    await tab.fire(WaitingListState.offer_clicked, state.rows[1].id, token)
    assert [row.until.partition(" until")[0] for row in state.offered] == ["Kept"]
    assert 0 < state.offered[0].seconds <= state.offered[0].whole
    assert state.head.rules[1].startswith("It is kept for 12 hours.")
    assert (state.head.more, state.may_edit) == ("2 more places would be taken at once.", True)
    assert (await harness.course_now(course)).capacity == 2
    await tab.fire(WaitingListState.remove_clicked, state.rows[0].id, token)
    assert [row.number for row in state.rows] == ["1"]
    await tab.fire(WaitingListState.remove_clicked, state.offered[0].id, token)
    await tab.fire(WaitingListState.changed_elsewhere)
    assert (len(state.offered), len(state.rows)) == (1, 0), "the next was served"


async def test_a_student_sees_the_page_of_an_unknown_address(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/manage/courses/{course.id}/waiting")
    await tab.sign_in(harness, harness.student("sam"))
    await tab.fire(WaitingListState.page_opened)
    assert (await tab.state(WaitingListState)).view_state == "missing"
