"""The console: who sees a page of it, its navigation, and its texts, which students never load."""

import pytest

from coursebook.domain.rights import Rights, Role
from coursebook.errors import Unavailable
from coursebook.services.manage.readiness import ReadyPoint
from coursebook.ui import i18n, layout
from coursebook.ui.i18n import page_texts
from coursebook.ui.page import Page
from coursebook.ui.pages import SITE
from coursebook.ui.presenters.manage.areas import areas_of
from coursebook.ui.states.manage.today import TodayState
from coursebook.ui.states.session import SessionState
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.page_builds import built
from tests.ui.tabs import Tab

MANAGE_PAGES = [page for page in SITE.pages if page.route.startswith("/manage")]


async def opened(harness: Harness, who: Student | None, language: str = "") -> Tab:
    tab = Tab("/manage", language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(TodayState.viewer_arrived)
    return tab


async def test_an_operator_sees_the_page_and_the_link_to_it(harness: Harness):
    tab = await opened(harness, OPERATOR)
    page, session = await tab.state(TodayState), await tab.state(SessionState)
    assert page.view_state == "content"
    assert (page.shown_for, page.shown_path) == (session.viewer, "/manage")
    assert session.areas == [
        "today",
        "courses",
        "bookings",
        "money",
        "messages",
        "reports",
        "team",
        "settings",
    ]


async def test_for_everybody_else_there_is_no_such_page(harness: Harness):
    for who in (harness.student("sam"), None):
        tab = await opened(harness, who)
        page, session = await tab.state(TodayState), await tab.state(SessionState)
        assert page.view_state == "missing"
        assert page.ready.points == []
        assert session.areas == []


@pytest.mark.parametrize(
    "page", [page for page in MANAGE_PAGES if page.state], ids=lambda page: page.route
)
async def test_no_address_of_the_console_exists_for_a_student_or_nobody(
    sqlite_harness: Harness, page: Page
):
    """Every page with a state is asked, so a new one is asked too; the door asks the API."""
    assert page.state is not None
    for who in (sqlite_harness.student("sam"), None):
        tab = Tab(page.sample)
        if who is not None:
            await tab.sign_in(sqlite_harness, who)
        await tab.fire(page.state.viewer_arrived)
        assert (await tab.state(page.state)).view_state == "missing"


async def test_nothing_of_an_operator_stays_for_the_next_person_at_the_tab(harness: Harness):
    tab = await opened(harness, OPERATOR)
    assert (await tab.state(TodayState)).ready.points
    await tab.fire(SessionState.signed_out)
    assert (await tab.state(SessionState)).areas == []
    await tab.sign_in(harness, harness.student("sam"))
    await tab.fire(TodayState.viewer_arrived)
    assert (await tab.state(TodayState)).ready.points == []


async def test_a_revoked_role_takes_page_and_navigation_away(harness: Harness):
    nora, grant_id = await join(harness, "nora", "manager")
    tab = await opened(harness, nora)
    page, session = await tab.state(TodayState), await tab.state(SessionState)
    assert (page.view_state, session.areas) == (
        "content",
        ["today", "courses", "bookings", "money", "messages", "reports"],
    )
    revoked = await harness.call("DELETE", f"/api/manage/team/{grant_id}", OPERATOR)
    assert revoked.status_code == 200
    await tab.fire(TodayState.viewer_arrived)
    assert (page.view_state, session.areas, page.next_courses) == ("missing", [], [])


async def test_an_error_becomes_a_sentence_and_can_be_tried_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def fails(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(harness.services.readiness, "points", fails)
        tab = await opened(harness, OPERATOR)
        page = await tab.state(TodayState)
        assert (page.view_state, page.error) == ("error", Unavailable.sentence)
    await tab.fire(TodayState.again_clicked)
    assert (page.view_state, page.error) == ("content", "")


def test_a_right_opens_its_part_of_the_console():
    assert areas_of(Rights()) == []
    wanted = {
        "owner": [
            "today",
            "courses",
            "bookings",
            "money",
            "messages",
            "reports",
            "team",
            "settings",
        ],
        "manager": ["today", "courses", "bookings", "money", "messages", "reports"],
        "teacher": ["today", "courses", "bookings"],
        "accountant": ["today", "courses", "money", "reports"],
    }
    for role, areas in wanted.items():
        assert areas_of(Rights.of(Role(role))) == areas


def test_the_navigation_names_only_pages_that_exist(monkeypatch: pytest.MonkeyPatch):
    drawn = str(SITE.find("/manage", is_public=False)[0].build().render())  # type: ignore[index]
    assert "manageWords.AREA.today" in drawn
    monkeypatch.setattr(layout, "pages", [])
    drawn = str(SITE.find("/manage", is_public=False)[0].build().render())  # type: ignore[index]
    assert "manageWords.AREA.today" not in drawn
    assert "words.NAV_MANAGE" not in drawn


def test_pages_of_the_console_are_private():
    assert MANAGE_PAGES
    assert not [page.route for page in MANAGE_PAGES if page.is_public]


def test_the_texts_of_the_console_are_a_table_of_their_own():
    for language in i18n.LANGUAGES:
        catalog = page_texts.page_catalogs()[language]
        console = catalog.pop("manage")
        assert console["AREA"]["courses"]
        assert not set(console) & set(catalog)


BESIDE = ("/invitation", "/claim/[code]")
"""Pages that the links of the school's own mails open."""


def test_no_page_of_students_loads_the_texts_of_the_console():
    for page in SITE.pages:
        imports = built(page)._get_all_imports()
        is_console = page_texts.MANAGE_PATH in imports
        is_expected = page in MANAGE_PAGES
        assert is_console == (is_expected or page.route in BESIDE), page.route
    assert (
        f"{{ ...catalogues[language()], ...changed(), {'manage'}: undefined }}"
        in page_texts.module()
    )


def test_a_text_of_the_console_that_is_missing_is_named():
    assert str(i18n.manage.TODAY_TITLE) == "manageWords.TODAY_TITLE"
    with pytest.raises(AttributeError, match=r"FREEDOM; see manage/en\.toml"):
        i18n.manage.FREEDOM  # noqa: B018


async def test_ready_to_sell_checks_itself_and_speaks_the_viewers_language(harness: Harness):
    tab = await opened(harness, OPERATOR, "de")
    ready = (await tab.state(TodayState)).ready
    assert [point.name for point in ready.points] == [point.value for point in ReadyPoint]
    assert ready.count.endswith(" von 8")
    assert ready.terms.startswith("Wenn Sie absagen:")
    assert {point.words for point in ready.points} <= {"erledigt", "noch offen"}


async def test_looking_at_the_terms_is_a_point_and_needs_a_right(harness: Harness):
    tab = await opened(harness, OPERATOR)
    page = await tab.state(TodayState)
    for token in ("", "x", await harness.token(harness.student("sam"))):
        await tab.fire(TodayState.terms_clicked, token)
        assert not page.are_terms_shown
        assert page.notice.tone == "bad"
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(TodayState.terms_clicked, await harness.token(OPERATOR))
    assert (page.are_terms_shown, page.notice.text) == (True, "")
    assert {point.name: point.is_done for point in page.ready.points}["terms"]


def test_a_text_whose_name_is_a_number_is_read_as_javascript_can():
    choice = i18n.manage.REMINDER_CHOICE
    assert str(choice["0"]) == 'manageWords.REMINDER_CHOICE["0"]'
    assert str(choice["school"]) == "manageWords.REMINDER_CHOICE.school"
