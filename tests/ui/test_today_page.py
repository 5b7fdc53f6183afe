"""`/manage`: the meetings of today with their counts, what needs somebody, and what comes next."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.money import Money
from coursebook.domain.rights import Role
from coursebook.ui import kit
from coursebook.ui.states.manage.today import TodayState
from tests.support import cards
from tests.support.harness import OPERATOR, Harness
from tests.support.product import next_time
from tests.support.team import give_role
from tests.ui.tabs import Tab

ZONES = ("Europe/Lisbon", "Atlantic/Azores")
"""The noon of one of them is at most 23 hours away."""


async def opened(harness: Harness, who=OPERATOR, language: str = "") -> Tab:
    tab = Tab("/manage", language)
    await tab.sign_in(harness, who)
    await tab.fire(TodayState.viewer_arrived)
    return tab


async def tab_after(harness: Harness) -> list:
    return (await (await opened(harness)).state(TodayState)).meetings


async def at_noon(harness: Harness) -> datetime:
    """Set the school's zone and its clock to the next noon."""
    noon, zone = min((next_time(harness.clock(), 12, ZoneInfo(zone)), zone) for zone in ZONES)
    answer = await harness.call("PATCH", "/api/manage/settings", OPERATOR, json={"timezone": zone})
    assert answer.status_code == 200, answer.text
    harness.clock.advance(noon - harness.clock())
    return harness.clock()


async def test_three_meetings_with_counts_that_follow(harness: Harness):
    noon = await at_noon(harness)
    courses = [
        await harness.course(
            starts_at=noon + timedelta(hours=hours), ends_at=noon + timedelta(hours=hours + 1)
        )
        for hours in (2, 4, 8)
    ]
    await harness.course(starts_at=noon + timedelta(days=1), ends_at=noon + timedelta(days=2))
    await harness.confirmed(harness.student("sam"), courses[0])
    await harness.checkout(harness.student("ann"), courses[0])
    tab = await opened(harness)
    page = await tab.state(TodayState)
    assert [row.title for row in page.meetings] == [course.title for course in courses]
    first = page.meetings[0]
    assert (first.clock, first.until) == ("14:00", "until 15:00")
    assert (first.count, first.paying) == ("0 of 1 here", "1 is paying now")
    assert first.places == "2 of 10 places taken"
    assert first.drawn == ("confirmed", "held", *["free"] * 8)
    assert (first.notes, first.owes, first.waiting) == ((), "", "")
    assert [row.is_first for row in page.meetings] == [True, False, False]
    assert re.search("(Lisbon|Azores) time$", page.head)
    assert page.nothing == ""
    snapshot = (
        await harness.get(
            f"{first.door.replace('/manage/check-in', '/api/manage/meetings')}/snapshot", OPERATOR
        )
    ).json()
    line = {
        "client_id": "one",
        "booking_id": snapshot["people"][0]["booking_id"],
        "state": "present",
    }
    path = f"/api/manage/meetings/{first.id}/attendance"
    answer = await harness.post(path, OPERATOR, json={"lines": [line]})
    assert answer.status_code == 200, answer.text
    await tab.fire(TodayState.changed_elsewhere)
    assert (await tab.state(TodayState)).meetings[0].count == "1 of 1 here"
    await harness.confirmed(harness.student("eve"), courses[0])
    harness.clock.advance(timedelta(hours=5, minutes=1))
    await harness.worker_round()
    later = await tab_after(harness)
    assert (later[0].count, later[0].absent) == ("1 of 2 here", "1 did not come")
    assert [row.is_first for row in later] == [False, False, True], "the next one is the panel"


async def add(harness: Harness, course, name: str, pay: dict, note: str = "") -> None:
    body = {"name": name, "pay": pay, "note": note, "tell": False}
    path = f"/api/manage/courses/{course.id}/bookings"
    answer = await harness.post(path, OPERATOR, json=body)
    assert answer.status_code == 201, answer.text


async def test_a_meeting_says_who_needs_care_as_far_as_one_may_see_it(harness: Harness):
    noon = await at_noon(harness)
    course = await harness.course(
        starts_at=noon + timedelta(hours=2), ends_at=noon + timedelta(hours=3)
    )
    await add(harness, course, "Ana Castelo", {"how": "complimentary"}, "Nut allergy")
    due = {"how": "expected", "due_on": noon.date().isoformat()}
    for name in ("Bruno Lima", "Carla Lima"):
        await add(harness, course, name, due)
    (row,) = (await (await opened(harness)).state(TodayState)).meetings
    assert (row.notes, row.owes) == (("Nut allergy: Ana Castelo",), "2 owe €90.00")
    german = (await (await opened(harness, language="de")).state(TodayState)).meetings[0]
    assert german.owes == "2 schulden 90,00\N{NO-BREAK SPACE}€"
    tara, ari = harness.student("tara"), harness.student("ari")
    await give_role(harness, tara, Role.TEACHER, course.id)
    await give_role(harness, ari, Role.ACCOUNTANT)
    page = await (await opened(harness, tara)).state(TodayState)
    assert (page.meetings[0].notes, page.meetings[0].owes) == (row.notes, "")
    assert (page.week.days, page.may_search) == ("", True), "no money for a teacher"
    page = await (await opened(harness, ari)).state(TodayState)
    assert (page.meetings[0].notes, page.meetings[0].owes) == ((), row.owes)
    assert (page.meetings[0].door, page.may_search) == ("", False), "no names for an accountant"
    assert page.week.days


async def test_a_meeting_says_who_teaches_and_how_many_are_new(harness: Harness):
    noon = await at_noon(harness)
    sam, eva = harness.student("sam"), harness.student("eva")
    await harness.confirmed(sam, await harness.course(starts_at=noon + timedelta(days=9)))
    begins = noon + timedelta(hours=2)
    hours = {"starts_at": begins, "ends_at": begins + timedelta(hours=1)}
    course = await harness.course(**hours)
    online = await harness.course(**hours, is_online=True)
    await harness.confirmed(sam, course)
    (row,) = [row for row in await tab_after(harness) if row.id.endswith(course.id[4:])]
    below = f"{course.place_name} · {course.instructor}"
    assert (row.new, row.below.startswith(below)) == ("", True), "its own time follows elsewhere"
    await harness.confirmed(eva, course)
    await add(harness, course, "Ana Castelo", {"how": "complimentary"})
    await harness.checkout(harness.student("paying"), course)
    rows = {row.title: row for row in await tab_after(harness)}
    assert rows[course.title].new == "2 are new"
    assert rows[online.title].below.startswith(f"Online · {online.instructor}")
    ari = harness.student("ari")
    await give_role(harness, ari, Role.ACCOUNTANT)
    page = await (await opened(harness, ari)).state(TodayState)
    assert {row.new for row in page.meetings} == {""}, "nothing about people for an accountant"


async def test_the_week_has_its_bookings_money_and_places(harness: Harness):
    noon = await at_noon(harness)
    soon = {"starts_at": noon + timedelta(days=2), "ends_at": noon + timedelta(days=2, hours=1)}
    course = await harness.course(**soon)
    other = await harness.course(price=Money(8400, "usd"), **soon)
    started = [
        await harness.confirmed(harness.student(f"s{number}"), taken)
        for number, taken in enumerate((course, course, other))
    ]
    await harness.post(f"/api/bookings/{started[0].booking_id}/cancel", OPERATOR)
    await harness.checkout(harness.student("paying"), course)
    week = (await (await opened(harness)).state(TodayState)).week
    assert (week.booked, week.booked_more) == ("3", "1 of them cancelled")
    assert (week.received, week.received_more) == ("€90", "and $84")
    assert (week.given_back, week.given_back_more) == ("€45", "1 refund")
    assert week.places == "3 of 20"
    assert week.heights == ("0%",) * 6 + ("100%",)
    first = (noon - timedelta(days=6)).date()
    assert week.reports == f"/manage/reports?from={first}&to={noon.date()}"
    harness.clock.advance(timedelta(days=7))
    later = (await (await opened(harness)).state(TodayState)).week
    assert (later.booked, later.received, later.heights) == ("0", "0", ("0%",) * 7)


def test_the_browser_sends_the_search():
    form = kit.search_form("/manage/bookings", kit.search_field("Find", "Find", "find", name="q"))
    assert {'action:"/manage/bookings"', 'method:"get"'} <= {*form.render()["props"]}
    assert "preventDefault" not in str(form._get_all_hooks()), "Reflex's own form keeps it"


async def test_a_running_offer_leads_to_its_waiting_list(harness: Harness):
    await at_noon(harness)
    course = await harness.course(capacity=1)
    started = await harness.confirmed(harness.student("sam"), course)
    lea = harness.student("lea")
    answer = await harness.post(f"/api/courses/{course.id}/waiting", lea, json={})
    assert answer.status_code == 201, answer.text
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    (row,) = (await (await opened(harness)).state(TodayState)).needs
    assert row.href == f"/manage/courses/{course.id}/waiting"
    assert row.text.startswith("An offer ends at ")
    assert row.below.startswith(f"{course.title}: ")
    ari = harness.student("ari")
    await give_role(harness, ari, Role.ACCOUNTANT)
    assert (await (await opened(harness, ari)).state(TodayState)).needs == []


async def test_a_day_without_meetings_names_the_next_course(harness: Harness):
    noon = await at_noon(harness)
    course = await harness.course(
        starts_at=noon + timedelta(days=2), ends_at=noon + timedelta(days=2, hours=1)
    )
    page = await (await opened(harness)).state(TodayState)
    assert page.meetings == []
    assert page.nothing.startswith("Nothing today. Next: ")
    assert page.nothing.endswith(course.title)
    german = await (await opened(harness, language="de")).state(TodayState)
    assert german.nothing.startswith("Heute nichts. Als Nächstes: ")


async def test_what_needs_somebody_leads_there_and_is_for_who_sees_money(harness: Harness):
    await at_noon(harness)
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    await harness.pay(started, cards.REFUND_FAILS)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await harness.worker_round()
    await harness.later(minutes=5)
    await harness.quiet()
    await harness.worker_round()
    due = (harness.clock() + timedelta(days=1)).date().isoformat()
    body = {"name": "Gerda", "pay": {"how": "expected", "amount": 4500, "due_on": due}}
    path = f"/api/manage/courses/{course.id}/bookings"
    assert (await harness.post(path, OPERATOR, json=body)).status_code == 201
    harness.clock.advance(timedelta(days=3))
    page = await (await opened(harness)).state(TodayState)
    needs = [(row.text, row.below, row.href) for row in page.needs]
    assert ("A refund failed", "", "/manage/money") in needs
    assert ("A payment is overdue", "€45.00", "/manage/money/expected") in needs
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    page = await (await opened(harness, tara)).state(TodayState)
    assert (page.needs, page.sees_needs) == ([], False)
