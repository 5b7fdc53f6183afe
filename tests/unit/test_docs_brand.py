"""The walk of docs/brand.md, done on an empty folder."""

from pathlib import Path

import pytest

from coursebook.run.build.school_pages import school_key
from coursebook.school import SchoolError, read_school
from coursebook.school.files import made_files, renamed_assets
from coursebook.school.reader import ENDINGS, MAX_LENGTHS
from coursebook.settings import SchoolSettings
from coursebook.ui.i18n.catalogs import languages_in, read_words
from tests.support.documents import page, rows

BRAND = page("docs/brand.md")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder as the page builds it."""
    monkeypatch.chdir(tmp_path)
    school, english, french = BRAND.blocks("toml")
    (logo,) = BRAND.blocks("xml")
    files = {"school.toml": school, "assets/logo.svg": logo}
    files |= {"words/en.toml": english, "words/fr.toml": french}
    for name, text in files.items():
        path = tmp_path / "school" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "school"


def test_the_walk_makes_a_school(folder: Path):
    school = read_school(SchoolSettings(school_dir=Path("school")))
    assert (school.name, school.accent, school.logo_url) == (
        "Oficina do Barro",
        "#9a3412",
        "/logo.svg",
    )
    assert school_key(school)
    assert {"/school.css", "/og.png"} <= set(made_files(school))
    assert renamed_assets(school) == {"/favicon.svg": folder / "assets" / "logo.svg"}
    assert school.words is not None
    assert languages_in([school.words]) == ("en", "fr")
    french = read_words("fr", [school.words])
    assert french.BOOK_NOW == "Réserver"
    assert french.HERO_TEXT == read_words("en", [school.words]).HERO_TEXT
    assert french.HERO_TEXT.startswith("Evenings and weekends in Lisbon")


def test_every_key_of_the_file_is_explained_with_its_kinds_of_files():
    documented = {
        row[0].strip("`"): row[1] for row in rows(BRAND.section("Name, colours, logo"))[1:]
    }
    assert list(documented) == list(MAX_LENGTHS)
    for key, endings in ENDINGS.items():
        assert all(f"`{ending}`" in documented[key] for ending in endings)


def test_the_sentence_of_the_page_is_the_one_that_comes(folder: Path):
    path = folder / "school.toml"
    path.write_text(path.read_text().replace('"#9a3412"', '"#e07a5f"'))
    with pytest.raises(SchoolError) as caught:
        read_school(SchoolSettings(school_dir=Path("school")))
    assert f"{caught.value}\n" in BRAND.section("What stops the start")
