"""The catalogs of the mails: complete, equal in every language, and with a school's texts over."""

import re
from pathlib import Path

import pytest

from coursebook.domain.inbox import CAUSE, MONEY
from coursebook.mail import i18n
from coursebook.mail.i18n.catalogs import FOLDERS, HERE, check_texts, read_texts
from coursebook.school import SchoolError
from coursebook.school.texts import placeholders

OTHERS = [language for language in i18n.LANGUAGES if language != i18n.ENGLISH]
QUOTES = {"en": "“”", "de": "„“"}
"""The typographic quotation marks of a language."""
ANY_QUOTE = re.compile('[«»„“”"‘‚]')


def own_texts(language: str) -> dict[tuple[str, str], str]:
    """Return what stands in our file of a language, without English behind it."""
    english = {name for name, _ in read_texts("en", ())}
    lines = (HERE / f"{language}.toml").read_text(encoding="utf-8").splitlines()
    table, names = "", set()
    for line in lines:
        if line.startswith("["):
            table = line.strip("[]")
        elif " = " in line:
            names.add((table, line.partition(" = ")[0]))
    assert names <= english
    return {name: text for name, text in read_texts(language, ()) if name in names}


def test_english_and_german_are_there() -> None:
    assert i18n.LANGUAGES == ("en", "de")
    assert FOLDERS == ()


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_texts_of_english(language: str) -> None:
    assert own_texts(language).keys() == own_texts("en").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_has_the_same_gaps_in_every_language(language: str) -> None:
    english = own_texts("en")
    for name, text in own_texts(language).items():
        assert placeholders(text) == placeholders(english[name]), name


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_quotes_are_those_of_the_language(language: str) -> None:
    marks = set(QUOTES[language])
    for name, text in own_texts(language).items():
        assert set(ANY_QUOTE.findall(text)) <= marks, name
        assert "'" not in text.replace("Stripe's", "").replace("student's", ""), name


def test_what_is_translated_differs() -> None:
    german, english = own_texts("de"), own_texts("en")
    same = {name for name, text in german.items() if text == english[name]}
    assert {name for name in same if len(english[name].split()) > 2 and name[0] != "forms"} == set()


def test_the_sentences_of_the_inbox_are_those_of_the_domain() -> None:
    texts = i18n.of("en")
    for kind in CAUSE:
        assert texts.text("inbox_cause", kind.value) == CAUSE[kind]
        assert texts.text("inbox_money", kind.value) == MONEY[kind]


def test_a_school_lays_its_texts_over_ours_and_english_stands_behind(tmp_path: Path) -> None:
    french = '[booked]\nsubject = "Réservé"\n[open_day]\nsubject = "Portes ouvertes"\n'
    (tmp_path / "fr.toml").write_text(french, encoding="utf-8")
    (tmp_path / "en.toml").write_text('[booked]\nsecond = "See you!"\n', encoding="utf-8")
    texts = read_texts("fr", [tmp_path])
    assert (texts.language, texts.text("booked", "subject")) == ("fr", "Réservé")
    assert texts.text("booked", "second") == "See you!"
    assert texts.text("open_day", "subject") == "Portes ouvertes"
    assert texts.text("hold_ending", "subject") == "Your place is held a little longer"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            '[booked]\nfirst = "{titel}"',
            "booked.first has the placeholder {titel}, which this text does not have",
        ),
        ('[booked]\nfirst = ""', "booked.first must be a text in quotes that is not empty"),
        ('[booked]\nfirst = "{"', "booked.first has a brace without its other half"),
        ('booked = "x"', "booked must be a table of texts"),
        ("[booked", "is not valid TOML"),
    ],
)
def test_a_mistake_in_a_school_s_file_is_one_sentence(
    tmp_path: Path, source: str, sentence: str
) -> None:
    (tmp_path / "de.toml").write_text(source, encoding="utf-8")
    with pytest.raises(SchoolError) as error:
        check_texts([tmp_path])
    assert sentence in str(error.value)
    assert "de.toml" in str(error.value)


def test_a_file_that_is_named_like_no_language_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "german.toml").write_text("", encoding="utf-8")
    with pytest.raises(SchoolError, match=r"mails/german\.toml: the name of the file must be"):
        check_texts([tmp_path])
