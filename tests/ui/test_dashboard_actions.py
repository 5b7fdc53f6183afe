"""Actions on several bookings at once: each shows its result on its own card."""

import asyncio

from coursebook.ui.states.dashboard import PAGE_SIZE, DashboardState, act_of
from tests.support.harness import Harness, Student, eur
from tests.ui.test_dashboard_state import opened, rows


async def test_cancelling_one_booking_does_not_swallow_the_cancelling_of_another(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    other = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    token = await harness.token(sam)
    await asyncio.gather(
        tab.fire(DashboardState.cancel_confirmed, first.booking_id, token),
        tab.fire(DashboardState.cancel_confirmed, other.booking_id, token),
    )
    assert [await harness.status_of(started) for started in (first, other)] == ["cancelled"] * 2
    dashboard = await tab.state(DashboardState)
    assert dashboard.outcomes.keys() == {first.booking_id, other.booking_id}
    assert dashboard.busy == []


async def test_a_payment_page_that_opens_does_not_swallow_a_cancelling(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    dashboard = await tab.state(DashboardState)
    dashboard.busy = [act_of("pay", first.booking_id)]
    await tab.fire(DashboardState.cancel_confirmed, first.booking_id, await harness.token(sam))
    assert await harness.status_of(first) == "cancelled"


async def test_the_same_act_twice_is_done_once(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    dashboard = await tab.state(DashboardState)
    dashboard.busy = [act_of("cancel", first.booking_id)]
    await tab.fire(DashboardState.cancel_confirmed, first.booking_id, await harness.token(sam))
    assert await harness.status_of(first) == "pending"


async def test_a_try_that_fails_is_told_on_its_card(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    await harness.control("faults", count=20, kind="500", when="before")
    await tab.fire(DashboardState.retry_clicked, first.booking_id, await harness.token(sam))
    dashboard = await tab.state(DashboardState)
    assert dashboard.outcomes[first.booking_id].tone == "bad"
    assert dashboard.notice.text == ""
    assert (dashboard.focus_target, dashboard.busy) == (f"outcome-{first.booking_id}", [])


async def test_what_a_filter_hides_now_is_told_above_the_list(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course(title="Clay"))
    tab = await opened(harness, sam, "/bookings?status=pending")
    await tab.fire(DashboardState.cancel_confirmed, first.booking_id, await harness.token(sam))
    dashboard = await tab.state(DashboardState)
    assert rows(dashboard) == []
    assert "Clay" in dashboard.notice.text
    assert dashboard.focus_target == "dashboard-notice"


async def test_a_list_that_was_made_longer_stays_so_after_an_act(harness: Harness):
    sam = harness.student("sam")
    started = await many(harness, sam, PAGE_SIZE + 2)
    tab = await opened(harness, sam)
    await tab.fire(DashboardState.more_clicked, "upcoming")
    dashboard = await tab.state(DashboardState)
    assert len(rows(dashboard)) == PAGE_SIZE + 2
    assert dashboard.focus_target == f"booking-{rows(dashboard)[PAGE_SIZE].id}"
    await tab.fire(DashboardState.cancel_confirmed, started[0], await harness.token(sam))
    assert len(rows(dashboard)) == PAGE_SIZE + 2
    assert started[0] in dashboard.outcomes


async def test_each_question_is_a_new_one_for_the_browser(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    dashboard = await tab.state(DashboardState)
    stamps = []
    for _ in range(2):
        await tab.fire(DashboardState.cancel_clicked, first.booking_id)
        stamps.append(dashboard.cancel_question.stamp)
    await tab.fire(DashboardState.cancel_dismissed, dashboard.cancel_question.stamp)
    assert dashboard.cancel_question.id == ""
    await tab.fire(DashboardState.cancel_clicked, first.booking_id)
    assert len({*stamps, dashboard.cancel_question.stamp}) == 3


async def test_a_question_that_was_put_away_late_leaves_the_next_one_open(harness: Harness):
    """The browser may send the key that reopens the dialog before its close event."""
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    dashboard = await tab.state(DashboardState)
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    first = dashboard.cancel_question.stamp
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    await tab.fire(DashboardState.cancel_dismissed, first)
    assert dashboard.cancel_question.id == started.booking_id


async def many(harness: Harness, student: Student, count: int) -> list[str]:
    free = [await harness.course(price=eur(0)) for _ in range(count)]
    return [(await harness.checkout(student, course)).booking_id for course in free]
