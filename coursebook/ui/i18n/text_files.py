"""Reads the files of texts: ours, and those of a school that lie over them.

A school's file has only the texts that it changes. Every mistake in it becomes one sentence that
names the file and the text, so that no page ever shows an empty label.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from coursebook.school import SchoolError
from coursebook.school.errors import report
from coursebook.school.texts import check_placeholders, parsed_toml, read_toml

SECTIONS = ("page", "server")
"""`page` has the texts of components, `server` those that Python formats."""
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})

Texts = dict[str, Any]
"""Texts by their names; a table of texts is a mapping."""
Catalog = dict[str, Texts]
"""The texts of one language by section."""


def our_catalog(path: Path) -> Catalog:
    """Return the texts of one of our own files, which has both sections."""
    parts = parsed_toml(path)
    return {section: dict(_named(parts[section], path)) for section in SECTIONS}


def laid_over(base: Catalog, language: str, folders: Sequence[Path], english: Catalog) -> Catalog:
    """Return `base` with the texts that these folders have in a language, later folders last.

    `english` has every text that exists so far: it says which section a text belongs to, what
    shape it has, and which placeholders it may use. New names are texts of pages. Reports each
    mistake as a SchoolError.
    """
    merged = {section: dict(texts) for section, texts in base.items()}
    for folder in folders:
        path = folder / f"{language}.toml"
        if path.is_file():
            _lay_file_over(merged, path, english)
    return merged


def merged_texts(under: Texts, over: Texts) -> Texts:
    """Return all texts of both; those of `over` win, also inside of tables."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        is_table = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[name] = {**below, **value} if is_table else value
    return merged


def _lay_file_over(merged: Catalog, path: Path, english: Catalog) -> None:
    parts = read_toml(path)
    for section, written in _by_section(parts, english, path):
        valid = {}
        for name, value in written.items():
            mistakes = [*_mistakes(name, value, english[section].get(name))]
            for mistake in mistakes:
                report(SchoolError(f"{path}: {mistake}"))
            if not mistakes:
                valid[name] = value
        merged[section] = merged_texts(merged[section], valid)


def _by_section(
    parts: Mapping[str, Any], english: Catalog, path: Path
) -> Iterator[tuple[str, Texts]]:
    """Yield the texts of each section; where in a file a known text is written does not matter."""
    sections: Catalog = {section: {} for section in SECTIONS}
    for top, value in parts.items():
        is_server = top == "server"
        for name, text in _named({top: value}, path):
            existing = next((section for section in SECTIONS if name in english[section]), None)
            section = existing or ("server" if is_server else "page")
            if name in sections[section]:
                report(SchoolError(f"{path}: {name} is there twice."))
            sections[section][name] = text
    yield from sections.items()


def _named(section: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the texts and tables of a section; lower-case names are only groups."""
    for name, value in section.items():
        if name.isupper():
            yield name, value
        elif isinstance(value, Mapping):
            yield from _named(value, path)
        else:
            sentence = f"{path}: {name}: names of texts are in capitals, such as BOOK_NOW."
            report(SchoolError(sentence))


def _mistakes(name: str, value: object, english: object) -> Iterator[str]:
    """Yield a sentence for each mistake in a text, or in the texts of a table."""
    if isinstance(value, str) and not isinstance(english, Mapping):
        yield from _text_mistakes(name, value, english)
    elif isinstance(value, Mapping) and not isinstance(english, str):
        for key, text in value.items():
            label = f"{name}.{key}"
            if isinstance(text, str):
                yield from _text_mistakes(label, text, _counterpart(key, english))
            else:
                yield f"{label} must be a text in quotes."
    else:
        wanted = "a table of texts" if isinstance(english, Mapping) else "a text in quotes"
        yield f"{name} must be {wanted}."


def _counterpart(key: str, english: object) -> object:
    """Return the English text for a text of a table; a plural form may say what `other` says."""
    if not isinstance(english, Mapping):
        return None
    return english.get("other" if key in PLURALS and "other" in english else key)


def _text_mistakes(label: str, text: str, english: object) -> Iterator[str]:
    if not text.strip():
        yield f"{label} is empty; leave the line out to say it in English."
    try:
        check_placeholders(label, text, english if isinstance(english, str) else None)
    except SchoolError as error:
        yield str(error)
