"""The course page shows the viewer's own booking: held, processing or booked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from coursebook.persistence.schema.tables import Course
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.live import LiveState
from tests.support import cards
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.ui.tabs import Tab


async def opened(harness: Harness, student: Student, course: Course) -> Tab:
    tab = Tab(f"/courses/{course.slug}")
    await tab.sign_in(harness, student)
    await tab.fire(CourseState.page_opened)
    return tab


@contextmanager
def queries(harness: Harness) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    engine = harness.services.context.database.reading.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


async def test_who_holds_the_last_place_is_told_so_and_can_pay(harness: Harness):
    course, sam = await harness.course(capacity=1), harness.student("sam")
    started = await harness.checkout(sam, course)
    tab = await opened(harness, sam, course)
    state = await tab.state(CourseState)
    assert (state.course.booking, state.own.kind) == ("full", "held")
    assert state.own.viewer == state.viewer != ""
    assert 0 < state.own.hold_seconds <= 35 * 60
    assert not state.own.was_tried, "the first payment must not be called a retry"
    (address,) = await tab.fire(CourseState.book_clicked, await harness.token(sam))
    assert address == started.checkout_url, "one payable session, never two"


async def test_a_declined_card_makes_it_another_try(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.checkout(sam, course)
    await harness.pay(started, cards.DECLINED)
    await harness.services.dashboard.look(await harness.principal(sam), started.booking_id)
    state = await (await opened(harness, sam, course)).state(CourseState)
    assert (state.own.kind, state.own.was_tried) == ("held", True)


async def test_others_are_not_told_whose_place_it_is(harness: Harness):
    course = await harness.course(capacity=1)
    await harness.checkout(harness.student("sam"), course)
    state = await (await opened(harness, harness.student("sally"), course)).state(CourseState)
    assert (state.own.kind, state.own.booking_id) == ("", "")


async def test_who_has_booked_is_told_so_and_no_error_follows_a_click(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    tab = await opened(harness, sam, course)
    state = await tab.state(CourseState)
    assert state.own.kind == ""
    await harness.confirmed(sam, course)
    assert await tab.fire(CourseState.book_clicked, await harness.token(sam)) == []
    assert (state.own.kind, state.notice.text, state.is_busy) == ("booked", "", False)


async def test_a_change_elsewhere_is_shown_and_spoken(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    tab = await opened(harness, sam, course)
    state = await tab.state(CourseState)
    started = await harness.checkout(sam, course)
    (name,) = [event async for event in _look(tab)]
    assert name == "changed_elsewhere"
    await tab.fire(CourseState.changed_elsewhere)
    assert (state.own.kind, state.announcement) == ("held", "Your place is held for you.")
    await harness.pay(started)
    await tab.fire(CourseState.changed_elsewhere)
    assert (state.own.kind, state.announcement) == ("booked", "You are booked.")
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await tab.fire(CourseState.changed_elsewhere)
    assert state.own.kind == ""


async def _look(tab: Tab):  # type: ignore[no-untyped-def]
    live = await tab.state(LiveState)
    answer = await LiveState.person_changed.fn(live)
    yield answer.fn.__name__ if hasattr(answer, "fn") else answer


async def test_a_stranger_costs_no_query_and_a_person_one(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.checkout(sam, course)
    tab = Tab(f"/courses/{course.slug}")
    with queries(harness) as for_stranger:
        await tab.fire(CourseState.page_opened)
    await tab.sign_in(harness, sam)
    with queries(harness) as for_sam:
        await tab.fire(CourseState.page_opened)
        await tab.fire(CourseState.viewer_arrived)
    assert len(for_sam) == len(for_stranger) + 1


async def test_signing_in_on_an_open_page_shows_it_and_signing_out_forgets_it(harness: Harness):
    course, sam, sally = await harness.course(), harness.student("sam"), harness.student("sally")
    await harness.checkout(sam, course)
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    state = await tab.state(CourseState)
    await tab.sign_in(harness, sam)
    await tab.fire(CourseState.viewer_arrived)
    assert state.own.kind == "held"
    await tab.sign_in(harness, sally)
    assert state.own.viewer != state.viewer, "another person's booking must not be shown"
    await tab.fire(CourseState.viewer_arrived)
    assert state.own.kind == ""
    (address,) = await tab.fire(CourseState.book_clicked, await harness.token(sally))
    assert "/c/pay/cs_test_" in address


async def test_a_debit_on_its_way_is_said_and_cannot_be_paid_again(harness: Harness):
    course, sam = await harness.course(price=eur(45)), harness.student("sam")
    started = await harness.checkout(sam, course)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    tab = await opened(harness, sam, course)
    state = await tab.state(CourseState)
    assert state.own.kind == "on_its_way"
    assert await tab.fire(CourseState.book_clicked, await harness.token(sam)) == []
    assert state.notice.text == "", "the page shows it already, not as an error"


async def test_at_the_end_of_the_hold_the_page_asks_and_offers_the_course_again(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.checkout(sam, course)
    tab = await opened(harness, sam, course)
    harness.clock.advance(harness.services.context.hold + timedelta(seconds=1))
    await tab.fire(CourseState.hold_ended)
    state = await tab.state(CourseState)
    assert (state.own.kind, state.course.booking) == ("", "open")


async def test_who_may_cancel_free_of_charge_after_a_change_is_told_so(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.confirmed(sam, course)
    tab = await opened(harness, sam, course)
    assert (await tab.state(CourseState)).own.change == ""
    row, olga = await harness.course_now(course), await harness.principal(OPERATOR)
    place = {"location": {"name": "Old Mill"}}
    await harness.services.managed_courses.patch(olga, row.id, place, row.version, tell=True)
    await tab.fire(CourseState.changed_elsewhere)
    assert "cancel free of charge until" in (await tab.state(CourseState)).own.change
