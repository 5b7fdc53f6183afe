"""Fields of a school on the pages: cards, the course page, filters and chips, in every language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import reflex as rx

from coursebook.domain.course_fields import CourseField
from coursebook.extensions.declaration import ExtensionError
from coursebook.ui import kit
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.i18n import catalogs
from coursebook.ui.pages import _check_field_texts
from coursebook.ui.pages import course as course_page
from coursebook.ui.presenters.catalog_filters import Filters, filters_of
from coursebook.ui.presenters.course_fields import card_lines, page_rows
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from tests.support.course_fields import AGE, FIELDS, LANGUAGE, declared
from tests.support.harness import Harness
from tests.ui.tabs import Tab

ENGLISH = """\
LANGUAGE_OF_COURSE = "Taught in"
IN_GERMAN = "German"
IN_ENGLISH = "English"
STEPLESS = "Without steps"
MATERIAL = "Bring along"
AGE = "From the age of"
BEGUN = "Runs since"
"""
GERMAN = 'LANGUAGE_OF_COURSE = "Kurssprache"\nIN_GERMAN = "Deutsch"\n'
EXTRA = {"language": "de", "stepless": False, "age": 12, "begun": "2027-03-14", "gone": "kept"}


@pytest.fixture(autouse=True)
def _words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The texts of the fields, as a school writes them: German has two of them."""
    (tmp_path / "en.toml").write_text(ENGLISH)
    (tmp_path / "de.toml").write_text(GERMAN)
    monkeypatch.setattr(catalogs, "FOLDERS", (tmp_path,))
    catalogs.of.cache_clear()
    with declared(*FIELDS):
        yield
    catalogs.of.cache_clear()


def test_values_are_shown_in_the_visitors_language() -> None:
    rows = {row.label: row.value for row in page_rows(FIELDS, EXTRA, "en")}
    assert rows == {
        "Taught in": "German",
        "Without steps": "No",
        "From the age of": "12",
        "Runs since": "Sun 14 Mar 2027",
    }
    german = {row.label: row.value for row in page_rows(FIELDS, EXTRA, "de")}
    assert german["Kurssprache"] == "Deutsch"
    assert german["Without steps"] == "Nein"
    assert card_lines(FIELDS, {}, "de") == ["Kurssprache: English"], "English for what is missing"


async def test_a_card_and_the_course_page_have_them(harness: Harness) -> None:
    course = await harness.course(extra=EXTRA)
    tab = Tab("/courses")
    await tab.fire(CatalogState.page_opened)
    assert (await tab.state(CatalogState)).card_fields == {course.id: ["Taught in: German"]}
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    labels = [row.label for row in (await tab.state(CourseState)).course.extra]
    assert labels == ["Taught in", "Without steps", "From the age of", "Runs since"]


async def test_the_address_filters_by_them_with_a_chip(harness: Harness) -> None:
    for title, extra in (("German", EXTRA), ("English", {}), ("Level", {"stepless": True})):
        await harness.course(title=title, extra=extra)
    tab = Tab("/courses?language=de")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert [course.title for course in catalog.courses] == ["German"]
    assert [(chip.text, chip.href) for chip in catalog.chips] == [("Taught in: German", "/courses")]
    assert catalog.applied == {"language": "de"}
    tab.go("/courses?language=en&stepless=true")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert [course.title for course in catalog.courses] == ["Level"]
    assert [(chip.text, chip.href) for chip in catalog.chips] == [
        ("Taught in: English", "/courses?stepless=true"),
        ("Without steps", "/courses?language=en"),
    ]
    tab.go("/courses?language=de&stepless=true")
    await tab.fire(CatalogState.page_opened)
    catalog = await tab.state(CatalogState)
    assert (catalog.view_state, catalog.hint.href) == ("empty", "/courses?stepless=true")


@pytest.mark.parametrize("query", [{"language": "fr"}, {"stepless": "yes"}])
def test_a_senseless_value_is_ignored_and_said(query: dict[str, str]) -> None:
    assert filters_of(query) == (Filters(), True)
    assert filters_of({"age": "12", "stepless": "false"}) == (Filters(), False)


def test_a_page_of_filters_keeps_them() -> None:
    filters, _ = filters_of({"language": "de", "q": "clay", "stepless": "true"})
    assert filters.address("/") == "/?q=clay&language=de&stepless=true"
    assert filters.changed(q="").query == "language=de&stepless=true"
    assert filters.changed(language="").query == "q=clay&stepless=true"


def test_the_filters_and_facts_are_in_the_pages() -> None:
    html = str(catalog_view().render())
    assert "course-language" in html
    assert "words.IN_GERMAN" in html
    assert "course-stepless" in html
    assert "course-age" not in html
    assert "card_fields" in html
    assert "extra" in str(course_page.course().render())


def test_without_a_declaration_the_pages_are_as_they_were() -> None:
    with declared():
        html = str(catalog_view().render())
        assert "card_fields" not in html
        assert "extra" not in str(course_page.course().render())
        assert "applied?.[" not in html
        assert page_rows((), EXTRA, "en") == []


def test_a_field_without_its_text_is_one_sentence() -> None:
    _check_field_texts()
    field = CourseField(name="tools", kind="text", label="TOOLS")
    with declared(LANGUAGE, AGE, field), pytest.raises(ExtensionError) as raised:
        _check_field_texts()
    assert str(raised.value) == "The field tools needs the text TOOLS in words/en.toml."


@pytest.mark.parametrize(
    ("count", "look"),
    [(6, ""), (7, "hidden sm:block sm:col-span-2 lg:block lg:col-span-5"), (8, "hidden")],
)
def test_the_last_row_of_the_filters_is_filled(count: int, look: str) -> None:
    bar = kit.filter_bar(*[rx.el.div()] * count)
    assert len(bar.children) == count + bool(look)
    assert look in str(bar.children[-1].render())
    assert ("max-sm:[&>:nth-child(7)]:col-span-2" in str(bar.render())) is (count == 7)
