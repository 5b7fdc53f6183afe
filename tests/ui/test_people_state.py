"""`/manage/courses/{id}/people`: lists, search, words, what each role sees, and live changes."""

from unittest.mock import Mock

import pytest

from coursebook.domain.booking import RosterList
from coursebook.errors import Forbidden, Unavailable
from coursebook.live import topics
from coursebook.persistence.schema.tables import Course
from coursebook.ui.live import push
from coursebook.ui.presenters.manage.people import PeopleFilters, list_counts
from coursebook.ui.states.manage.course_list import ManagedCoursesState
from coursebook.ui.states.manage.people import PeopleState
from coursebook.wiring import services
from tests.contract.test_api_people import NAMES, add_people
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab


async def opened(
    harness: Harness,
    course: Course,
    query: str = "",
    language: str = "",
    who: Student = OPERATOR,
) -> tuple[Tab, PeopleState]:
    tab = Tab(f"/manage/courses/{course.id}/people{query}", language)
    await tab.sign_in(harness, who)
    await tab.fire(PeopleState.viewer_arrived)
    return tab, await tab.state(PeopleState)


async def test_the_page_shows_who_is_coming_and_who_is_paying(harness: Harness):
    course = await harness.course(price=eur(45))
    await harness.confirmed(harness.student("amara"), course)
    await harness.checkout(harness.student("bruno"), course)
    _, page = await opened(harness, course)
    head = page.head
    assert (page.view_state, head.title, page.count) == ("content", course.title, "2 people")
    assert [(row.status, row.amount) for row in page.rows] == [("Paid", "€45.00"), ("Paying", "")]
    assert page.rows[1].more.startswith("until ")
    nobody = {"owes": "", "cancelled": "", "waiting": ""}
    assert page.counts == {"all": "2", "coming": "1", "paying": "1", **nobody}
    assert head.places == ["confirmed", "held", *["free"] * (course.capacity - 2)]
    assert (head.confirmed, head.held, head.received) == ("1", "1", "€45.00")
    assert head.free_of == f"free of {course.capacity}"
    assert (head.expected, head.waiting) == ("", "")
    assert (page.file, page.file_query) == (f"/api/manage/courses/{course.id}/people", "")
    _, german = await opened(harness, course, "?list=coming", "de")
    assert [(row.status, row.amount) for row in german.rows] == [("Bezahlt", "45,00\u00a0€")]


async def test_the_head_says_what_is_expected_and_each_tab_how_much_it_has(
    harness: Harness,
):
    course = await harness.course(price=eur(45), capacity=1)
    due = {"how": "expected", "due_on": harness.clock().date().isoformat()}
    body = {"name": "Gerda Gast", "pay": due, "tell": False}
    path = f"/api/manage/courses/{course.id}"
    assert (await harness.post(f"{path}/bookings", OPERATOR, json=body)).status_code == 201
    await harness.post(f"/api/courses/{course.id}/waiting", harness.student("wim"))
    message = {"course_id": course.id, "subject": "Hello", "body": "See you."}
    written = message | {"audience": {"kind": "coming"}}
    assert (await harness.post("/api/manage/messages", OPERATOR, json=written)).status_code == 201
    answer = (await harness.get(f"{path}/people", OPERATOR)).json()
    assert answer["expected"] == [{"amount": 4500, "currency": "eur"}]
    tab, page = await opened(harness, course)
    assert (page.head.received, page.head.expected, page.head.waiting) == ("€0.00", "€45.00", "1")
    assert page.tabs == {"people": "1", "waiting": "1", "messages": "1", "history": ""}
    await harness.post(f"/api/courses/{course.id}/waiting", harness.student("eva"))
    await tab.fire(PeopleState.changed_elsewhere)
    assert page.tabs["waiting"] == "2"
    thea, _ = await join(harness, "thea", "teacher", course.id)
    _, hers = await opened(harness, course, who=thea)
    assert (hers.head.expected, hers.tabs) == ("", {"people": "1", "waiting": "2", "history": ""})
    hidden = await harness.get(f"{path}/people", thea)
    assert hidden.json()["expected"] is None


async def test_filters_and_search_are_in_the_address(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, *NAMES)
    _, page = await opened(harness, course, "?list=cancelled&q=lindq")
    assert [(row.name, row.status) for row in page.rows] == [("Zoë Lindqvist", "Free of charge")]
    assert page.applied == {"list": "cancelled", "q": "lindq"}
    assert page.file_query == "?state=cancelled&q=lindq"
    _, page = await opened(harness, course, "?list=cancelled&sort=booked")
    assert {row.name for row in page.rows} == set(NAMES)
    assert page.applied == {"list": "cancelled", "sort": "booked"}
    _, page = await opened(harness, course, "?list=nonsense")
    assert (page.rows, page.empty, page.applied) == ([], "Nobody has booked yet", {})
    _, page = await opened(harness, course, "?q=nobody")
    assert page.empty == "Nothing for “nobody”"


async def test_more_people_follow_the_first_ones(harness: Harness, monkeypatch: pytest.MonkeyPatch):
    course = await harness.course()
    await add_people(harness, course, *NAMES)
    monkeypatch.setattr(PeopleFilters.to_query, "__kwdefaults__", {"cursor": None, "limit": 3})
    tab, page = await opened(harness, course, "?list=cancelled")
    assert (len(page.rows), page.has_more, page.count) == (3, True, "The first 3 people")
    await tab.fire(PeopleState.more_clicked)
    assert (len({row.id for row in page.rows}), page.has_more) == (4, False)
    tab, page = await opened(harness, course, "?list=cancelled")
    await tab.fire(PeopleState.all_needed)
    assert (len({row.id for row in page.rows}), page.has_more) == (4, False)
    await tab.fire(PeopleState.export_failed, 429)
    assert page.notice.text == "Ten exports an hour are possible. Please try again later."
    await tab.fire(PeopleState.export_failed, 0)
    assert (page.notice.text, page.notice.tone) == (
        "The file could not be made. Please try again.",
        "bad",
    )


async def test_a_payment_elsewhere_turns_the_row_to_paid(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course, other = await harness.course(), await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    tab = a_tab(sockets, f"/manage/courses/{course.id}/people")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(PeopleState.viewer_arrived)
    page = await tab.state(PeopleState)
    assert [row.status for row in page.rows] == ["Paying"]
    sockets.asked.clear()
    await harness.pay(started)
    await pusher.tell(frozenset({topics.roster(course.id)}))
    assert (sockets.asked, sockets.sent) == ([("tab-1", push.PEOPLE_AGAIN)], [])
    await tab.fire(PeopleState.changed_elsewhere)
    assert [row.status for row in page.rows] == ["Paid"]
    sockets.asked.clear()
    await pusher.tell(frozenset({topics.roster(other.id)}))
    assert sockets.asked == []


async def test_a_failed_reload_keeps_the_rows_and_another_page_is_not_touched(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    course = await harness.course()
    await harness.confirmed(harness.student("sam"), course)
    tab, page = await opened(harness, course)
    before = list(page.rows)

    async def fail(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(services().rosters, "page", fail)
        await tab.fire(PeopleState.changed_elsewhere)
    assert (page.rows, page.view_state) == (before, "content")
    tab.go("/manage/courses")
    await harness.checkout(harness.student("eve"), course)
    await tab.fire(PeopleState.changed_elsewhere)
    assert page.rows == before


async def test_a_teacher_sees_names_alone_and_only_of_her_courses(harness: Harness):
    course, other = await harness.course(), await harness.course()
    thea, grant = await join(harness, "thea", "teacher", course.id)
    await harness.confirmed(harness.student("sam"), course)
    tab, page = await opened(harness, course, "?list=owes&sort=payment", who=thea)
    (row,) = page.rows
    assert (row.status, row.amount, row.email, page.applied) == ("Coming", "", "", {})
    assert (page.sees_money, "owes" in page.counts, page.head.received) == (False, False, "")
    _, hidden = await opened(harness, other, who=thea)
    assert (hidden.view_state, hidden.rows) == ("missing", [])
    assert (await harness.call("DELETE", f"/api/manage/team/{grant}", OPERATOR)).is_success
    await tab.fire(PeopleState.changed_elsewhere)
    assert (page.view_state, page.rows) == ("missing", [])


async def test_the_list_of_courses_leads_there_whoever_may_see_people(harness: Harness):
    course = await harness.course()
    ari, _ = await join(harness, "ari", "accountant")
    for who, href in ((OPERATOR, f"/manage/courses/{course.id}/people"), (ari, "")):
        tab = Tab(f"/manage/courses?q={course.title.replace(' ', '+')}")
        await tab.sign_in(harness, who)
        await tab.fire(ManagedCoursesState.viewer_arrived)
        (row,) = (await tab.state(ManagedCoursesState)).rows
        assert row.people_href == href
    _, page = await opened(harness, course, who=ari)
    assert page.view_state == "missing"


async def test_chosen_people_get_their_confirmation_again(harness: Harness):
    course, other = await harness.course(), await harness.course()
    sam, eve = harness.student("sam"), harness.student("eve")
    await harness.confirmed(sam, course)
    await harness.checkout(eve, course)
    tab, page = await opened(harness, course)
    await tab.fire(PeopleState.all_ticked)
    assert (len(page.chosen), page.chosen_words) == (2, "2 chosen")
    await tab.fire(PeopleState.person_ticked, page.rows[0].id)
    assert page.chosen_query == f"?ids={page.rows[1].id}"
    await tab.fire(PeopleState.person_ticked, "bkg_of_nobody")
    assert len(page.chosen) == 1
    await tab.fire(PeopleState.all_ticked)
    assert page.chosen == []
    await tab.fire(PeopleState.all_ticked)
    await tab.fire(PeopleState.resend_clicked, await harness.token(OPERATOR))
    assert (page.notice.text, page.chosen) == ("1 confirmation is on its way.", [])
    await harness.worker_round()
    subjects = [mail["subject"] for mail in await harness.mails(sam)]
    assert len(subjects) - len(set(subjects)) == 1

    mails, who = services().roster_mails, await harness.principal(OPERATOR)
    everybody = [row.id for row in page.rows]
    assert await mails.resend(who, other.id, everybody) == 0
    thea, _ = await join(harness, "thea", "teacher", course.id)
    with pytest.raises(Forbidden):
        await mails.resend(await harness.principal(thea), course.id, everybody)


@pytest.mark.parametrize(
    ("language", "some", "many"), [("en", "1,866", "9,999+"), ("de", "1.866", "9.999+")]
)
def test_the_numbers_of_the_lists_are_written_like_those_of_the_tabs(
    language: str, some: str, many: str
):
    numbers = {"coming": 1866, "paying": 0, "cancelled": 20_000}
    page = Mock(counts={listed: numbers.get(listed.value, 0) for listed in RosterList})
    counts = list_counts(page, language)
    assert counts["all"] == counts["coming"] == some
    assert (counts["paying"], counts["cancelled"]) == ("", many)
