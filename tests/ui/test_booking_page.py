"""The page of one booking: the dashboard's state and handlers, at an address of its own."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from coursebook.domain.terms import Terms, TermStep
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


async def test_the_terms_have_their_sums_and_stay_when_they_are_over(harness: Harness):
    sam = harness.student("sam")
    terms = Terms((TermStep(48, 100), TermStep(24, 50)))
    booking_id = (await harness.confirmed(sam, await harness.course(terms=terms))).booking_id
    row = await only_row(await opened(harness, sam, booking_id))
    whole, half, after = row.terms
    assert whole.startswith("€45.00 (100 %) back until ")
    assert half.startswith("€22.50 (50 %) back until ")
    assert after == "Nothing after that"
    harness.clock.advance(timedelta(days=31))
    row = await only_row(await opened(harness, sam, booking_id))
    assert not row.can_cancel
    assert row.terms == [whole, half, after]


async def test_the_page_tells_of_new_dates_and_of_the_old_ones(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    booking_id = (await harness.confirmed(sam, course)).booking_id
    row = await only_row(await opened(harness, sam, booking_id))
    assert row.change.text == ""
    harness.clock.advance(timedelta(seconds=1))
    later = course.starts_at + timedelta(days=7)
    values = {
        "meetings": [
            {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=3)).isoformat()}
        ],
        "location": {"kind": "place", "name": "Old Mill", "address": "Rua 1, Lisbon"},
    }
    olga = await harness.principal(OPERATOR)
    stored = await harness.course_now(course)
    await harness.services.managed_courses.patch(
        olga, course.id, values, stored.version, tell=True, reason="The kiln is broken."
    )
    row = await only_row(await opened(harness, sam, booking_id, "de"))
    assert row.change.text.startswith("Die Schule hat diesen Kurs am ")
    assert len(row.change.before) == len(row.change.after) == 2
    assert "Atelier Alfama" in row.change.before[1]
    assert "Old Mill" in row.change.after[1]
    assert row.change.reason == "Die Schule schreibt: The kiln is broken."


async def test_one_can_ask_the_school_about_a_booking(harness: Harness):
    sam = harness.student("sam")
    booking_id = (await harness.confirmed(sam, await harness.course(title="Clay & Co"))).booking_id
    assert (await only_row(await opened(harness, sam, booking_id))).ask_href == ""
    olga = await harness.principal(OPERATOR)
    await harness.services.school_profile.patch(olga, {"email": "hello@school.example"})
    row = await only_row(await opened(harness, sam, booking_id))
    number = f"CB-{booking_id[-6:].upper()}"
    assert row.ask_href == f"mailto:hello@school.example?subject={number}%3A%20Clay%20%26%20Co"
    await harness.services.school_profile.patch(olga, {"email": ""})
