"""`/manage/courses/{id}/cancel`: the question, the decision, the report, and who may see it."""

import re
from datetime import timedelta

import pytest

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import Course, CourseCancellation
from coursebook.ui.states.manage.course_cancel import CourseCancelState
from tests.support import cards
from tests.support.harness import OPERATOR, Harness, Student
from tests.support.team import give_role
from tests.ui.tabs import Tab

ANSWER = {"reason": "The kiln broke.", "message": "", "people": "1"}


async def opened(
    harness: Harness, course: Course, who: Student = OPERATOR, language: str = ""
) -> tuple[Tab, CourseCancelState]:
    tab = Tab(f"/manage/courses/{course.id}/cancel", language)
    await tab.sign_in(harness, who)
    await tab.fire(CourseCancelState.viewer_arrived)
    return tab, await tab.state(CourseCancelState)


async def test_the_sums_stand_before_the_button_and_the_report_after_it(harness: Harness):
    course = await harness.course()
    await harness.confirmed(harness.student("ann"), course)
    tab, page = await opened(harness, course)
    question = page.question
    assert (page.phase, question.people, question.total) == ("ask", "1", "€45.00")
    assert [(line.title, line.amount) for line in question.lines] == [
        ("1 person paid by card", "€45.00")
    ]
    assert question.submit == "Cancel the course for 1 person"
    token = await harness.token(OPERATOR)
    for wrong, field in (({"people": "2"}, "people"), ({"reason": " "}, "reason")):
        await tab.fire(CourseCancelState.cancel_sent, token, ANSWER | wrong)
        assert list(page.problems) == [field]
    assert await harness.rows_of(CourseCancellation) == []
    await tab.fire(CourseCancelState.cancel_sent, token, ANSWER)
    page = await tab.state(CourseCancelState)
    assert (page.phase, page.report.count, page.report.count_words) == ("report", "0", "of 1 done")
    assert page.report.rest == "1 place still has to end."
    for _ in range(2):
        await harness.worker_round()
    await tab.fire(CourseCancelState.changed_elsewhere)
    report = (await tab.state(CourseCancelState)).report
    assert (report.count, report.widths["done"], report.rest) == ("1", "100%", "")
    assert [(line.title, line.amount) for line in report.lines] == [
        ("Refunds made", "1 · €45.00"),
        ("Mails sent", "1 of 1"),
    ]
    _, german = await opened(harness, course, language="de")
    assert german.report.count_words == "von 1 fertig"


async def test_the_question_names_fees_and_everybody_who_is_told(harness: Harness):
    course = await harness.course(capacity=1)
    await harness.confirmed(harness.student("ann"), course)
    await harness.post(f"/api/courses/{course.id}/waiting", harness.student("zoe"))
    await give_role(harness, harness.student("thea"), Role.TEACHER, course.id)
    _, page = await opened(harness, course)
    assert page.question.fees == "Stripe keeps its fees."
    await harness.worker_round()
    _, page = await opened(harness, course)
    assert page.question.fees == "Stripe keeps its fees of €0.93."
    assert page.question.told == [
        "1 person gets the mail “Cancelled”, with your reason and what comes back.",
        "1 person who waits is told that the list has ended.",
        "1 teacher is told, with your reason.",
    ]
    assert re.search(r"\d\d:\d\d.+\d\d:\d\d, Lisbon time", page.question.when)


async def test_the_report_says_who_waits_for_a_bank(harness: Harness):
    course = await harness.course()
    await harness.confirmed(harness.student("ann"), course)
    debit = await harness.checkout(harness.student("cem"), course)
    await harness.pay(debit, cards.DEBIT_SUCCEEDS_LATER)
    tab, page = await opened(harness, course)
    texts = ANSWER | {"people": page.question.people}
    await tab.fire(CourseCancelState.cancel_sent, await harness.token(OPERATOR), texts)
    for _ in range(2):
        await harness.worker_round()
    await tab.fire(CourseCancelState.changed_elsewhere)
    report = (await tab.state(CourseCancelState)).report
    assert (report.count, report.count_words, report.rest) == (
        "1",
        "of 2 done",
        "1 waits for the bank.",
    )
    assert report.parts == {
        "done": "1 finished",
        "waiting": "1 waits for its bank",
        "failed": "",
        "free": "",
    }
    nora = harness.student("nora")
    await give_role(harness, nora, Role.MANAGER)
    assert (await opened(harness, course, nora))[1].report.when == report.when
    await harness.control(f"sessions/{debit.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    for _ in range(2):
        await harness.worker_round()
    await tab.fire(CourseCancelState.changed_elsewhere)
    report = (await tab.state(CourseCancelState)).report
    assert (report.count, report.rest, report.parts["waiting"]) == ("2", "", "")


async def test_who_pays_meanwhile_stops_the_decision_and_the_new_sums_are_shown(harness: Harness):
    course = await harness.course()
    started = await harness.checkout(harness.student("ann"), course)
    tab, page = await opened(harness, course)
    assert page.question.total == "\N{EN DASH}"
    await harness.pay(started)
    token = await harness.token(OPERATOR)
    await tab.fire(CourseCancelState.cancel_sent, token, ANSWER)
    page = await tab.state(CourseCancelState)
    assert (page.phase, page.question.total) == ("ask", "€45.00")
    assert "Nothing has happened" in page.notice.text
    assert await harness.rows_of(CourseCancellation) == []


async def test_a_share_is_asked_for_once_the_first_meeting_has_begun(harness: Harness):
    course = await harness.course(starts_in=timedelta(minutes=20))
    await harness.confirmed(harness.student("ann"), course)
    tab, page = await opened(harness, course)
    assert not page.question.may_choose
    await harness.later(minutes=30)
    tab, page = await opened(harness, course)
    assert page.question.may_choose
    token = await harness.token(OPERATOR)
    await tab.fire(CourseCancelState.share_sent, token, {"percent": "1000"})
    assert list((await tab.state(CourseCancelState)).problems) == ["percent"]
    await tab.fire(CourseCancelState.share_sent, token, {"percent": "40"})
    page = await tab.state(CourseCancelState)
    assert (page.question.total, page.question.percent) == ("€18.00", "40")
    await tab.fire(CourseCancelState.cancel_sent, token, ANSWER)
    (row,) = await harness.rows_of(CourseCancellation)
    assert row.percent == 40


async def test_a_draft_is_refused_in_a_sentence(harness: Harness):
    _, page = await opened(harness, await harness.course(status="draft"))
    assert (page.phase, page.refusal) == (
        "refused",
        "Only a published course that is not over can be cancelled.",
    )


@pytest.mark.parametrize("role", [Role.TEACHER, Role.ACCOUNTANT, None])
async def test_people_without_the_right_see_no_such_page(harness: Harness, role: Role | None):
    course, who = await harness.course(), harness.student("tara")
    await harness.confirmed(harness.student("ann"), course)
    if role is not None:
        await give_role(harness, who, role, course.id)
    tab, page = await opened(harness, course, who)
    assert (page.view_state, page.question.title) == ("missing", "")
    await tab.fire(CourseCancelState.cancel_sent, await harness.token(who), ANSWER)
    await tab.fire(CourseCancelState.changed_elsewhere)
    assert await harness.rows_of(CourseCancellation) == []
