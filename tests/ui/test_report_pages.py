"""`/manage/reports` and the lists of payments, refunds and payouts, for who may see them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from coursebook.domain.bookkeeping.school_days import Period
from coursebook.domain.money import Money
from coursebook.domain.rights import Role
from coursebook.services.bookkeeping.reports import MAX_COURSES, CoursePlaces, OccupancyReport
from coursebook.services.check_in.views import (
    AttendanceOfCourse,
    AttendanceOfPerson,
    AttendanceReport,
)
from coursebook.ui.presenters.manage.bookkeeping.reports import (
    MAX_PEOPLE,
    attendance_rows,
    occupancy_rows,
)
from coursebook.ui.states.manage.bookkeeping.money_lists import (
    PaymentsState,
    PayoutPageState,
    PayoutsState,
    RefundsState,
)
from coursebook.ui.states.manage.bookkeeping.reports import ReportsState
from tests.support.harness import OPERATOR, Harness, Student
from tests.support.team import give_role
from tests.ui.tabs import Tab

GERMAN_84 = "84,00\N{NO-BREAK SPACE}$"


async def page(harness: Harness, state: Any, path: str, who: Student = OPERATOR, lang: str = ""):
    tab = Tab(path, lang)
    await tab.sign_in(harness, who)
    await tab.fire(state.viewer_arrived)
    return await tab.state(state)


async def test_a_report_shows_one_currency_at_a_time(harness: Harness):
    course, other = await harness.course(), await harness.course(price=Money(8400, "usd"))
    for number, taken in enumerate((course, course, other)):
        await harness.confirmed(harness.student(f"s{number}"), taken)
    await harness.worker_round()
    report = await page(harness, ReportsState, "/manage/reports")
    money = report.money
    assert (money.currency, money.currencies) == ("eur", ("eur", "usd"))
    assert [figure.value for figure in money.figures] == ["€90.00", "€0.00", "€1.86", "€88.14"]
    assert [(row.name, row.cells[0], row.cells[1]) for row in money.rows] == [
        (course.title, "2", "€90.00")
    ]
    assert money.total.cells == money.rows[0].cells
    assert report.days.endswith("the school's zone.")
    dollars = await page(harness, ReportsState, "/manage/reports?currency=usd&by=method", lang="de")
    assert [(row.name, row.cells[1]) for row in dollars.money.rows] == [
        ("Karte", "84,00\N{NO-BREAK SPACE}$")
    ]
    today = harness.clock().date()
    shown = (report.filters.day_from, report.filters.day_to)
    assert shown == (today.replace(day=1).isoformat(), today.isoformat()), "what the fields show"
    assert report.applied == {"from": shown[0], "to": shown[1]}
    wrong = await page(harness, ReportsState, "/manage/reports?from=2026-02-02&to=2026-01-01")
    assert wrong.notice.text
    empty = await page(harness, ReportsState, "/manage/reports?from=2020-01-01&to=2020-01-31")
    assert empty.nothing.startswith("No money moved on these days. Numbers begin on ")


async def test_the_ledger_has_a_page_of_its_lines(harness: Harness, monkeypatch):
    course, other = await harness.course(), await harness.course(price=Money(8400, "usd"))
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.confirmed(harness.student("ann"), other)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await harness.worker_round()
    report = await page(harness, ReportsState, "/manage/reports?view=ledger&currency=eur")
    number = f"CB-{started.booking_id[-6:].upper()}"
    assert [(row.name, row.below, row.cells[1:]) for row in report.rows] == [
        (number, f"Payment by card · {course.title}", ("€45.00", "€0.93", "€44.07")),
        (number, f"Refund to the card · {course.title}", ("-€45.00", "€0.00", "-€45.00")),
    ]
    assert report.rows[0].href == f"/manage/bookings/{started.booking_id}"
    assert report.file_query.endswith("&currency=eur")
    ari = harness.student("ari")
    await give_role(harness, ari, Role.ACCOUNTANT)
    monkeypatch.setattr("coursebook.ui.states.manage.bookkeeping.reports.MAX_LINES", 2)
    hers = await page(harness, ReportsState, "/manage/reports?view=ledger", ari)
    assert (len(hers.rows), {row.href for row in hers.rows}) == (2, {""})
    assert hers.notice.text == "These are the first 500 lines. The file has all of them."
    empty = await page(harness, ReportsState, "/manage/reports?view=ledger&to=2020-01-31")
    assert empty.nothing == "No money moved on these days."


async def test_many_courses_have_one_row_for_the_rest(harness: Harness, monkeypatch):
    monkeypatch.setattr("coursebook.services.bookkeeping.reports.MAX_COURSES", 1)
    courses = [await harness.course(price=Money(amount, "eur")) for amount in (9000, 4500, 3000)]
    for number, course in enumerate(courses):
        await harness.confirmed(harness.student(f"s{number}"), course)
    report = await page(harness, ReportsState, "/manage/reports")
    first, rest = report.money.rows
    assert (first.name, first.cells[1]) == (courses[0].title, "€90.00")
    assert (rest.name, rest.href, rest.cells[:2]) == ("All other courses", "", ("2", "€75.00"))
    assert report.money.total.cells[:2] == ("3", "€165.00")


async def test_places_and_attendance_have_tables_of_their_own(harness: Harness):
    course = await harness.course(capacity=4)
    await harness.confirmed(harness.student("sam"), course)
    day = course.starts_at.date().isoformat()
    places = await page(harness, ReportsState, f"/manage/reports?view=places&from={day}&to={day}")
    assert [(row.name, row.cells) for row in places.rows] == [(course.title, ("4", "1", "0", "3"))]
    came = await page(harness, ReportsState, "/manage/reports?view=attendance")
    assert came.nothing == "No course meets on these days, up to now."


def test_many_people_are_not_named_on_the_page():
    def of(count: int) -> AttendanceReport:
        person = AttendanceOfPerson("bkg_1", "CB-1", "Ana", 1, 0, 0)
        counts = (1, count, count, 0, 0, 0)
        start = datetime(2026, 11, 1, 9, tzinfo=UTC)
        course = AttendanceOfCourse("crs_1", "Choir", start, "UTC", *counts, (person,) * count)
        return AttendanceReport("2026-11-01", "2026-11-30", "UTC", (course,))

    assert len(attendance_rows(of(MAX_PEOPLE), "en")) == 1 + MAX_PEOPLE
    (only,) = attendance_rows(of(MAX_PEOPLE + 1), "en")
    assert (only.name, only.cells[0]) == ("Choir", str(MAX_PEOPLE + 1))


def test_many_courses_of_places_and_attendance_have_one_row_for_the_rest():
    more = MAX_COURSES + 2
    period = Period(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("UTC"))
    places = [CoursePlaces(f"c{n}", "Choir", date(2026, 11, 2), 12, 5, 1) for n in range(more)]
    rows = occupancy_rows(OccupancyReport(period, places), "en")
    assert (len(rows), rows[-2].name) == (MAX_COURSES + 1, "Choir")
    assert (rows[-1].name, rows[-1].href) == ("All other courses", "")
    assert rows[-1].cells == ("24", "10", "2", "12")
    start = datetime(2026, 11, 1, 9, tzinfo=UTC)
    came = tuple(
        AttendanceOfCourse(f"c{n}", "Choir", start, "UTC", 1, 9, 6, 2, 1, 0, ())
        for n in range(more)
    )
    rows = attendance_rows(AttendanceReport("2026-11-01", "2026-11-30", "UTC", came), "de")
    assert (len(rows), rows[-1].name) == (MAX_COURSES + 1, "Alle anderen Kurse")
    assert rows[-1].cells == ("18", "12", "4", "2")


async def test_lists_of_money_lead_to_the_payout(harness: Harness):
    await harness.control("payouts")
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await harness.confirmed(harness.student("ann"), await harness.course())
    await harness.worker_round()
    (made,) = (await harness.control("payouts"))["payouts"]
    await harness.quiet()
    href = f"/manage/money/payouts/{made['id']}"
    report = await page(harness, ReportsState, "/manage/reports")
    left = report.money.figures[-1]
    assert (left.value, left.below) == ("€43.14", "€43.14 on its way to the bank")
    payments = await page(harness, PaymentsState, "/manage/money/payments")
    assert [(row.amount, row.fee, row.net, row.payout_href) for row in payments.rows] == [
        ("€45.00", "€0.93", "€44.07", href)
    ] * 2
    refunds = await page(harness, RefundsState, "/manage/money/refunds")
    assert [(row.net, row.state) for row in refunds.rows] == [("-€45.00", "Done")]
    payouts = await page(harness, PayoutsState, "/manage/money/payouts", lang="de")
    assert (payouts.rows[0].href, payouts.rows[0].state) == (href, "Unterwegs")
    one = await page(harness, PayoutPageState, href)
    assert (one.payout.amount, len(one.payments), len(one.refunds)) == ("€43.14", 2, 1)
    missing = await page(harness, PayoutPageState, "/manage/money/payouts/po_nothing")
    assert missing.view_state == "missing"
    ari, tara = harness.student("ari"), harness.student("tara")
    await give_role(harness, ari, Role.ACCOUNTANT)
    await give_role(harness, tara, Role.TEACHER)
    shown = await page(harness, PaymentsState, "/manage/money/payments", ari)
    assert {(row.href, row.name[:3]) for row in shown.rows} == {("", "CB-")}
    for who in (tara, sam):
        for state, path in (
            (PaymentsState, "/manage/money/payments"),
            (ReportsState, "/manage/reports"),
            (PayoutPageState, href),
        ):
            assert (await page(harness, state, path, who)).view_state == "missing"
