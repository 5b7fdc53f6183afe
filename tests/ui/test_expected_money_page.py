"""`/manage/money/expected`: its rows, recording, voiding, and what each role sees."""

from datetime import timedelta

from coursebook.ui.states.manage.expected_money import ExpectedState
from tests.contract.test_api_inbox import INBOX, entries, outside
from tests.contract.test_api_team import join
from tests.integration.test_money_by_hand import add, hand, hold, look
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.tabs import Tab


async def opened(
    harness: Harness, who: Student = OPERATOR, language: str = ""
) -> tuple[Tab, ExpectedState]:
    tab = Tab("/manage/money/expected", language)
    await tab.sign_in(harness, who)
    await tab.fire(ExpectedState.viewer_arrived)
    return tab, await tab.state(ExpectedState)


async def test_money_is_recorded_and_voided_from_the_list(harness: Harness):
    course = await harness.course()
    booking = await hold(harness, course)
    trusted = await add(harness, course, {"how": "expected"}, name="Tom Trust")
    tab, page = await opened(harness)
    first, second = page.rows
    assert (first.name, first.href) == ("Gerda Gast", f"/manage/bookings/{booking['id']}")
    token = await harness.token(OPERATOR)
    await tab.fire(ExpectedState.record_clicked, first.id)
    future = (harness.clock() + timedelta(days=3)).date().isoformat()
    await tab.fire(ExpectedState.recorded, token, {"received_on": future})
    assert page.problems["received_on"] == "This day has not come yet."
    await tab.fire(ExpectedState.recorded, token, {"method": "cash", "reference": "R-1"})
    assert (page.act, page.notice.tone, [row.name for row in page.rows]) == (
        "",
        "good",
        ["Tom Trust"],
    )
    assert (await look(harness, booking["id"]))["place"] == "confirmed"

    await tab.fire(ExpectedState.void_clicked, second.id)
    await tab.fire(ExpectedState.voided, token, {"reason": " "})
    assert page.problems["reason"]
    await tab.fire(ExpectedState.voided, token, {"reason": "Typed twice"})
    assert page.notice.tone == "good"
    lines = hand(await look(harness, trusted["id"]))
    assert lines == [("in", "expected", 4500), ("in", "void", 4500)]
    await check_books(harness)


async def test_a_dialog_stays_open_with_the_new_sums_when_somebody_was_faster(harness: Harness):
    booking = await hold(harness, await harness.course())
    tab, page = await opened(harness)
    await tab.fire(ExpectedState.record_clicked, page.rows[0].id)
    before = page.chosen.kept_amount
    part = {"amount": 1000, "method": "cash", "expect": booking["expect"]}
    path = f"/api/manage/bookings/{booking['id']}/payments"
    answer = await harness.post(path, OPERATOR, json=part)
    assert answer.is_success, answer.text
    token = await harness.token(OPERATOR)
    await tab.fire(ExpectedState.recorded, token, {"method": "cash"})
    assert not page.act or (page.refused and page.chosen.kept_amount != before)
    await tab.fire(ExpectedState.record_clicked, page.rows[0].id)
    assert page.refused == ""
    await tab.fire(ExpectedState.recorded, "forged", {"method": "cash"})
    assert page.act == "record"
    assert page.refused
    await tab.fire(ExpectedState.recorded, token, {"method": "cash"})
    assert (page.act, page.notice.tone, page.rows) == ("", "good", [])
    await check_books(harness)


async def test_an_accountant_reads_sums_and_numbers_but_no_names(harness: Harness):
    booking = await hold(harness, await harness.course())
    await outside(harness, 500)
    ari, _ = await join(harness, "ari", "accountant")
    _, page = await opened(harness, ari, "de")
    (row,) = page.rows
    assert (row.name, row.href, page.may_act) == (booking["number"], "", False)
    answer = await harness.get("/api/manage/payments/expected", ari)
    assert answer.json()["items"][0]["name"] == ""
    (entry,) = await entries(harness)
    assert (await harness.get(f"{INBOX}/{entry['id']}", OPERATOR)).json()["student"]
    assert (await harness.get(f"{INBOX}/{entry['id']}", ari)).json()["student"] == ""
