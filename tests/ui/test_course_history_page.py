"""`/manage/courses/{id}/history`: the lines in words, and what each role reads."""

from coursebook.domain.rights import Role
from coursebook.ui.states.manage.course_history import CourseHistoryState
from tests.integration.test_money_by_hand import add
from tests.support.harness import OPERATOR, Harness
from tests.support.team import give_role
from tests.ui.tabs import Tab


async def test_the_history_of_a_course_is_told_in_words(harness: Harness, monkeypatch):
    monkeypatch.setattr("coursebook.ui.states.manage.course_history.PAGE_SIZE", 3)
    course, ari = await harness.course(), harness.student("ari")
    started = await harness.confirmed(harness.student("sam"), course)
    await give_role(harness, ari, Role.ACCOUNTANT)
    patch = {"version": 1, "capacity": 30}
    await harness.call("PATCH", f"/api/manage/courses/{course.id}", OPERATOR, json=patch)
    tab = Tab(f"/manage/courses/{course.id}/history")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(CourseHistoryState.viewer_arrived)
    page = await tab.state(CourseHistoryState)
    assert (page.view_state, page.course_title) == ("content", course.title)
    assert list(page.tabs) == ["people", "waiting", "messages", "history"]
    assert (page.rows[0].text, page.rows[0].more) == ("Course edited", "Places")
    assert page.count == "The newest 3 events"
    while page.has_more:
        await tab.fire(CourseHistoryState.more_clicked)
    (paid,) = [row for row in page.rows if row.text == "Payment received"]
    assert (paid.money, paid.href) == ("€45.00", f"/manage/bookings/{started.booking_id}")

    german = Tab(f"/manage/courses/{course.id}/history", "de")
    await german.sign_in(harness, ari)
    await german.fire(CourseHistoryState.viewer_arrived)
    page = await german.state(CourseHistoryState)
    assert page.rows[0].text == "Kurs bearbeitet"
    assert list(page.tabs) == ["history"]
    assert page.rows[1].booking.startswith("CB-")


async def test_money_by_hand_is_told_in_german_without_english_words(harness: Harness):
    course = await harness.course()
    booking = await add(harness, course, {"how": "received"})
    back = {"give_back": "all", "reason": "ill", "expect": booking["expect"]}
    await harness.post(f"/api/manage/bookings/{booking['id']}/cancel", OPERATOR, json=back)
    tab = Tab(f"/manage/courses/{course.id}/history", "de")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(CourseHistoryState.viewer_arrived)
    page = await tab.state(CourseHistoryState)
    texts = " ".join(row.text for row in page.rows)
    assert "Der Platz ist vorbei: von der Schule abgesagt." in texts
    assert "Von der Schule gebucht, Platz reserviert" in texts
    assert "The" not in texts
