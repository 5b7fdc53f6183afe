"""When pages are rendered with a school's words and brand, and what a mistake in them says."""

import subprocess
from pathlib import Path

import pytest

from coursebook import school
from coursebook.run.build import school_pages, ui_build
from coursebook.run.paths import node_program
from coursebook.run.problem import CannotStart
from coursebook.school import School, read_school
from coursebook.settings import SchoolSettings
from coursebook.ui.reflex_compat.environment import CLIENT, SERVER


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A school without anything, and a build; «rendering» writes down its command."""
    built = tmp_path / "pages" / "0123"
    for file in (built.joinpath(*SERVER), built.joinpath(*CLIENT, "index.html")):
        file.parent.mkdir(parents=True)
        file.write_text("built")
    plain = school_pages.school_key(School())
    built.joinpath(*SERVER).with_name(school_pages.KEY).write_text(plain)
    monkeypatch.setattr(school_pages, "TOOLS", tmp_path)
    monkeypatch.setattr(ui_build, "BUILDS", tmp_path / "pages")
    monkeypatch.setattr(ui_build, "ensure_pages", lambda **_: built)

    def run(command: list[str]) -> None:
        with (tmp_path / "commands").open("a") as log:
            log.write(f"{Path(command[1]).name if command[0] == 'node' else 'texts'}\n")
        if command[0] != "node":
            Path(command[-1]).write_text("{}")

    monkeypatch.setattr(school_pages, "_run", run)
    (tmp_path / "school" / "words").mkdir(parents=True)
    monkeypatch.setenv("SCHOOL_DIR", str(tmp_path / "school"))
    return tmp_path / "school"


def pages() -> Path:
    return school_pages.ensure_school_pages(read_school(SchoolSettings()))


def commands(folder: Path) -> list[str]:
    path = folder.parent / "commands"
    return path.read_text().split() if path.exists() else []


def test_a_plain_product_shows_its_pages_as_they_were_built(folder: Path):
    assert pages() == folder.parent / "pages" / "0123"
    assert commands(folder) == []


def test_words_and_brand_are_rendered_once_for_each_change(folder: Path):
    (folder / "words" / "fr.toml").write_text('BOOK_NOW = "Réserver"')
    first = pages()
    assert first != folder.parent / "pages" / "0123"
    assert first.joinpath(*CLIENT, "index.html").exists()
    assert first.joinpath(*SERVER).with_name("catalogs.json").read_text() == "{}"
    assert commands(folder) == ["texts", "shells.mjs"]
    assert pages() == first
    assert commands(folder).count("shells.mjs") == 1
    (folder / "words" / "fr.toml").write_text('BOOK_NOW = "Je réserve"')
    assert pages() != first
    (folder / "school.toml").write_text('name = "Barro"')
    assert pages() != first
    assert commands(folder).count("shells.mjs") == 3


def test_words_and_brand_ask_for_no_build(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(school, "current", lambda: School(folder=folder))
    plain = ui_build.fingerprint()
    for name in ("school.toml", "words/fr.toml", "assets/logo.svg", "teachers/words/fr.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
        assert ui_build.fingerprint() == plain, name
    (folder / "teachers" / "__init__.py").write_text("extension = Extension(name='x', jobs=())")
    assert ui_build.fingerprint() == plain, "mails and jobs are not shown on pages"
    for part in ("pages", "fields"):
        (folder / "teachers" / "__init__.py").write_text(f"Extension(name='x', {part}=())")
        assert ui_build.fingerprint() != plain


def test_who_takes_the_school_away_gets_the_plain_pages(folder: Path):
    plain = folder.parent / "pages" / "0123"
    plain.joinpath(*SERVER).with_name("school.key").write_text("of a school")
    assert pages() == folder.parent / "pages" / f"0123-{school_pages.school_key(School())}"


def test_an_edit_of_our_own_texts_is_rendered_without_a_build(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    texts = folder.parent / "i18n"
    texts.mkdir()
    (texts / "en.toml").write_text('BOOK_NOW = "Book"')
    monkeypatch.setattr(school_pages, "TEXTS", texts)
    first = pages()
    assert commands(folder) == ["texts", "shells.mjs"]
    assert pages() == first
    (texts / "en.toml").write_text('BOOK_NOW = "Book it"')
    assert pages() != first


def test_what_pages_do_not_show_needs_no_new_pages():
    plain = school_pages.school_key(School())
    assert school_pages.school_key(School(address="Lisboa", email="a@b.example")) == plain
    assert school_pages.school_key(School(name="Barro")) != plain


def test_a_mistake_in_the_words_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "fr.toml").write_text('YOUR_TIME = "À {quand}"')
    monkeypatch.setenv("SCHOOL_DIR", str(tmp_path))
    monkeypatch.setattr(school_pages, "TOOLS", tmp_path)
    with pytest.raises(CannotStart) as caught:
        school_pages.write_catalogs(tmp_path / "catalogs.json")
    assert str(caught.value).startswith(f"{tmp_path}/words/fr.toml: YOUR_TIME has the placeholder")
    (tmp_path / "words" / "fr.toml").write_text('BOOK_NOW = "Réserver"')
    school_pages.write_catalogs(tmp_path / "catalogs.json")
    assert '"Réserver"' in (tmp_path / "catalogs.json").read_text()


BUILT = """
const text = () => globalThis.__coursebookCatalogs.en.T;
const answer = ({ url }) => new Response(`${new URL(url).pathname} ${text()}`);
const createRequestHandler = () => async (request) => answer(request);
export const entry = { module: { createRequestHandler } };
"""


def test_the_copies_beside_the_folders_of_pages_get_the_new_words(tmp_path: Path):
    server, client = tmp_path / "server", tmp_path / "client"
    (client / "courses").mkdir(parents=True)
    server.mkdir()
    (server / "index.mjs").write_text(BUILT)
    (server / "catalogs.json").write_text('{"en": {"T": "new"}}')
    (server / "shells.json").write_text("[]")
    for name in ("index.html", "index.html.br", "courses/index.html", "courses.html"):
        (client / name).write_text("old")
    command = [node_program() or "node", str(school_pages.SHELLS), str(server / "index.mjs")]
    subprocess.run([*command, str(client), "--again"], check=True)
    page, copy = client / "courses" / "index.html", client / "courses.html"
    assert (page.read_text(), copy.read_text()) == ("/courses/ new", "/courses/ new")
    for ending in (".br", ".gz"):
        assert Path(f"{copy}{ending}").read_bytes() == Path(f"{page}{ending}").read_bytes()
    assert {path.name for path in client.glob("*.html")} == {
        "index.html",
        "courses.html",
        "404.html",
        "unknown.html",
    }
