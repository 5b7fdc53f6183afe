"""The dashboard: own bookings, new tries, cancelling with the amount said first."""

from coursebook.ui.states.dashboard import PAGE_SIZE, DashboardState
from tests.support.world import Student, World, eur
from tests.ui.tabs import Tab


async def opened(world: World, student: Student, address: str = "/bookings") -> Tab:
    tab = Tab(address)
    await tab.sign_in(world, student)
    await tab.fire(DashboardState.viewer_arrived)
    return tab


async def test_a_new_student_has_no_bookings_yet(world: World):
    tab = await opened(world, world.student("sam"))
    assert (await tab.state(DashboardState)).face == "empty"


async def test_the_booking_is_shown_with_its_status_in_words(world: World):
    sam = world.student("sam")
    await world.checkout(sam, await world.course(title="Clay"))
    dashboard = await (await opened(world, sam)).state(DashboardState)
    (row,) = dashboard.bookings
    assert (row.title, row.status_words, row.amount) == ("Clay", "Waiting for payment", "€45.00")
    assert (row.can_retry, row.can_cancel) == (True, True)
    assert row.hold.startswith("Your place is held for another 3")


async def test_nobody_sees_bookings_without_being_known(world: World):
    await world.checkout(world.student("sam"), await world.course())
    tab = Tab("/bookings")
    await tab.fire(DashboardState.viewer_arrived)
    dashboard = await tab.state(DashboardState)
    assert (dashboard.face, dashboard.bookings) == ("error", [])


async def test_the_next_person_in_a_tab_is_not_shown_the_rows_of_the_one_before(world: World):
    sam = world.student("sam")
    await world.checkout(sam, await world.course(title="Clay"))
    tab = await opened(world, sam)
    dashboard = await tab.state(DashboardState)
    assert dashboard.shown_for == dashboard.viewer
    await tab.sign_in(world, world.student("sally"))
    assert dashboard.shown_for != dashboard.viewer, "the page shows its skeleton"
    await tab.fire(DashboardState.viewer_arrived)
    assert (dashboard.bookings, dashboard.shown_for) == ([], dashboard.viewer)


async def test_everybody_sees_only_their_own(world: World):
    await world.checkout(world.student("sam"), await world.course())
    dashboard = await (await opened(world, world.student("sally"))).state(DashboardState)
    assert dashboard.bookings == []


async def test_the_filter_lives_in_the_address(world: World):
    sam = world.student("sam")
    await world.checkout(sam, await world.course(title="Clay"))
    await world.confirmed(sam, await world.course(title="Glass"))
    tab = await opened(world, sam)
    assert await tab.fire(DashboardState.status_chosen, "confirmed") == [
        "/bookings?status=confirmed"
    ]
    dashboard = await tab.state(DashboardState)
    assert [b.title for b in dashboard.bookings] == ["Glass"]
    tab.go("/bookings?status=confirmed")
    await tab.fire(DashboardState.page_opened)
    tab.go("/bookings?status=pending")
    await tab.fire(DashboardState.page_opened)
    assert [b.title for b in dashboard.bookings] == ["Clay"]
    assert await tab.fire(DashboardState.status_chosen, "stolen") == []
    assert dashboard.status == "pending"


async def test_trying_again_leads_to_the_one_payable_session(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    addresses = await tab.fire(
        DashboardState.retry_clicked, started.booking_id, await world.token(sam)
    )
    assert addresses == [started.checkout_url]


async def test_somebody_else_s_booking_can_be_neither_paid_nor_cancelled(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    sally = world.student("sally")
    tab = await opened(world, sally)
    token = await world.token(sally)
    for handler in (DashboardState.retry_clicked, DashboardState.cancel_confirmed):
        assert await tab.fire(handler, started.booking_id, token) == []
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    dashboard = await tab.state(DashboardState)
    assert "could not find" in dashboard.notice.text
    assert dashboard.asked.id == ""
    assert await world.status_of(started) == "pending"


async def test_cancelling_says_the_amount_first_and_then_does_it(world: World):
    sam = world.student("sam")
    started = await world.confirmed(sam, await world.course(title="Clay", price=eur(45)))
    tab = await opened(world, sam)
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    dashboard = await tab.state(DashboardState)
    assert "€45.00" in dashboard.asked.money
    assert await world.status_of(started) == "confirmed"
    await tab.fire(DashboardState.cancel_confirmed, started.booking_id, await world.token(sam))
    assert await world.status_of(started) == "cancelled"
    assert "€45.00 is on its way back" in dashboard.notice.text
    assert (dashboard.asked.id, dashboard.busy_id) == ("", "")


async def test_a_click_without_a_good_token_leads_to_sign_in(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    tab = await opened(world, sam)
    for handler in (DashboardState.retry_clicked, DashboardState.cancel_confirmed):
        assert await tab.fire(handler, started.booking_id, "") == ["/sign-in?next=/bookings"]
    assert await world.status_of(started) == "pending"


async def test_older_bookings_come_below(world: World):
    sam = world.student("sam")
    for _ in range(PAGE_SIZE + 1):
        await world.checkout(sam, await world.course(price=eur(0)))
    tab = await opened(world, sam)
    dashboard = await tab.state(DashboardState)
    assert (len(dashboard.bookings), dashboard.has_more) == (PAGE_SIZE, True)
    await tab.fire(DashboardState.more_clicked)
    assert (len({b.id for b in dashboard.bookings}), dashboard.has_more) == (PAGE_SIZE + 1, False)
