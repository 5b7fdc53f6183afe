"""Acts on several bookings at once: none is swallowed, each says on its card what came of it."""

import asyncio

from coursebook.ui.states.dashboard import PAGE_SIZE, DashboardState, act_of
from tests.support.harness import Student, World, eur
from tests.ui.test_dashboard_state import opened, rows


async def test_cancelling_one_booking_does_not_swallow_the_cancelling_of_another(world: World):
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course())
    other = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    token = await world.token(sam)
    await asyncio.gather(
        tab.fire(DashboardState.cancel_confirmed, one.booking_id, token),
        tab.fire(DashboardState.cancel_confirmed, other.booking_id, token),
    )
    assert [await world.status_of(started) for started in (one, other)] == ["cancelled"] * 2
    dashboard = await tab.state(DashboardState)
    assert dashboard.outcomes.keys() == {one.booking_id, other.booking_id}
    assert dashboard.busy == []


async def test_a_payment_page_that_opens_does_not_swallow_a_cancelling(world: World):
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    dashboard = await tab.state(DashboardState)
    dashboard.busy = [act_of("pay", one.booking_id)]
    await tab.fire(DashboardState.cancel_confirmed, one.booking_id, await world.token(sam))
    assert await world.status_of(one) == "cancelled"


async def test_the_same_act_twice_is_done_once(world: World):
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    dashboard = await tab.state(DashboardState)
    dashboard.busy = [act_of("cancel", one.booking_id)]
    await tab.fire(DashboardState.cancel_confirmed, one.booking_id, await world.token(sam))
    assert await world.status_of(one) == "pending"


async def test_a_try_that_fails_is_told_on_its_card(world: World):
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    await world.control("faults", count=20, kind="500", when="before")
    await tab.fire(DashboardState.retry_clicked, one.booking_id, await world.token(sam))
    dashboard = await tab.state(DashboardState)
    assert dashboard.outcomes[one.booking_id].tone == "bad"
    assert dashboard.notice.text == ""
    assert (dashboard.focus_target, dashboard.busy) == (f"outcome-{one.booking_id}", [])


async def test_what_a_filter_hides_now_is_told_above_the_list(world: World):
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course(title="Clay"))
    tab = await opened(world, sam, "/bookings?status=pending")
    await tab.fire(DashboardState.cancel_confirmed, one.booking_id, await world.token(sam))
    dashboard = await tab.state(DashboardState)
    assert rows(dashboard) == []
    assert "Clay" in dashboard.notice.text
    assert dashboard.focus_target == "dashboard-notice"


async def test_a_list_that_was_made_longer_stays_so_after_an_act(world: World):
    sam = world.student("sam")
    started = await many(world, sam, PAGE_SIZE + 2)
    tab = await opened(world, sam)
    await tab.fire(DashboardState.more_clicked, "upcoming")
    dashboard = await tab.state(DashboardState)
    assert len(rows(dashboard)) == PAGE_SIZE + 2
    assert dashboard.focus_target == f"booking-{rows(dashboard)[PAGE_SIZE].id}"
    await tab.fire(DashboardState.cancel_confirmed, started[0], await world.token(sam))
    assert len(rows(dashboard)) == PAGE_SIZE + 2
    assert started[0] in dashboard.outcomes


async def test_each_question_is_a_new_one_for_the_browser(world: World):
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    dashboard = await tab.state(DashboardState)
    stamps = []
    for _ in range(2):
        await tab.fire(DashboardState.cancel_clicked, one.booking_id)
        stamps.append(dashboard.asked.stamp)
    await tab.fire(DashboardState.cancel_dismissed, dashboard.asked.stamp)
    assert dashboard.asked.id == ""
    await tab.fire(DashboardState.cancel_clicked, one.booking_id)
    assert len({*stamps, dashboard.asked.stamp}) == 3


async def test_a_question_that_was_put_away_late_leaves_the_next_one_open(world: World):
    """The browser may tell us of the key that asks again before it tells us of the close."""
    sam = world.student("sam")
    one = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    dashboard = await tab.state(DashboardState)
    await tab.fire(DashboardState.cancel_clicked, one.booking_id)
    first = dashboard.asked.stamp
    await tab.fire(DashboardState.cancel_clicked, one.booking_id)
    await tab.fire(DashboardState.cancel_dismissed, first)
    assert dashboard.asked.id == one.booking_id


async def many(world: World, student: Student, count: int) -> list[str]:
    free = [await world.course(price=eur(0)) for _ in range(count)]
    return [(await world.checkout(student, course)).booking_id for course in free]
