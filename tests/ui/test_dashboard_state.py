"""The dashboard: own bookings, retries, and cancelling with the amount shown first."""

from base64 import b64decode

from icalendar import Calendar

from coursebook.ui.presenters.rows import BookingRow
from coursebook.ui.states.dashboard import PAGE_SIZE, DashboardState
from tests.support import cards
from tests.support.harness import Harness, Student, eur
from tests.ui.tabs import Tab


async def opened(harness: Harness, student: Student, address: str = "/bookings") -> Tab:
    tab = Tab(address)
    await tab.sign_in(harness, student)
    await tab.fire(DashboardState.viewer_arrived)
    return tab


def rows(dashboard: DashboardState) -> list[BookingRow]:
    return [booking for section in dashboard.sections for booking in section.bookings]


def titles(dashboard: DashboardState) -> dict[str, list[str]]:
    return {s.name: [b.title for b in s.bookings] for s in dashboard.sections}


async def test_a_new_student_has_no_bookings_yet(harness: Harness):
    tab = await opened(harness, harness.student("sam"))
    assert (await tab.state(DashboardState)).view_state == "empty"


async def test_the_booking_is_shown_with_its_status_in_words(harness: Harness):
    sam = harness.student("sam")
    await harness.checkout(sam, await harness.course(title="Clay"))
    dashboard = await (await opened(harness, sam)).state(DashboardState)
    (row,) = rows(dashboard)
    assert (row.title, row.status_words, row.amount) == ("Clay", "Waiting for payment", "€45.00")
    assert (row.can_retry, row.can_cancel) == (True, True)
    assert row.hold_until
    assert 0 < row.hold_seconds <= row.hold_whole == 35 * 60


async def test_nobody_sees_bookings_without_being_known(harness: Harness):
    await harness.checkout(harness.student("sam"), await harness.course())
    tab = Tab("/bookings")
    await tab.fire(DashboardState.viewer_arrived)
    dashboard = await tab.state(DashboardState)
    assert (dashboard.view_state, dashboard.sections) == ("error", [])


async def test_the_next_person_in_a_tab_is_not_shown_the_rows_of_the_one_before(harness: Harness):
    sam = harness.student("sam")
    await harness.checkout(sam, await harness.course(title="Clay"))
    tab = await opened(harness, sam)
    dashboard = await tab.state(DashboardState)
    assert dashboard.shown_for == dashboard.viewer
    await tab.sign_in(harness, harness.student("sally"))
    assert dashboard.shown_for != dashboard.viewer, "the page shows its skeleton"
    await tab.fire(DashboardState.viewer_arrived)
    assert (dashboard.sections, dashboard.shown_for) == ([], dashboard.viewer)


async def test_everybody_sees_only_their_own(harness: Harness):
    await harness.checkout(harness.student("sam"), await harness.course())
    dashboard = await (await opened(harness, harness.student("sally"))).state(DashboardState)
    assert dashboard.sections == []


async def test_the_filter_lives_in_the_address(harness: Harness):
    sam = harness.student("sam")
    await harness.checkout(sam, await harness.course(title="Clay"))
    await harness.confirmed(sam, await harness.course(title="Glass"))
    tab = await opened(harness, sam)
    tab.go("/bookings?status=confirmed")
    await tab.fire(DashboardState.page_opened)
    dashboard = await tab.state(DashboardState)
    assert [b.title for b in rows(dashboard)] == ["Glass"]
    tab.go("/bookings?status=pending")
    await tab.fire(DashboardState.page_opened)
    assert [b.title for b in rows(dashboard)] == ["Clay"]
    tab.go("/bookings?status=stolen")
    await tab.fire(DashboardState.page_opened)
    assert (dashboard.status, dashboard.applied, dashboard.answered_query) == (
        "",
        {},
        "status=stolen",
    )


async def test_trying_again_leads_to_the_one_payable_session(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    addresses = await tab.fire(
        DashboardState.retry_clicked, started.booking_id, await harness.token(sam)
    )
    assert addresses == [started.checkout_url]


async def test_somebody_else_s_booking_can_be_neither_paid_nor_cancelled(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    sally = harness.student("sally")
    tab = await opened(harness, sally)
    token = await harness.token(sally)
    for handler in (DashboardState.retry_clicked, DashboardState.cancel_confirmed):
        assert await tab.fire(handler, started.booking_id, token) == []
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    dashboard = await tab.state(DashboardState)
    assert "could not find" in dashboard.notice.text, "it must not be on one of her cards"
    assert dashboard.cancel_question.id == ""
    assert await harness.status_of(started) == "pending"


async def test_cancelling_says_the_amount_first_and_then_does_it(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course(title="Clay", price=eur(45)))
    tab = await opened(harness, sam)
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    dashboard = await tab.state(DashboardState)
    assert "€45.00" in dashboard.cancel_question.money
    assert await harness.status_of(started) == "confirmed"
    await tab.fire(DashboardState.cancel_confirmed, started.booking_id, await harness.token(sam))
    assert await harness.status_of(started) == "cancelled"
    assert "€45.00 is on its way back" in dashboard.outcomes[started.booking_id].text
    assert dashboard.focus_target == f"outcome-{started.booking_id}"
    assert (dashboard.cancel_question.id, dashboard.busy) == ("", [])


async def test_a_click_without_a_good_token_leads_to_sign_in(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    for handler in (DashboardState.retry_clicked, DashboardState.cancel_confirmed):
        assert await tab.fire(handler, started.booking_id, "") == ["/sign-in?next=/bookings"]
    assert await harness.status_of(started) == "pending"


async def test_more_of_a_section_comes_below(harness: Harness):
    sam = harness.student("sam")
    for _ in range(PAGE_SIZE + 1):
        await harness.checkout(sam, await harness.course(price=eur(0)))
    tab = await opened(harness, sam)
    dashboard = await tab.state(DashboardState)
    (section,) = dashboard.sections
    assert (section.count, len(section.bookings), section.has_more) == ("11", PAGE_SIZE, True)
    await tab.fire(DashboardState.more_clicked, "past")
    await tab.fire(DashboardState.more_clicked, "upcoming")
    (section,) = dashboard.sections
    assert (len({b.id for b in section.bookings}), section.has_more) == (PAGE_SIZE + 1, False)


async def test_each_booking_stands_in_its_section(harness: Harness):
    sam = harness.student("sam")
    await harness.confirmed(sam, await harness.course(title="Glass"))
    await harness.checkout(sam, await harness.course(title="Clay"))
    gone = await harness.checkout(sam, await harness.course(title="Wood"))
    await harness.post(f"/api/bookings/{gone.booking_id}/cancel", sam)
    dashboard = await (await opened(harness, sam)).state(DashboardState)
    assert titles(dashboard) == {
        "needs_action": ["Clay"],
        "upcoming": ["Glass"],
        "cancelled": ["Wood"],
    }


async def test_words_are_searched_for_and_stand_in_the_address(harness: Harness):
    sam = harness.student("sam")
    await harness.checkout(sam, await harness.course(title="Clay & Fire"))
    await harness.confirmed(sam, await harness.course(title="Glass"))
    tab = await opened(harness, sam)
    tab.go("/bookings?q=+fire+%26+")
    await tab.fire(DashboardState.page_opened)
    dashboard = await tab.state(DashboardState)
    assert [b.title for b in rows(dashboard)] == ["Clay & Fire"]
    assert dashboard.applied == {"q": "fire &"}
    tab.go("/bookings?q=fire&status=confirmed")
    await tab.fire(DashboardState.page_opened)
    assert (dashboard.view_state, dashboard.sections) == ("empty", [])


async def test_opening_asks_stripe_what_became_of_an_unpaid_booking(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    await harness.control("deliveries/mode", mode="normal")
    tab = await opened(harness, sam)
    await tab.fire(DashboardState.bookings_shown)
    (row,) = rows(await tab.state(DashboardState))
    assert (row.status, row.can_retry) == ("confirmed", False)
    assert row.history[-1].money == "€45.00 received"


async def test_at_the_end_of_a_hold_the_server_says_what_it_means(harness: Harness):
    sam, sally = harness.student("sam"), harness.student("sally")
    started = await harness.checkout(sam, await harness.course())
    await harness.checkout(sally, await harness.course())
    tab, other = await opened(harness, sam), await opened(harness, sally)
    harness.clock.advance(harness.services.context.hold)
    await other.fire(DashboardState.hold_ended, started.booking_id)
    assert await harness.status_of(started) == "pending", "it is not her booking"
    await tab.fire(DashboardState.hold_ended, started.booking_id)
    (row,) = rows(await tab.state(DashboardState))
    assert (row.status, row.can_retry, row.hold_seconds) == ("failed", True, 0)
    assert row.next == "Nothing was charged. If you would still like to come, you can try again."


async def test_a_retry_of_what_was_paid_meanwhile_says_so(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    await harness.pay(started)
    token = await harness.token(sam)
    assert await tab.fire(DashboardState.retry_clicked, started.booking_id, token) == []
    notice = (await tab.state(DashboardState)).outcomes[started.booking_id]
    assert (notice.tone, "came through" in notice.text) == ("good", True)


async def test_the_calendar_file_is_given_to_its_owner_only(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course(title="Clay"))
    sally = harness.student("sally")
    await harness.checkout(sally, await harness.course())
    tab, other = await opened(harness, sam), await opened(harness, sally)
    (address,) = await tab.fire(DashboardState.calendar_clicked, started.booking_id)
    head, _, data = address.partition(",")
    assert head == "data:text/calendar;base64"
    (entry,) = Calendar.from_ical(b64decode(data)).walk("VEVENT")
    assert entry["SUMMARY"] == "Clay"
    assert await other.fire(DashboardState.calendar_clicked, started.booking_id) == []
    assert "could not find" in (await other.state(DashboardState)).notice.text
    assert await Tab("/bookings").fire(DashboardState.calendar_clicked, started.booking_id) == []


async def test_a_change_elsewhere_is_shown_without_a_word(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam)
    await harness.pay(started)
    await tab.fire(DashboardState.changed_elsewhere)
    dashboard = await tab.state(DashboardState)
    assert [b.status for b in rows(dashboard)] == ["confirmed"]
    assert not dashboard.notice.text
