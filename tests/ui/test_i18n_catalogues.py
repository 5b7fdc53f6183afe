"""The catalogues: equal keys in every language, complete, and accessed in one way only."""

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import pytest

import coursebook
from coursebook import errors
from coursebook.cldr import locale_of
from coursebook.errors import CoursebookError
from coursebook.sandbox.stripe import test_cards
from coursebook.settings import Settings
from coursebook.ui import i18n
from coursebook.ui.i18n import page_texts
from coursebook.ui.i18n.catalogs import HERE, MANAGE, Words
from coursebook.ui.i18n.text_files import our_catalog

PACKAGE = Path(coursebook.__file__).parent
OTHERS = [language for language in i18n.LANGUAGES if language != "en"]
ONLY_FOR_PROGRAMS = {
    "The first request with this key is still running; try again.",
    "The course is not published, so there is nothing to cancel.",
    "The course is not cancelled.",
}
Texts = Callable[[str], Words]
FOLDERS: dict[Texts, Path] = {i18n.of: HERE, i18n.manage_of: HERE / MANAGE}
CATALOGUES = [pytest.param(i18n.of, id="pages"), pytest.param(i18n.manage_of, id="console")]
FORMS = {"zero", "one", "two", "few", "many"}
"""The plural categories of CLDR beside `other`."""
COMPONENTS = ("pages", "components", "gallery", "kit", "layout.py", "page.py", "errors.py")


def test_german_is_there():
    assert i18n.LANGUAGES[:2] == ("en", "de")


@pytest.mark.parametrize("texts", CATALOGUES)
@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_texts_of_english(language: str, texts: Texts):
    assert names(language, texts) == names("en", texts)
    assert list(ours(language, texts).page) == list(ours("en", texts).page)


@pytest.mark.parametrize("texts", CATALOGUES)
@pytest.mark.parametrize("language", OTHERS)
def test_a_text_has_the_same_gaps_in_every_language(language: str, texts: Texts):
    english = dict(texts("en"))
    wrong = {
        name: (gaps(english[name]), gaps(text))
        for name, text in texts(language)
        if name[-1] not in FORMS and gaps(text) != gaps(english[name])
    }
    # A language may order the parts of a date freely, but it must have all of them.
    forms = {name: both for name, both in wrong.items() if name[0].endswith("_FORM")}
    assert wrong.keys() - forms.keys() == set()
    for english_gaps, other_gaps in forms.values():
        assert other_gaps <= english_gaps


@pytest.mark.parametrize("texts", CATALOGUES)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_form_of_a_number_has_no_gap_that_the_others_lack(language: str, texts: Texts):
    said = dict(texts(language))
    forms = {name: text for name, text in said.items() if name[-1] in FORMS}
    assert {name for name in forms if gaps(forms[name]) - gaps(said[name[0], "other"])} == set()


@pytest.mark.parametrize("texts", CATALOGUES)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_is_counted_has_each_form_that_the_language_needs(language: str, texts: Texts):
    tables = {name[0] for name, _ in texts("en") if name[-1] in FORMS}
    needed = {*locale_of(language).plural_form.tags, "other"}
    for table in tables:
        assert getattr(ours(language, texts), table).keys() == needed, table


@pytest.mark.parametrize("texts", CATALOGUES)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_text_is_empty_or_has_space_around_it(language: str, texts: Texts):
    loose = {name for name, text in texts(language) if text != text.strip()}
    assert loose <= {("TERMS_AND_THEN",)}
    assert all(text for _, text in texts(language))


@pytest.mark.parametrize("texts", CATALOGUES)
@pytest.mark.parametrize("language", OTHERS)
def test_what_is_translated_differs(language: str, texts: Texts):
    english = dict(texts("en"))
    same = {name for name, text in texts(language) if english[name] == text}
    assert {name for name in same if len(english[name].split()) > 2} == set()


def test_a_text_that_is_missing_is_named():
    with pytest.raises(AttributeError, match=r"FREEDOM; see de\.toml"):
        i18n.of("de").FREEDOM  # noqa: B018
    with pytest.raises(AttributeError, match=r"FREE; see \[page"):
        i18n.FREE  # noqa: B018


def test_a_component_says_a_text_that_the_page_looks_up():
    assert str(i18n.BOOK_NOW) == "words.BOOK_NOW"
    assert {str(text) for text in i18n.STATUS.values()} == {
        f"words.STATUS.{status}" for status in i18n.of("de").STATUS
    }


def test_the_browser_gets_no_text_that_only_python_says():
    texts = page_texts.tables()
    assert "Jetzt buchen" in texts
    assert i18n.of("de").PAID_MEANWHILE not in texts


def test_a_text_cannot_end_the_texts_of_a_page_early():
    for source in (page_texts.module(), page_texts.manage_module()):
        assert r'.replaceAll("<", "\\u003c")' in source


def test_every_refusal_has_its_sentence_in_every_language():
    for kind in subclasses(CoursebookError):
        if kind.__module__ == errors.__name__ and "sentence" in vars(kind):
            words = i18n.of("en")
            # A kind that shares the code of its base has its sentence among the details.
            shares_code = kind.code == getattr(kind.__base__, "code", "")
            texts = words.DETAIL.values() if shares_code else [words.REFUSAL[kind.code]]
            assert kind.sentence in texts
    codes = {kind.code for kind in subclasses(CoursebookError)} | {CoursebookError.code}
    assert set(i18n.of("en").REFUSAL) - codes == set(), "missing in coursebook/errors.py"
    for language in OTHERS:
        assert i18n.text_of(errors.CourseFull.sentence, language) != errors.CourseFull.sentence


def test_every_sentence_that_a_service_refuses_with_can_be_translated():
    said = set(refused_with()) - ONLY_FOR_PROGRAMS
    assert len(said) > 5
    assert said - set(i18n.of("en").DETAIL.values()) == set()


def test_every_reason_of_the_sandboxs_bank_can_be_translated():
    said = {why.message for why in vars(test_cards).values() if isinstance(why, test_cards.Decline)}
    assert said - set(i18n.of("en").DECLINE.values()) == set()


def test_a_sentence_that_nobody_knows_stays_as_it_is():
    assert i18n.text_of("Your bank says hello.", "de") == "Your bank says hello."
    assert i18n.text_of("Free", "de") == "Free"


def test_states_take_their_texts_in_the_visitors_language():
    """`words.NAME` is for components; in Python it would be a look-up that never happens."""
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        inside = path.relative_to(PACKAGE / "ui").parts
        if inside[0] in COMPONENTS or inside[0] == "i18n":
            continue
        taken = {n.attr for n in attributes_of_words(path)} - {"ENGLISH", "LANGUAGES"}
        assert not [name for name in taken if name.isupper()], path


def attributes_of_words(path: Path) -> Iterator[ast.Attribute]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "i18n":
            yield node


def ours(language: str, texts: Texts) -> Words:
    """Return the texts of our own file, without English for missing keys."""
    catalog = our_catalog(FOLDERS[texts] / f"{language}.toml")
    return Words(language, catalog["page"], catalog["server"])


def names(language: str, texts: Texts) -> set[tuple[str, ...]]:
    return {name for name, _ in ours(language, texts) if name[-1] not in FORMS}


def gaps(text: str) -> set[str]:
    return {gap for _, gap, _, _ in Formatter().parse(text) if gap is not None}


def subclasses(kind: type[CoursebookError]) -> Iterator[type[CoursebookError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from subclasses(below)


def refused_with() -> Iterator[str]:
    """Yield the sentences in `raise Kind("…")` and `raise Kind(CONSTANT)`."""
    kinds = {kind.__name__ for kind in subclasses(CoursebookError)}
    for folder in ("services", "identity"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                call = node.exc if isinstance(node, ast.Raise) else None
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                    continue
                if call.func.id in kinds and call.args:
                    yield from sentence(call.args[0], path)


def sentence(given: ast.expr, path: Path) -> Iterator[str]:
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.Name) and given.id.isupper():
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield getattr(importlib.import_module(".".join(parts)), given.id)


def test_a_text_that_is_named_by_a_number_is_read_as_javascript_allows():
    choice = i18n.manage.REMINDER_CHOICE
    assert str(choice["120"]) == 'manageWords.REMINDER_CHOICE["120"]'
    assert str(choice["school"]) == "manageWords.REMINDER_CHOICE.school"


def test_no_text_of_a_page_names_a_setting_of_the_server():
    names = {name.upper() for name in Settings.model_fields if "_" in name}
    for path in sorted(HERE.glob("**/*.toml")):
        texts = re.sub(r"(?m)^\S+ =", "", path.read_text())
        assert set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", texts)) & names == set(), path.name
