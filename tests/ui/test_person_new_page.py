"""`/manage/courses/{id}/people/new`: choosing somebody who is known, and what is refused."""

from coursebook.domain.rights import Role
from coursebook.ui.states.manage.person_new import PersonNewState
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Student
from tests.support.team import give_role
from tests.ui.tabs import Tab


async def opened(
    harness: Harness, course_id: str, who: Student = OPERATOR
) -> tuple[Tab, PersonNewState]:
    tab = Tab(f"/manage/courses/{course_id}/people/new")
    await tab.sign_in(harness, who)
    await tab.fire(PersonNewState.viewer_arrived)
    return tab, await tab.state(PersonNewState)


async def test_somebody_who_is_known_is_found_and_booked(harness: Harness):
    course, sam = await harness.course(), harness.student("samira")
    await harness.confirmed(sam, await harness.course())
    tab, page = await opened(harness, course.id)
    await tab.fire(PersonNewState.person_searched, sam.email)
    assert page.known_count == "1 person found"
    (option,) = page.known
    await tab.fire(PersonNewState.person_chosen, option.value)
    await tab.fire(PersonNewState.person_searched, "zzz")
    assert page.known_count.startswith("Nobody has these words.")
    assert (page.person, page.person_name) == (option.value, option.text)
    await tab.fire(PersonNewState.how_chosen, "complimentary")
    await tab.fire(PersonNewState.sent, await harness.token(OPERATOR), {"tell": "on"})
    assert (page.notice.text, set(page.problems.values())) == ("", {""})
    books = await check_books(harness)
    (booking,) = [b for b in books.bookings if b.course_id == course.id]
    assert (booking.user_id, booking.place) == (option.value, "confirmed")

    await tab.fire(PersonNewState.sent, await harness.token(OPERATOR), {})
    assert page.notice.tone == "bad", "this person has a place already"
    await tab.fire(PersonNewState.person_chosen, "")
    await tab.fire(PersonNewState.sent, await harness.token(OPERATOR), {})
    assert page.problems["name"] == "Enter a name."


async def test_only_who_may_book_for_others_finds_people(harness: Harness):
    course, sam = await harness.course(), harness.student("samira")
    await harness.confirmed(sam, course)
    assert (await harness.get("/api/manage/people", OPERATOR, params={"q": sam.email})).json()[
        "items"
    ][0]["email"] == sam.email
    for role in (Role.TEACHER, Role.ACCOUNTANT, None):
        who = harness.student(role or "stranger")
        if role:
            await give_role(harness, who, role, course.id)
        answer = await harness.get("/api/manage/people", who, params={"q": sam.email})
        assert answer.status_code == 403, role
        tab, page = await opened(harness, course.id, who)
        await tab.fire(PersonNewState.person_searched, sam.email)
        assert (page.known, page.view_state) == ([], "missing")
