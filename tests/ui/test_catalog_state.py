"""The catalog: search and filters in the address, newest answer wins, problems in words."""

import pytest

from coursebook.ui import words
from coursebook.ui.states.catalog import PAGE_SIZE, CatalogState
from tests.support.world import World, eur
from tests.ui.tabs import Tab


async def test_the_first_look_shows_all_courses_with_words(world: World):
    await world.course(title="Clay", price=eur(45))
    await world.course(title="Glass", capacity=1)
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.face == "content"
    assert {c.title for c in catalog.courses} == {"Clay", "Glass"}
    assert catalog.count == "2 courses"
    assert catalog.categories == ["Crafts"]


async def test_an_empty_school_has_the_empty_face(world: World):
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    assert (await tab.state(CatalogState)).face == "empty"


async def test_searching_writes_the_address_and_shows_what_fits(world: World):
    await world.course(title="Clay")
    await world.course(title="Glass")
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    assert await tab.fire(CatalogState.search_changed, " glass ") == ["/courses?q=glass"]
    catalog = await tab.state(CatalogState)
    assert [c.title for c in catalog.courses] == ["Glass"]
    assert catalog.is_filtered
    assert not catalog.is_searching


async def test_the_address_of_a_search_shows_the_same_search(world: World):
    await world.course(title="Clay")
    await world.course(title="Glass")
    tab = Tab("/?q=glass&available=true")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert [c.title for c in catalog.courses] == ["Glass"]
    assert (catalog.q, catalog.available) == ("glass", True)


async def test_our_own_change_of_the_address_does_not_disturb_newer_typing(world: World):
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    await tab.fire(CatalogState.search_changed, "g")
    await tab.fire(CatalogState.search_changed, "gl")
    before = (await tab.state(CatalogState)).form_key
    for address in ("/courses?q=g", "/courses?q=gl"):
        tab.go(address)
        await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (catalog.q, catalog.form_key) == ("gl", before)


async def test_back_takes_the_filters_of_the_address(world: World):
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    await tab.fire(CatalogState.search_changed, "glass")
    tab.go("/courses?q=glass")
    await tab.fire(CatalogState.page_opened)
    tab.go("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (catalog.q, catalog.is_filtered) == ("", False)


async def test_clearing_the_filters_empties_the_search_box(world: World):
    tab = Tab("/courses?q=nothing")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.face == "empty"
    before = catalog.form_key
    assert await tab.fire(CatalogState.filters_cleared) == ["/courses"]
    assert catalog.form_key != before


async def test_more_courses_come_below(world: World):
    for _ in range(PAGE_SIZE + 2):
        await world.course()
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (len(catalog.courses), catalog.has_more) == (PAGE_SIZE, True)
    await tab.fire(CatalogState.more_clicked)
    assert (len({c.id for c in catalog.courses}), catalog.has_more) == (PAGE_SIZE + 2, False)


@pytest.mark.parametrize("query", ["?q=" + "x" * 5000, "?level=%00", "?category=" + "y" * 90])
async def test_a_senseless_address_is_read_as_no_filter(world: World, query: str):
    tab = Tab(f"/courses{query}")
    await tab.fire(CatalogState.page_opened)
    assert not (await tab.state(CatalogState)).is_filtered


async def test_without_the_database_the_person_reads_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def breaks(*_: object) -> None:
        raise ConnectionError("db.internal:5432 refused")

    monkeypatch.setattr(world.services.catalog, "list_courses", breaks)
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert catalog.face == "error"
    assert catalog.error.startswith(words.of("en").UNEXPECTED.split("{", maxsplit=1)[0])
    assert "5432" not in catalog.error
