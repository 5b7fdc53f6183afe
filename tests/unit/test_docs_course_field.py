"""The walk of docs/extend.md that adds a field to every course, done on an empty folder."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from coursebook.api.app import build_api
from coursebook.domain.course_fields import CourseField, read_value
from coursebook.extensions import loader
from coursebook.school import School
from coursebook.ui.i18n.catalogs import read_words
from tests.support.documents import FENCE, ROOT, page, rows

SECTION = page("docs/extend.md").section("A field")
EXAMPLE = ROOT / "docs" / "examples" / "school" / "teaching"


def block(language: str) -> str:
    """Return the first fenced block in a language."""
    return next(dedent(body) for _, kind, body in FENCE.findall(SECTION) if kind == language)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder as the page builds it."""
    path = tmp_path / "school" / "teaching"
    (path / "words").mkdir(parents=True)
    (path / "__init__.py").write_text(block("python"))
    (path / "words" / "en.toml").write_text(block("toml"))
    monkeypatch.setattr("coursebook.school.current", lambda: School(folder=path.parent))
    loader.extensions.cache_clear()
    yield path
    loader.extensions.cache_clear()
    for name in [n for n in sys.modules if n.split(".")[0] == loader.PACKAGE]:
        del sys.modules[name]


def test_the_walk_adds_the_field_everywhere(folder: Path) -> None:
    (field,) = loader.course_fields()
    words = read_words("en", [folder / "words"])
    assert [words.page[name] for name in field.text_names] == [
        "Taught in",
        "English",
        "German",
        "Portuguese",
    ]
    document = build_api().openapi()
    (parameter,) = (
        parameter
        for parameter in document["paths"]["/api/courses"]["get"]["parameters"]
        if parameter["name"] == field.name
    )
    assert parameter["schema"]["enum"] == ["en", "de", "pt"]
    extra = document["components"]["schemas"]["Course"]["properties"]["extra"]
    assert extra["required"] == [field.name]
    assert read_value(field, "DE") == "de"


def test_the_example_is_the_one_of_the_page() -> None:
    assert (EXAMPLE / "__init__.py").read_text() == block("python")
    assert (EXAMPLE / "words" / "en.toml").read_text() == block("toml")
    assert (EXAMPLE / "words" / "de.toml").exists()


def test_every_part_of_a_declaration_is_explained() -> None:
    explained = {name.strip("` ") for row in rows(SECTION)[1:] for name in row[0].split(",")}
    assert explained == set(CourseField.__dataclass_fields__)
