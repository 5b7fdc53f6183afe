"""The course page knows the viewer's own booking: held, on its way, booked. Nobody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from coursebook.persistence.schema.tables import Course
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.live import LiveState
from tests.support import cards
from tests.support.harness import Student, World, eur
from tests.ui.tabs import Tab


async def opened(world: World, student: Student, course: Course) -> Tab:
    tab = Tab(f"/courses/{course.slug}")
    await tab.sign_in(world, student)
    await tab.fire(CourseState.page_opened)
    return tab


@contextmanager
def queries(world: World) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    engine = world.services.context.database.reading.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


async def test_who_holds_the_last_place_is_told_so_and_can_pay(world: World):
    course, sam = await world.course(capacity=1), world.student("sam")
    started = await world.checkout(sam, course)
    tab = await opened(world, sam, course)
    state = await tab.state(CourseState)
    assert (state.course.booking, state.own.kind) == ("full", "held")
    assert state.own.viewer == state.viewer != ""
    assert 0 < state.own.hold_seconds <= 35 * 60
    assert not state.own.was_tried, "the first payment is no second try"
    (address,) = await tab.fire(CourseState.book_clicked, await world.token(sam))
    assert address == started.checkout_url, "one payable session, never two"


async def test_a_declined_card_makes_it_another_try(world: World):
    course, sam = await world.course(), world.student("sam")
    started = await world.checkout(sam, course)
    await world.pay(started, cards.DECLINED)
    await world.services.dashboard.look(await world.principal(sam), started.booking_id)
    state = await (await opened(world, sam, course)).state(CourseState)
    assert (state.own.kind, state.own.was_tried) == ("held", True)


async def test_others_are_not_told_whose_place_it_is(world: World):
    course = await world.course(capacity=1)
    await world.checkout(world.student("sam"), course)
    state = await (await opened(world, world.student("sally"), course)).state(CourseState)
    assert (state.own.kind, state.own.booking_id) == ("", "")


async def test_who_has_booked_is_told_so_and_no_error_follows_a_click(world: World):
    course, sam = await world.course(), world.student("sam")
    tab = await opened(world, sam, course)
    state = await tab.state(CourseState)
    assert state.own.kind == ""
    await world.confirmed(sam, course)
    assert await tab.fire(CourseState.book_clicked, await world.token(sam)) == []
    assert (state.own.kind, state.notice.text, state.is_busy) == ("booked", "", False)


async def test_a_change_elsewhere_is_shown_and_spoken(world: World):
    course, sam = await world.course(), world.student("sam")
    tab = await opened(world, sam, course)
    state = await tab.state(CourseState)
    started = await world.checkout(sam, course)
    (name,) = [event async for event in _look(tab)]
    assert name == "changed_elsewhere"
    await tab.fire(CourseState.changed_elsewhere)
    assert (state.own.kind, state.said) == ("held", "Your place is held for you.")
    await world.pay(started)
    await tab.fire(CourseState.changed_elsewhere)
    assert (state.own.kind, state.said) == ("booked", "You are booked.")
    await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await tab.fire(CourseState.changed_elsewhere)
    assert state.own.kind == ""


async def _look(tab: Tab):  # type: ignore[no-untyped-def]
    live = await tab.state(LiveState)
    answer = await LiveState.person_changed.fn(live)
    yield answer.fn.__name__ if hasattr(answer, "fn") else answer


async def test_a_stranger_costs_no_query_and_a_person_one(world: World):
    course, sam = await world.course(), world.student("sam")
    await world.checkout(sam, course)
    tab = Tab(f"/courses/{course.slug}")
    with queries(world) as for_stranger:
        await tab.fire(CourseState.page_opened)
    await tab.sign_in(world, sam)
    with queries(world) as for_sam:
        await tab.fire(CourseState.page_opened)
        await tab.fire(CourseState.viewer_arrived)
    assert len(for_sam) == len(for_stranger) + 1


async def test_signing_in_on_an_open_page_shows_it_and_signing_out_forgets_it(world: World):
    course, sam, sally = await world.course(), world.student("sam"), world.student("sally")
    await world.checkout(sam, course)
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    state = await tab.state(CourseState)
    await tab.sign_in(world, sam)
    await tab.fire(CourseState.viewer_arrived)
    assert state.own.kind == "held"
    await tab.sign_in(world, sally)
    assert state.own.viewer != state.viewer, "the page shows nothing of it"
    await tab.fire(CourseState.viewer_arrived)
    assert state.own.kind == ""
    (address,) = await tab.fire(CourseState.book_clicked, await world.token(sally))
    assert "/c/pay/cs_test_" in address


async def test_a_debit_on_its_way_is_said_and_cannot_be_paid_again(world: World):
    course, sam = await world.course(price=eur(45)), world.student("sam")
    started = await world.checkout(sam, course)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    tab = await opened(world, sam, course)
    state = await tab.state(CourseState)
    assert state.own.kind == "on_its_way"
    assert await tab.fire(CourseState.book_clicked, await world.token(sam)) == []
    assert state.notice.text == "", "the page says it already, and not in red"


async def test_at_the_end_of_the_hold_the_page_asks_and_offers_the_course_again(world: World):
    course, sam = await world.course(), world.student("sam")
    await world.checkout(sam, course)
    tab = await opened(world, sam, course)
    world.clock.advance(world.services.context.hold + timedelta(seconds=1))
    await tab.fire(CourseState.hold_ended)
    state = await tab.state(CourseState)
    assert (state.own.kind, state.course.booking) == ("", "open")
