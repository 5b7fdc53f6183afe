"""The catalog's state: search and filters in the URL, newest answer wins, errors as texts."""

import pytest

from coursebook.ui import i18n
from coursebook.ui.pages import SITE
from coursebook.ui.presenters.catalog_filters import PAGE_SIZE, Filters
from coursebook.ui.states.catalog import CatalogState
from tests.support.harness import OPERATOR, Harness, eur
from tests.ui.tabs import Tab


async def test_the_first_look_shows_all_courses_with_words(harness: Harness):
    await harness.course(title="Clay", price=eur(45))
    await harness.course(title="Glass", capacity=1)
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.view_state == "content"
    assert {c.title for c in catalog.courses} == {"Clay", "Glass"}
    assert catalog.count == "2 courses"
    assert catalog.categories == ["Crafts"]


async def test_an_empty_school_has_the_empty_face(harness: Harness):
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    assert (await tab.state(CatalogState)).view_state == "empty"


async def test_every_list_is_the_answer_to_an_address(harness: Harness):
    await harness.course(title="Clay")
    await harness.course(title="Glass")
    tab = Tab("/courses?q=+glass+&utm=1")
    assert await tab.fire(CatalogState.page_opened) == []
    catalog = await tab.state(CatalogState)
    assert [c.title for c in catalog.courses] == ["Glass"]
    assert [chip.href for chip in catalog.chips] == ["/courses"]
    assert (catalog.answered_query, catalog.applied) == ("q=+glass+&utm=1", {"q": "glass"})


async def test_the_address_of_a_search_shows_the_same_search(harness: Harness):
    await harness.course(title="Clay")
    await harness.course(title="Glass")
    tab = Tab("/?q=glass&available=true")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert [c.title for c in catalog.courses] == ["Glass"]
    assert (catalog.filters.q, catalog.filters.available) == ("glass", "true")


async def test_back_takes_the_filters_of_the_address(harness: Harness):
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    tab.go("/courses?q=glass")
    await tab.fire(CatalogState.page_opened)
    tab.go("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.filters == Filters()


@pytest.mark.parametrize("query", ["price=x", "sort=drop+table", "from=0202-01-05", "show=25"])
async def test_a_senseless_choice_in_an_address_is_not_shown_as_chosen(
    harness: Harness, query: str
):
    tab = Tab(f"/courses?{query}")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (catalog.applied, catalog.chips, catalog.is_mended) == ({}, [], True)


async def test_what_no_course_has_can_be_seen_as_chosen(harness: Harness):
    await harness.course(category="Crafts", level="Beginner")
    tab = Tab("/courses?category=Opera&level=Blah")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.categories == ["Crafts", "Opera"]
    assert [level.value for level in catalog.levels] == ["Beginner", "Blah"]


async def test_filters_that_were_taken_off_by_a_link_leave_the_form_too(harness: Harness):
    tab = Tab("/courses?q=nothing&level=Beginner")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    tab.go(catalog.clear_href)
    await tab.fire(CatalogState.page_opened)
    assert (catalog.applied, catalog.chips) == ({}, [])


async def test_more_courses_come_below_by_an_address_of_their_own(harness: Harness):
    for _ in range(PAGE_SIZE + 2):
        await harness.course()
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (len(catalog.courses), catalog.more_href) == (PAGE_SIZE, "/courses?show=24")
    tab.go(catalog.more_href)
    await tab.fire(CatalogState.page_opened)
    assert (len({c.id for c in catalog.courses}), catalog.more_href) == (PAGE_SIZE + 2, "")


async def test_a_cursor_that_nobody_made_leads_to_the_first_page(harness: Harness):
    await harness.course(title="Clay")
    tab = Tab("/courses?after=W10")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (catalog.view_state, catalog.is_mended, catalog.first_href) == ("content", True, "")


async def test_an_empty_result_names_the_filter_that_hides_most_and_shows_what_is_near(
    harness: Harness,
):
    await harness.course(title="Clay", price=eur(45))
    tab = Tab("/courses?q=clay&price=free&where=place")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.view_state == "empty"
    assert catalog.hint.href == "/courses?q=clay&where=place"
    assert [course.title for course in catalog.courses] == ["Clay"]


async def test_a_mistyped_word_is_read_and_we_say_so(harness: Harness):
    await harness.course(title="Pottery")
    tab = Tab("/courses?q=potery")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert [course.title for course in catalog.courses] == ["Pottery"]
    assert "“pottery”" in catalog.read_as


@pytest.mark.parametrize("query", ["?q=" + "x" * 5000, "?level=%00", "?category=" + "y" * 90])
async def test_a_senseless_address_is_read_as_no_filter(harness: Harness, query: str):
    tab = Tab(f"/courses{query}")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (catalog.filters, catalog.is_mended) == (Filters(), True)


async def test_without_the_database_the_person_reads_a_sentence(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def breaks(*_: object) -> None:
        raise ConnectionError("db.internal:5432 refused")

    monkeypatch.setattr(harness.services.catalog, "list_courses", breaks)
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.view_state == "error"
    assert catalog.error.startswith(i18n.of("en").UNEXPECTED.split("{", maxsplit=1)[0])
    assert "5432" not in catalog.error


async def test_a_school_without_courses_says_so(harness: Harness):
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.empty_title == "No courses yet"
    assert ("coursebook" in catalog.empty_text, catalog.new_course_href) == (False, "")
    tab = Tab("/courses?q=nothing+fits")
    await tab.fire(CatalogState.page_opened)
    assert (await tab.state(CatalogState)).empty_title == "No courses match"


async def test_an_operator_reads_how_to_add_a_course_and_is_led_to_the_form(harness: Harness):
    tab = Tab("/courses")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert "coursebook courses import" in catalog.empty_text
    assert catalog.new_course_href in {page.route for page in SITE.pages}
    tab = Tab("/courses?q=nothing+fits")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(CatalogState.page_opened)
    assert (await tab.state(CatalogState)).new_course_href == ""
