"""`GET /api/manage/history`: everything that happened, for owners, page by page."""

from coursebook.domain.rights import Role
from coursebook.ui.states.manage.bookkeeping.school_history import SchoolHistoryState
from tests.support.harness import OPERATOR, Harness
from tests.support.team import give_role
from tests.ui.tabs import Tab

PATH = "/api/manage/history"


async def test_owners_read_everything_and_nobody_else_does(harness: Harness):
    course = await harness.course()
    started = await harness.confirmed(harness.student("sam"), course)
    body = {"name": "The School", "timezone": "Europe/Lisbon"}
    await harness.call("PATCH", "/api/manage/settings", OPERATOR, json=body)
    await harness.get("/api/manage/reports/ledger.csv", OPERATOR)
    first = (await harness.get(PATH, OPERATOR, params={"limit": 2})).json()
    assert [line["fact"] for line in first["items"]] == ["ledger_exported", "settings_changed"]
    lines, cursor = list(first["items"]), first["next_cursor"]
    while cursor:
        parameters = {"limit": 2, "cursor": cursor}
        page = (await harness.get(PATH, OPERATOR, params=parameters)).json()
        lines, cursor = lines + page["items"], page["next_cursor"]
    assert [line["id"] for line in lines] == sorted((line["id"] for line in lines), reverse=True)
    assert started.booking_id in {line["booking"]["id"] for line in lines if line["booking"]}
    mona = harness.student("mona")
    await give_role(harness, mona, Role.MANAGER)
    for who, status in ((mona, 403), (started.student, 403), (None, 401)):
        assert (await harness.get(PATH, who)).status_code == status
    for who, state in ((OPERATOR, "content"), (mona, "missing")):
        tab = Tab("/manage/history")
        await tab.sign_in(harness, who)
        await tab.fire(SchoolHistoryState.viewer_arrived)
        page = await tab.state(SchoolHistoryState)
        assert page.view_state == state
        named = {row.more for row in page.rows if row.href}
        assert named == ({course.title} if who is OPERATOR else set())
        assert ("Ledger downloaded (csv)" in [row.text for row in page.rows]) == (who is OPERATOR)
