"""A school's words: five keys make a language, every other text is there, mistakes are told."""

from pathlib import Path

import pytest

from coursebook.school import School, SchoolError
from coursebook.school.word_folders import word_folders
from coursebook.ui.i18n.catalogs import languages_in, read_words

FRENCH = """\
BOOK_NOW = "Réserver"
[page.frame]
NAV_COURSES = "Cours"
[page.bookings]
STATUS = { confirmed = "Confirmée" }
[server]
FREE = "Gratuit"
[page.sign_in.SIGN_IN_PANEL]
again = "Réessayer"
"""


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """The folder of a school's words."""
    return tmp_path


def test_five_keys_make_a_language_and_no_text_is_empty(words: Path):
    (words / "fr.toml").write_text(FRENCH)
    french, english = read_words("fr", [words]), read_words("en", [])
    assert (french.BOOK_NOW, french.FREE, french.NAV_COURSES) == ("Réserver", "Gratuit", "Cours")
    assert french.STATUS["confirmed"] == "Confirmée"
    assert french.STATUS["failed"] == english.STATUS["failed"]
    assert french.SIGN_IN_PANEL["again"] == "Réessayer"
    assert french.TRY_AGAIN == english.TRY_AGAIN
    assert (french.LANGUAGE, french.LOCALE) == ("fr", "fr_FR")
    assert list(french.page) == list(english.page)
    assert all(text for _, text in french)


def test_a_language_with_more_plurals_than_english_counts_in_each(words: Path):
    (words / "pl.toml").write_text('[server.PLACES]\none = "{count} miejsce"\nfew = "{count} m."\n')
    places = read_words("pl", [words]).PLACES
    assert places["one"] == "{count} miejsce"
    assert places["few"] == "{count} m."
    assert places["many"] == places["other"] == read_words("en", []).PLACES["other"]


def test_a_school_beats_an_extension_and_any_german_beats_english(tmp_path: Path):
    school, extension = tmp_path / "school", tmp_path / "extension"
    for folder in (school, extension):
        folder.mkdir()
        (folder / "en.toml").write_text(f'HERO_TITLE = "{folder.name}"\nOURS = "{folder.name}"')
    (extension / "de.toml").write_text('OURS = "Unser Text"')
    folders = [extension, school]
    assert read_words("en", folders).HERO_TITLE == "school"
    assert read_words("de", folders).OURS == "Unser Text"
    assert read_words("de", folders).HERO_TITLE == read_words("de", []).HERO_TITLE


def test_a_new_text_is_one_of_pages_unless_it_is_said(words: Path):
    (words / "en.toml").write_text('[page.teachers]\nTEACHERS = "T"\n[server.teachers]\nWHO = "W"')
    english = read_words("en", [words])
    assert english.page["TEACHERS"] == "T"
    assert "WHO" not in english.page
    assert english.WHO == "W"


def test_the_languages_that_are_there_are_found(words: Path):
    (words / "fr.toml").write_text("")
    (words / "de.toml").write_text("")
    assert languages_in([words]) == ("en", "de", "fr")


@pytest.mark.parametrize("name", ["texts", "xx", "pt-BR", "EN"])
def test_a_file_must_be_named_as_a_language(words: Path, name: str):
    (words / f"{name}.toml").write_text("")
    with pytest.raises(SchoolError, match=r"the name of the file must be a language"):
        languages_in([words])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("BOOK_NOW = ''", "BOOK_NOW is empty; leave the line out to say it in English."),
        ("BOOK_NOW = 3", "BOOK_NOW must be a text in quotes."),
        ("STATUS = 'x'", "STATUS must be a table of texts."),
        ("[BOOK_NOW]\none = 'x'", "BOOK_NOW must be a text in quotes."),
        ("[STATUS]\nfailed = 3", "STATUS.failed must be a text in quotes."),
        ("book_now = 'x'", "book_now: names of texts are in capitals, such as BOOK_NOW."),
        ("YOUR_TIME = 'À {quand}'", "YOUR_TIME has the placeholder {quand}, which this text"),
        ("YOUR_TIME = 'À {quand}'", "it may use {when}."),
        ("BOOK_NOW = 'R {x}'", "it may use none."),
        ("YOUR_TIME = 'À {when'", "YOUR_TIME has a brace without its other half."),
        ("BOOK_NOW = 'a'\n[page]\nBOOK_NOW = 'b'", "BOOK_NOW is there twice."),
        ("BOOK_NOW = ", "is not valid TOML"),
    ],
)
def test_a_mistake_names_file_and_text(words: Path, text: str, told: str):
    (words / "fr.toml").write_text(text)
    with pytest.raises(SchoolError) as caught:
        read_words("fr", [words])
    assert str(caught.value).startswith(f"{words / 'fr.toml'}")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_words_lie_in_the_school_and_in_its_extensions(tmp_path: Path):
    for folder in ("words", "teachers/words", "notes/words"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "teachers" / "__init__.py").touch()
    assert word_folders(School(folder=tmp_path)) == (
        tmp_path / "teachers" / "words",
        tmp_path / "words",
    )
    assert word_folders(School()) == ()
