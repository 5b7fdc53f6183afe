"""The catalogs of the mails: our files, with those of the school over them, cached.

A school's texts are in `mails/<language>.toml` of its folder of words. They have the same tables as
ours, and may have further ones. English replaces every text that a language lacks.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from babel import UnknownLocaleError

from coursebook import school
from coursebook.cldr import locale_of
from coursebook.school import SchoolError
from coursebook.school.errors import report
from coursebook.school.texts import check_placeholders, read_toml
from coursebook.school.word_folders import word_folders

HERE = Path(__file__).parent
ENGLISH = "en"
"""The fallback language, and the reference for the other catalogs."""
MAILS = "mails"
"""The folder of these texts, in a folder of words of the school."""

Tables = dict[str, dict[str, str]]
"""The texts of one language by table and name."""


class Texts:
    """The texts of one language, by table and name: `of("de").text("booked", "subject")`.

    `language` is the language whose dates and amounts go with the texts.
    """

    def __init__(self, language: str, tables: Tables) -> None:
        self.language, self._tables = language, tables

    def text(self, table: str, name: str, **values: str) -> str:
        """Return a text with its gaps filled. Raises KeyError for a text that is nowhere."""
        return self.pattern(table, name).format(**values)

    def pattern(self, table: str, name: str) -> str:
        """Return a text with its gaps. Raises KeyError."""
        return self._tables[table][name]

    def names(self, table: str) -> Mapping[str, str]:
        """Return a table of texts without gaps, by name."""
        return self._tables[table]

    def has(self, table: str, name: str) -> bool:
        """Tell whether there is such a text."""
        return name in self._tables.get(table, {})

    def __iter__(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield every text with its table and name."""
        for table, texts in self._tables.items():
            yield from (((table, name), text) for name, text in texts.items())


def read_texts(language: str, folders: Sequence[Path]) -> Texts:
    """Return the texts of a language, with those of `folders` over ours. Reports SchoolErrors."""
    english = _tables(HERE / f"{ENGLISH}.toml", {})
    for folder in folders:
        english = _merged(english, _tables(folder / f"{ENGLISH}.toml", english))
    if language == ENGLISH:
        return Texts(ENGLISH, english)
    merged = english
    for folder in (HERE, *folders):
        merged = _merged(merged, _tables(folder / f"{language}.toml", english))
    return Texts(language, merged)


@cache
def of(language: str) -> Texts:
    """Return the texts of a language; the English ones when we do not have it."""
    return read_texts(language if language in LANGUAGES else ENGLISH, FOLDERS)


def check_texts(folders: Sequence[Path] | None = None) -> None:
    """Read the texts of every language. Reports each mistake as a SchoolError."""
    folders = FOLDERS if folders is None else folders
    for language in languages_in(folders):
        try:
            locale_of(language)
        except (UnknownLocaleError, ValueError):
            name = f"{MAILS}/{language}.toml"
            report(SchoolError(f"{name}: the name of the file must be a language."))
            continue
        read_texts(language, folders)


def languages_in(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the languages that we, or any of the folders, have a file of, English first."""
    files = {path.stem for folder in (HERE, *folders) for path in folder.glob("*.toml")}
    return (ENGLISH, *sorted(files - {ENGLISH}))


def _merged(under: Tables, over: Tables) -> Tables:
    return {table: {**under.get(table, {}), **over.get(table, {})} for table in {**under, **over}}


def _tables(path: Path, english: Tables) -> Tables:
    """Return the valid texts of a file, none when it does not exist. Reports SchoolErrors."""
    tables: Tables = {}
    for table, texts in read_toml(path).items() if path.is_file() else ():
        if not isinstance(texts, Mapping):
            report(SchoolError(f"{path}: {table} must be a table of texts, such as [booked]."))
            continue
        tables[table] = {}
        for name, text in texts.items():
            try:
                _check(f"{path}: {table}.{name}", text, english.get(table, {}).get(name))
                tables[table][name] = text
            except SchoolError as error:
                report(error)
    return tables


def _check(label: str, text: object, english: str | None) -> None:
    """Raise SchoolError for a text that cannot be shown."""
    if not isinstance(text, str) or not text.strip():
        raise SchoolError(f"{label} must be a text in quotes that is not empty.")
    check_placeholders(label, text, english)


FOLDERS = tuple(folder / MAILS for folder in word_folders(school.current()))
LANGUAGES = languages_in(FOLDERS)
