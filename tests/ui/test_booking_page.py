"""The page of one booking: the dashboard's state and handlers, at an address of its own."""

from urllib.parse import parse_qs, urlsplit

from coursebook.ui.pages.booking import PAGE
from coursebook.ui.presenters.rows import BookingRow
from coursebook.ui.ssr.shells import Shells
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.live import LiveState
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.tabs import Tab


async def opened(harness: Harness, student: Student, booking_id: str, language: str = "") -> Tab:
    tab = Tab(f"/bookings/{booking_id}", language)
    await tab.sign_in(harness, student)
    await tab.fire(DashboardState.viewer_arrived)
    return tab


async def only_row(tab: Tab) -> BookingRow:
    state = await tab.state(DashboardState)
    assert state.view_state == "content"
    ((row,),) = [section.bookings for section in state.sections]
    return row


async def test_the_page_shows_one_booking_and_no_other(harness: Harness):
    sam = harness.student("sam")
    await harness.confirmed(sam, await harness.course(title="Glass"))
    booking_id = (await harness.confirmed(sam, await harness.course(title="Clay"))).booking_id
    row = await only_row(await opened(harness, sam, booking_id))
    assert (row.id, row.title, row.status) == (booking_id, "Clay", "confirmed")
    assert row.number == f"CB-{booking_id[-6:].upper()}"
    assert row.promise
    assert row.history
    assert row.can_cancel


async def test_a_stranger_s_booking_is_as_missing_as_an_unknown_one(harness: Harness):
    course = await harness.course()
    booking_id = (await harness.confirmed(harness.student("sam"), course)).booking_id
    sally = harness.student("sally")
    for key in (booking_id, "bkg_none", "%00", "a/b", "x" * 200):
        tab = await opened(harness, sally, key)
        state = await tab.state(DashboardState)
        assert (state.view_state, state.sections) == ("missing", [])


async def test_an_operator_too_sees_only_their_own(harness: Harness):
    booking_id = (
        await harness.confirmed(harness.student("sam"), await harness.course())
    ).booking_id
    tab = await opened(harness, OPERATOR, booking_id)
    assert (await tab.state(DashboardState)).view_state == "missing"


async def test_nobody_sees_a_booking_without_being_known(harness: Harness):
    booking_id = (
        await harness.confirmed(harness.student("sam"), await harness.course())
    ).booking_id
    tab = Tab(f"/bookings/{booking_id}")
    await tab.fire(DashboardState.page_opened)
    await tab.fire(DashboardState.viewer_arrived)
    assert (await tab.state(DashboardState)).sections == []


async def test_the_list_and_the_page_never_show_the_rows_of_each_other(harness: Harness):
    sam = harness.student("sam")
    booking_id = (await harness.confirmed(sam, await harness.course(title="Clay"))).booking_id
    await harness.confirmed(sam, await harness.course(title="Glass"))
    tab = Tab("/bookings")
    await tab.sign_in(harness, sam)
    await tab.fire(DashboardState.viewer_arrived)
    state = await tab.state(DashboardState)
    assert state.shown_path == "/bookings"
    tab.go(f"/bookings/{booking_id}")
    assert state.shown_path != f"/bookings/{booking_id}", "the page shows its skeleton"
    await tab.fire(DashboardState.page_opened)
    assert state.shown_path == f"/bookings/{booking_id}"
    assert (await only_row(tab)).title == "Clay"
    tab.go("/bookings")
    await tab.fire(DashboardState.page_opened)
    assert sum(len(section.bookings) for section in state.sections) == 2


async def test_the_booking_is_paid_from_the_page(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam, started.booking_id)
    token = await harness.token(sam)
    addresses = await tab.fire(DashboardState.retry_clicked, started.booking_id, token)
    assert addresses == [started.checkout_url]


async def test_the_booking_is_cancelled_from_the_page(harness: Harness):
    sam = harness.student("sam")
    booking_id = (await harness.confirmed(sam, await harness.course())).booking_id
    tab = await opened(harness, sam, booking_id)
    await tab.fire(DashboardState.cancel_clicked, booking_id)
    state = await tab.state(DashboardState)
    assert "€45.00" in state.cancel_question.money
    await tab.fire(DashboardState.cancel_confirmed, booking_id, await harness.token(sam))
    row = await only_row(tab)
    assert (row.status, row.promise, row.google_href) == ("cancelled", [], "")
    assert "€45.00" in state.outcomes[booking_id].text
    assert state.focus_target == f"outcome-{booking_id}"


async def test_the_page_follows_what_happens_elsewhere(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = await opened(harness, sam, started.booking_id)
    live = await tab.state(LiveState)
    assert await LiveState.person_changed.fn(live) is DashboardState.changed_elsewhere
    await harness.pay(started)
    await tab.fire(DashboardState.changed_elsewhere)
    assert (await only_row(tab)).status == "confirmed"
    assert (await tab.state(DashboardState)).announcement


async def test_calendars_on_the_web_get_one_entry_in_utc(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(title="Clay & Fire")
    booking_id = (await harness.confirmed(sam, course)).booking_id
    row = await only_row(await opened(harness, sam, booking_id))
    google, outlook = urlsplit(row.google_href), urlsplit(row.outlook_href)
    assert (google.hostname, outlook.hostname) == ("calendar.google.com", "outlook.live.com")
    of_google, of_outlook = parse_qs(google.query), parse_qs(outlook.query)
    assert of_google["text"] == of_outlook["subject"] == ["Clay & Fire"]
    starts = course.starts_at
    assert of_google["dates"][0].startswith(f"{starts:%Y%m%dT%H%M%S}Z/")
    assert of_outlook["startdt"] == [f"{starts:%Y-%m-%dT%H:%M:%S}Z"]


async def test_an_unpaid_booking_has_no_calendar_links(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    row = await only_row(await opened(harness, sam, started.booking_id))
    assert (row.google_href, row.outlook_href, row.has_calendar) == ("", "", False)


async def test_the_page_speaks_german(harness: Harness):
    sam = harness.student("sam")
    booking_id = (await harness.confirmed(sam, await harness.course())).booking_id
    row = await only_row(await opened(harness, sam, booking_id, "de"))
    assert row.status_words == "Bestätigt"


def test_the_page_is_a_shell_without_anybody_s_data():
    assert not PAGE.is_public
    shells = Shells(lambda *_: None, frozenset(), frozenset(), lambda: "")  # type: ignore[arg-type]
    assert shells._shell_path("/bookings/bkg_1", "en") == "/bookings-booking_key.html"
    assert shells._shell_path("/bookings/bkg_1", "de") == "/_de/bookings-booking_key.html"
    for other in ("/bookings", "/bookings/a.b", "/bookings/a/b"):
        assert shells._shell_path(other, "en") is None
