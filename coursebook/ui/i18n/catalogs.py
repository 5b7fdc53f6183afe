"""The text catalogs of all languages: our files, with those of the school over them, cached.

English replaces every text that a language lacks. In the same language a school's text has priority
over an extension's, and that over ours; any text in the requested language has priority over
English.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from coursebook import school
from coursebook.cldr import locale_of
from coursebook.school import SchoolError
from coursebook.school.errors import report
from coursebook.school.word_folders import word_folders
from coursebook.ui.i18n.text_files import (
    PLURALS,
    SECTIONS,
    Catalog,
    Texts,
    laid_over,
    merged_texts,
    our_catalog,
)

HERE = Path(__file__).parent
MANAGE = "manage"
"""The folder with the texts of the console, in ours and in those of a school."""
ENGLISH = "en"
"""The fallback language, and the reference for the other catalogs."""
_CODE = re.compile(r"[a-z]{2,3}")


def folder_of(language: str) -> str:
    """Return the path prefix of the static pages of a language: "/_de"; "" for English."""
    return "" if language == ENGLISH else f"/_{language}"


class Words:
    """The texts of one language: `of("de").FREE`; tables are mappings: `STATUS["failed"]`.

    `page` has the texts of components; those that Python formats are not in it.
    """

    def __init__(self, language: str, page: Mapping[str, Any], server: Mapping[str, Any]) -> None:
        self.language, self.page = language, page
        self._all = {**page, **server}

    def __getattr__(self, name: str) -> Any:
        try:
            return self._all[name]
        except KeyError:
            raise AttributeError(f"No text is called {name}; see {self.language}.toml.") from None

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield every text with its name: `("FREE",)`, `("STATUS", "failed")`."""
        for name, value in self._all.items():
            if isinstance(value, str):
                yield (name,), value
            else:
                yield from (((name, key), text) for key, text in value.items())


def languages_in(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the languages that any of the folders has a file of, English first.

    Reports a SchoolError for a file whose name is no language that browsers ask for.
    """
    languages = set()
    for path in [path for folder in folders for path in sorted(folder.glob("*.toml"))]:
        if _is_language(path.stem):
            languages.add(path.stem)
        else:
            sentence = f"{path}: the name of the file must be a language, such as fr.toml."
            report(SchoolError(sentence))
    return (ENGLISH, *sorted(languages - {ENGLISH}))


def read_words(language: str, folders: Sequence[Path], here: Path = HERE) -> Words:
    """Return the texts of a language, with those of `folders` over those in `here`.

    Reports SchoolErrors.
    """
    ours = our_catalog(here / f"{ENGLISH}.toml")
    english = laid_over(ours, ENGLISH, folders, ours)
    if language == ENGLISH:
        return Words(ENGLISH, english["page"], english["server"])
    path = here / f"{language}.toml"
    base = our_catalog(path) if path.is_file() else _unwritten(language)
    catalog = laid_over(base, language, folders, english)
    page, server = (_complete(english[name], catalog[name], language) for name in SECTIONS)
    return Words(language, page, server)


@cache
def of(language: str) -> Words:
    """Return the texts of a language of `LANGUAGES`."""
    return read_words(language, FOLDERS)


@cache
def manage_of(language: str) -> Words:
    """Return the texts of the console in a language of `LANGUAGES`."""
    return read_words(language, [folder / MANAGE for folder in FOLDERS], HERE / MANAGE)


def text_of(english: str, language: str) -> str:
    """Return an English sentence in another language, or unchanged without a translation.

    For sentences that other layers provide: refusals of the services, decline reasons.
    """
    name = _english_names().get(english)
    if name is None:
        return english
    text = of(language)
    for part in name:
        text = text[part] if isinstance(text, Mapping) else getattr(text, part)
    return str(text)


READY = ("REFUSAL", "DETAIL", "DECLINE", "INBOX_CAUSE", "INBOX_MONEY")
"""Tables of sentences that other layers provide in English."""


@cache
def _english_names() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the sentences by our own English, whatever a school says instead."""
    ours = our_catalog(HERE / f"{ENGLISH}.toml")
    words = Words(ENGLISH, ours["page"], ours["server"])
    return {text: name for name, text in words if name[0] in READY}


def _complete(english: Texts, wanted: Texts, language: str) -> Texts:
    """Return the texts with English behind every missing one, in the order of English.

    A language with more plural forms than English takes `other` for those that are missing.
    """
    complete = merged_texts(english, wanted)
    forms = {*locale_of(language).plural_form.tags}
    for name, table in complete.items():
        is_plural = isinstance(table, Mapping) and "other" in table and set(table) <= PLURALS
        if is_plural:
            complete[name] = {**dict.fromkeys(forms, table["other"]), **table}
    return complete


def _unwritten(language: str) -> Catalog:
    """Return the texts of a language without a file of ours: only its name."""
    territory = get_global("likely_subtags").get(language, "").rpartition("_")[2]
    locale = f"{language}_{territory}" if territory else language
    return {"page": {"LANGUAGE": language, "LOCALE": locale}, "server": {}}


def _is_language(name: str) -> bool:
    try:
        return bool(_CODE.fullmatch(name)) and bool(Locale.parse(name))
    except (UnknownLocaleError, ValueError):
        return False


FOLDERS = word_folders(school.current())
LANGUAGES = languages_in([HERE, *FOLDERS])
